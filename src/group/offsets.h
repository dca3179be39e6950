#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/uuid.h"

namespace moldau::group {

struct CommittedOffset {
  Offset offset;
  LeaderEpoch leader_epoch = k_no_leader_epoch;
  std::string metadata;
  Timestamp committed{};
  Timestamp expires = k_no_timestamp;  // only old clients give one
  Uuid topic_id;                       // zero: committed by name
  Offset record_offset;                // where the record is in __consumer_offsets
};

using PartitionOffsets = std::map<PartitionIndex, CommittedOffset>;
using TopicOffsets = std::map<std::string, PartitionOffsets, std::less<>>;

// The offsets that groups committed, and those that wait for the end of a transaction.
// Invariant: only replay of records and markers changes it.
// Source:    OffsetMetadataManager.
class Offsets {
 public:
  // nullptr: the group has none.
  [[nodiscard]] const TopicOffsets* of(std::string_view group) const;
  [[nodiscard]] const CommittedOffset* find(std::string_view group, std::string_view topic,
                                            PartitionIndex partition) const;
  // Whether an offset of it waits for the end of a transaction.
  [[nodiscard]] bool is_pending(std::string_view group) const;
  [[nodiscard]] bool is_pending(std::string_view group, std::string_view topic,
                                PartitionIndex partition) const;
  [[nodiscard]] std::vector<std::pair<std::string, PartitionIndex>> pending_of(
      std::string_view group) const;

  // Partitions of `topic` that have an offset of any group, pending ones too.
  struct Holder {
    std::string group;
    PartitionIndex partition;
    Uuid topic_id;
  };
  [[nodiscard]] std::vector<Holder> holders_of(std::string_view topic) const;

  void put(const std::string& group, const std::string& topic, PartitionIndex partition,
           CommittedOffset offset);
  void put_pending(ProducerId producer, const std::string& group, const std::string& topic,
                   PartitionIndex partition, CommittedOffset offset);
  // Those that are pending go too.
  void drop(const std::string& group, const std::string& topic, PartitionIndex partition);
  // What was pending counts where its record is behind the one that counts now: compaction of the
  // log must not change which one does.
  void end_transaction(ProducerId producer, bool committed);

 private:
  using GroupOffsets = std::map<std::string, TopicOffsets, std::less<>>;
  using Producers = std::set<ProducerId>;
  using OpenTopics = std::map<std::string, std::map<PartitionIndex, Producers>, std::less<>>;
  static bool erase(GroupOffsets& from, const std::string& group, const std::string& topic,
                    PartitionIndex partition);
  void close(const std::string& group, const std::string& topic, PartitionIndex partition,
             ProducerId producer);

  GroupOffsets committed_;
  std::map<ProducerId, GroupOffsets> pending_;
  std::map<std::string, OpenTopics, std::less<>> open_;  // who holds what is pending
};

}  // namespace moldau::group
