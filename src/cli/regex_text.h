#pragma once
#include <optional>
#include <string>

namespace moldau::cli {

// Why RE2 does not take the pattern, in the words of the RE2 that Kafka's tool has; nullopt when
// it does.
[[nodiscard]] std::optional<std::string> problem_of_pattern(const std::string& pattern);

}  // namespace moldau::cli
