#include "harness/read_positions.h"

namespace moldau::harness {

void keep_owned(ReadPositions& positions, const Membership& membership) {
  std::erase_if(positions, [&](const auto& one) {
    const auto& [partition, position] = one;
    return !membership.owned().contains(partition) ||
           membership.topic_id(partition) != position.topic_id;
  });
}

}  // namespace moldau::harness
