#pragma once
#include <map>
#include <string>
#include <vector>

#include "env/task.h"
#include "harness/cluster_client.h"
#include "harness/cluster_run.h"
#include "harness/group_requests.h"

namespace moldau::harness {

struct TransactionPlan {
  TopicPlan* topic = nullptr;
  std::string id;  // transactional
  // As clients of transaction version 2 do: partitions are added by producing, and each end bumps
  // the epoch. Others add them by a request of their own.
  bool modern = true;
  Milliseconds timeout{2000};
  bool names_ids = false;  // sends offsets of topics by their ids only
  bool of_member = false;  // goes on as long as members of groups do
};

// A producer with a transactional id, as the broker knows it. Each call asks until it is answered
// with something that will not pass, or the run stops: then request_timed_out. After an error
// it must begin anew.
// Context: one shard; one call at a time.
class TransactionalProducer {
 public:
  TransactionalProducer(ClusterRun& run, ClusterClient& client, TransactionPlan plan)
      : run_(run), client_(client), plan_(std::move(plan)) {}

  [[nodiscard]] bool is_ready() const { return id_ != k_no_producer_id; }
  void give_up() { id_ = k_no_producer_id; }
  [[nodiscard]] const TransactionPlan& plan() const { return plan_; }
  // One attempt; then is_ready() or not.
  [[nodiscard]] env::Task<void> begin_anew();
  [[nodiscard]] env::Task<Errc> add_partitions(std::vector<PartitionIndex> partitions);
  [[nodiscard]] env::Task<Errc> send(PartitionIndex partition, std::vector<RecordId> records);
  // The offsets of a group become part of the transaction.
  [[nodiscard]] env::Task<Errc> send_offsets(GroupPlan& group, Identity as, Commits commits);
  // One record to a topic that may go at any time, as part of the transaction, whatever comes of
  // it.
  [[nodiscard]] env::Task<void> touch(TopicPlan& fleeting);
  // none: it ended as asked.
  [[nodiscard]] env::Task<Errc> end(bool commit);

 private:
  [[nodiscard]] SharedBytes encode(Sequence sequence, const std::vector<RecordId>& records);
  // Once. Whether it was answered well.
  [[nodiscard]] env::Task<bool> add_fleeting(std::string topic);
  [[nodiscard]] env::Task<Errc> add_offsets(GroupPlan& group);
  [[nodiscard]] env::Task<void> rest();
  // Those of the run or, in a group, its members'.
  [[nodiscard]] bool going_on() const {
    return plan_.of_member ? run_.members_going_on() : run_.going_on();
  }

  ClusterRun& run_;
  ClusterClient& client_;
  TransactionPlan plan_;
  ProducerId id_ = k_no_producer_id;  // none: it must begin anew
  ProducerEpoch epoch_ = k_no_producer_epoch;
  std::map<PartitionIndex, Sequence> sequences_;
  std::map<Uuid, std::optional<Sequence>>
      touched_;  // by topic; none: what was sent last is unknown
};

}  // namespace moldau::harness
