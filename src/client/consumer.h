#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/group_offsets.h"
#include "client/group_session.h"
#include "client/interceptor.h"
#include "client/member.h"
#include "client/reader.h"

namespace moldau::client {

enum class GroupProtocol : std::uint8_t { classic, consumer };  // group.protocol

struct ConsumerSettings {
  std::optional<GroupSettings> group;  // without it: assign() only, and no commits
  GroupProtocol protocol = GroupProtocol::classic;
  std::string assignors = "range,cooperative-sticky";  // partition.assignment.strategy (classic)
  bool auto_commit = true;                             // enable.auto.commit
  Milliseconds auto_commit_interval{5'000};            // auto.commit.interval.ms
  ReaderSettings reader;
  std::vector<std::shared_ptr<ConsumerInterceptor>> interceptors;  // interceptor.classes
};

// What a program does when partitions come and go. Called from poll(), unsubscribe() and close(),
// one at a time; may commit, seek, pause and ask for positions.
class RebalanceListener {
 public:
  RebalanceListener() = default;
  RebalanceListener(const RebalanceListener&) = delete;
  RebalanceListener& operator=(const RebalanceListener&) = delete;
  virtual ~RebalanceListener() = default;
  [[nodiscard]] virtual env::Task<void> on_assigned(std::vector<TopicPartition> partitions) = 0;
  [[nodiscard]] virtual env::Task<void> on_revoked(std::vector<TopicPartition> partitions) = 0;
  // They may be another member's already.
  [[nodiscard]] virtual env::Task<void> on_lost(std::vector<TopicPartition> partitions) {
    return on_revoked(std::move(partitions));
  }
};

// Reads topics, as a member of a group (subscribe) or alone (assign), and commits how far it came.
// Both group protocols, with the behaviour of Kafka's consumer:
//  - poll() at least every max.poll.interval.ms, or the partitions go to others;
//  - a partition begins at the group's committed offset, else where auto.offset.reset says;
//  - with auto commit, poll() commits every auto.commit.interval.ms what earlier polls returned,
//    and so do rebalances and close().
// Heartbeats go on between polls.
// Errors of poll(): those of PartitionReader; what the coordinator refuses for good
// (group_authorization_failed, fenced_instance_id, ...); offset_out_of_range when a partition has
// no position and the reset policy is none.
// Context: one shard; one call waits at a time, but the listener may make calls inside poll(). The
//          cluster and the listener outlive it. Await close() before it goes.
// Source:  KafkaConsumer, ClassicKafkaConsumer, AsyncKafkaConsumer.
class Consumer {
 public:
  // Errors: bad_configuration (assignors).
  [[nodiscard]] static Result<std::unique_ptr<Consumer>> make(Cluster& cluster,
                                                              ConsumerSettings settings);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer();

  // Joins the group at the next poll(). REQUIRES: settings.group.
  void subscribe(std::vector<std::string> topics, RebalanceListener* listener = nullptr);
  // To the topics whose names pass here, without internal ones.
  void subscribe_matching(TopicFilter filter, RebalanceListener* listener = nullptr);
  // To the topics that the broker finds by an RE2 pattern (consumer protocol).
  void subscribe_pattern(std::string pattern, RebalanceListener* listener = nullptr);
  // Leaves the group, and reads nothing more.
  [[nodiscard]] env::Task<void> unsubscribe();
  // Reads these, without a group's say.
  void assign(std::set<TopicPartition> partitions);
  [[nodiscard]] const std::set<TopicPartition>& assignment() const;

  // Records that came; empty when `wait` is over first.
  [[nodiscard]] env::Task<Result<std::vector<PartitionRecords>>> poll(Milliseconds wait);

  // Of an assigned partition. k_no_offset: none yet; find_position() waits for one.
  [[nodiscard]] Offset position(const TopicPartition& partition) const;
  void seek(const TopicPartition& partition, Offset position);
  [[nodiscard]] env::Task<Result<void>> seek_to_beginning(std::set<TopicPartition> partitions);
  [[nodiscard]] env::Task<Result<void>> seek_to_end(std::set<TopicPartition> partitions);
  void pause(const TopicPartition& partition);
  void resume(const TopicPartition& partition);
  [[nodiscard]] const std::set<TopicPartition>& paused() const;

  // Of all assigned partitions: the offset behind the last record that poll() returned.
  [[nodiscard]] GroupOffsets consumed() const;
  // Until it is done, or fails for good, or the API timeout is over. Errors:
  // rebalance_in_progress, illegal_generation, unknown_member_id (another member may have the
  // partitions), invalid_group_id (no group).
  [[nodiscard]] env::Task<Result<void>> commit(GroupOffsets offsets);
  [[nodiscard]] env::Task<Result<void>> commit() { return commit(consumed()); }
  // Does not wait; `done` is called from a later poll() or from close().
  void commit_async(GroupOffsets offsets, std::function<void(const Result<void>&)> done = {});
  // Those without a commit are left out.
  [[nodiscard]] env::Task<Result<GroupOffsets>> committed(std::set<TopicPartition> partitions);

  // nullopt: not a member now.
  [[nodiscard]] std::optional<MemberIdentity> group_metadata() const;
  // Commits with auto commit, tells the listener, leaves the group (a static member stays), at
  // most for `wait`. Idempotent.
  [[nodiscard]] env::Task<void> close(Milliseconds wait = std::chrono::seconds{30});

 private:
  struct State;
  explicit Consumer(std::unique_ptr<State> state);
  [[nodiscard]] env::Task<void> perform(Duty duty, Instant commit_until_then);
  [[nodiscard]] env::Task<void> leave_group(Instant deadline);
  [[nodiscard]] env::Task<Result<void>> find_positions(Instant deadline);
  [[nodiscard]] env::Task<Result<void>> seek_to(std::set<TopicPartition> partitions,
                                                ResetPolicy::Kind where);
  [[nodiscard]] env::Task<Result<void>> commit_until(GroupOffsets offsets, Instant deadline);
  [[nodiscard]] env::Task<void> commit_beside(GroupOffsets offsets,
                                              std::function<void(const Result<void>&)> done);
  void commit_now_and_then();
  void tell_commits();
  void drop_unassigned();
  void begin(const TopicPartition& partition, Offset position,
             LeaderEpoch leader_epoch = k_no_leader_epoch);
  std::unique_ptr<State> state_;
};

}  // namespace moldau::client
