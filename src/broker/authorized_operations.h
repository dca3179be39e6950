#pragma once
#include <cstdint>
#include <string_view>

#include "broker/request_context.h"

namespace moldau::broker {

// What Metadata and DescribeCluster answer when nobody asked for operations.
inline constexpr std::int32_t k_operations_not_asked = INT32_MIN;

// The operations on a resource that the client may do, as a bit field by operation code (KIP-430).
[[nodiscard]] std::int32_t authorized_topic_operations(const RequestContext& context,
                                                       std::string_view topic);
[[nodiscard]] std::int32_t authorized_group_operations(const RequestContext& context,
                                                       std::string_view group);
[[nodiscard]] std::int32_t authorized_cluster_operations(const RequestContext& context);

}  // namespace moldau::broker
