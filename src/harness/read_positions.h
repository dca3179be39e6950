#pragma once
#include <map>

#include "base/ids.h"
#include "base/uuid.h"
#include "harness/membership.h"

namespace moldau::harness {

struct ReadPosition {
  Offset next = k_no_offset;  // none: the committed offset is not known yet
  Offset committed = k_no_offset;
  Uuid topic_id{};
};

// How far a member came in what it owns.
using ReadPositions = std::map<client::TopicPartition, ReadPosition>;

// Forgets what it does not own any more. A topic may have been made again under its name while the
// member waited for an answer, and then it owns the partition of the new one: that begins anew.
void keep_owned(ReadPositions& positions, const Membership& membership);

}  // namespace moldau::harness
