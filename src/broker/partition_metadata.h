#pragma once
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "metadata/image.h"

namespace moldau::broker {

// Replicas that clients on `listener` cannot reach: on a broker that is not registered, fenced or
// without such a listener, or in a directory that is offline. Source: KRaftMetadataCache.
[[nodiscard]] std::vector<BrokerId> offline_replicas(const metadata::Image& image,
                                                     const metadata::Partition& partition,
                                                     std::string_view listener);

}  // namespace moldau::broker
