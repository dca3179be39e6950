#pragma once
#include <string_view>

#include "base/result.h"

namespace moldau {

// Whether a topic may be called so. Errors: invalid_topic_exception with Kafka's sentence.
// Source: Topic.validate.
[[nodiscard]] Result<void> check_topic_name(std::string_view name);

}  // namespace moldau
