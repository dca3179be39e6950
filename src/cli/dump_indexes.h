#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "cli/file_window.h"
#include "cli/tool.h"
#include "log/index_format.h"

namespace moldau::cli {

struct IndexChoices {
  bool sanity_only = false;                    // --index-sanity-check
  bool verify_only = false;                    // --verify-index-only
  std::uint64_t message_bytes_max = 5U << 20;  // --max-message-size
};

// The path as Java's File shows it: slashes neither doubled nor at the end.
[[nodiscard]] std::string normal_path(std::string_view path);
[[nodiscard]] std::string absolute_path(const ToolContext& context, const std::string& path);
[[nodiscard]] std::string name_in_path(const std::string& path);
// The offset in "<offset>.log". Errors: an exception as Kafka's tool ends with.
[[nodiscard]] Result<Offset> base_in_path(const std::string& path);
[[nodiscard]] env::Task<Result<FileWindow>> open_to_dump(ToolContext& context, std::string path);
// A batch that cannot be read, as the exception that ends Kafka's tool.
[[nodiscard]] std::unexpected<Error> unreadable(const Error& error);

// Prints the entries of .index and .timeindex files and compares them with their logs.
// Source: DumpLogSegments.dumpIndex, dumpTimeIndex. Errors are exceptions that end Kafka's tool.
class IndexDumper {
 public:
  IndexDumper(ToolContext& context, IndexChoices choices) : context_(context), choices_(choices) {}

  [[nodiscard]] env::Task<Result<void>> dump_offsets(std::string path);
  [[nodiscard]] env::Task<Result<void>> dump_times(std::string path);
  // What did not fit, of all files so far, as it goes to standard error.
  [[nodiscard]] std::string mistakes() const;

 private:
  using TimePairs = std::map<std::string, std::vector<std::pair<Timestamp, Timestamp>>>;
  struct TimeFiles {
    FileWindow& log;
    FileWindow* offset_index;  // nullptr: there is none
    std::string path;
    std::string log_path;
    Offset base;
  };
  [[nodiscard]] env::Task<Result<void>> compare(FileWindow& log, std::string path,
                                                std::string log_path, log::OffsetEntry entry);
  [[nodiscard]] env::Task<Result<void>> compare(TimeFiles& files, log::TimeEntry entry,
                                                Timestamp previous);

  ToolContext& context_;
  IndexChoices choices_;
  std::map<std::string, std::map<Offset, Offset>> mismatches_;  // entry, log
  TimePairs timestamps_;                                        // entry, log
  TimePairs out_of_order_;                                      // entry, the one before
  std::map<std::string, std::vector<std::pair<Offset, Offset>>> not_found_;  // entry, log or -1
};

}  // namespace moldau::cli
