#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "broker/topic_partition.h"
#include "metadata/image.h"

namespace moldau::broker {

// Which of `count` partitions of a coordinator's topic has a group or a transactional id.
// Source: GroupCoordinatorService.partitionFor, TransactionStateManager.partitionFor.
[[nodiscard]] PartitionIndex coordinator_partition(std::string_view key, std::int32_t count);

// The same of a topic as it is; nullopt: it does not exist.
[[nodiscard]] std::optional<TopicIdPartition> coordinator_partition(const metadata::Image& image,
                                                                    std::string_view topic,
                                                                    std::string_view key);

}  // namespace moldau::broker
