#pragma once
#include <string_view>

#include "metadata/image.h"

namespace moldau::controller {

inline constexpr std::string_view k_metadata_topic = "__cluster_metadata";

// '.' and '_' are the same in metric names, so topics that differ only there collide.
// nullptr: no existing topic collides. A topic of the very name counts too.
[[nodiscard]] const metadata::Topic* colliding_topic(const metadata::Topics& topics,
                                                     std::string_view name);

}  // namespace moldau::controller
