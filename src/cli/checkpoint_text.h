#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace moldau::cli {

// Whether dump-log reads a file of this name as one of the small text files of a log directory:
// leader-epoch-checkpoint, the four offset checkpoints, partition.metadata, quorum-state,
// meta.properties, .kafka_cleanshutdown. Kafka's tool passes over all of them.
[[nodiscard]] bool is_checkpoint_name(std::string_view name);

// A line for each thing the file says, in the words of Kafka's other dumps.
// Context: pure. REQUIRES: is_checkpoint_name(name).
// Errors: corrupt_data, with the line, for what Kafka refuses to start on.
[[nodiscard]] Result<std::string> checkpoint_text(std::string_view name, std::string_view content);

}  // namespace moldau::cli
