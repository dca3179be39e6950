#include "log/recovery_facts.h"

#include <fmt/core.h>

#include <iterator>

namespace moldau::log {

std::string describe(const RecoveryFacts& facts, const RecoveryFacts::Cut& cut) {
  std::string text = fmt::format("{}: cut at byte {}, the log ends at offset {} now: {} bytes",
                                 cut.file, cut.position, cut.end, cut.bytes);
  if (cut.segments > 0) fmt::format_to(std::back_inserter(text), ", {} segments,", cut.segments);
  text += " from there on were damaged or incomplete";
  if (facts.was_clean) text += ", although the log had been closed whole";
  return text;
}

Error damage_of_durable(const std::string& file, std::uint64_t position, Offset offset) {
  return fail(
             Errc::corrupt_data,
             "{0}: damaged at byte {1}, offset {2}, where every byte had been on the disk. Put the "
             "directory back from a copy. To go on without the records from offset {2} on, remove "
             "the .log files behind this one and type: truncate -s {1} {0}",
             file, position, offset)
      .error();
}

}  // namespace moldau::log
