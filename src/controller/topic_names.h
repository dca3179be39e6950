#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "metadata/image.h"

namespace moldau::controller {

inline constexpr std::size_t k_topic_name_size_max = 249;
inline constexpr std::string_view k_metadata_topic = "__cluster_metadata";

// Errors: invalid_topic_exception with Kafka's sentence. Source: Topic.validate.
[[nodiscard]] Result<void> check_topic_name(std::string_view name);
// '.' and '_' are the same in metric names, so topics that differ only there collide.
// nullptr: no existing topic collides. A topic of the very name counts too.
[[nodiscard]] const metadata::Topic* colliding_topic(const metadata::Topics& topics,
                                                     std::string_view name);

}  // namespace moldau::controller
