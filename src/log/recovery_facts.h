#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace moldau::log {

// What opening a log took away or had to make anew. log/ writes no lines: whoever opens a log does.
struct RecoveryFacts {
  // Bytes that were no intact batches, at the end or with all that stood behind them.
  struct Cut {
    std::string file;
    std::uint64_t position = 0;  // in `file`, where the log ends now
    Offset end;                  // and its offset
    std::uint64_t bytes = 0;     // of all files that are gone or shorter
    std::size_t segments = 0;    // removed behind `file`
  };
  std::optional<Cut> cut;
  bool was_clean = false;           // the marker said that nothing needed to be recovered
  std::size_t indexes_missing = 0;  // segments without one
};

// One sentence for the node's log.
[[nodiscard]] std::string describe(const RecoveryFacts& facts, const RecoveryFacts::Cut& cut);

// Why a log is not opened when what is damaged had been durable: where, and what to do.
[[nodiscard]] Error damage_of_durable(const std::string& file, std::uint64_t position,
                                      Offset offset);

}  // namespace moldau::log
