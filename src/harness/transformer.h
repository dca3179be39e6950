#pragma once
#include <optional>
#include <vector>

#include "env/task.h"
#include "harness/transactional_producer.h"

namespace moldau::harness {

// The transactions of one member that writes what it reads: records and how far it read, both or
// neither. Tells the oracles of the group.
// Context: one shard; one call at a time.
class Transformer {
 public:
  struct Work {
    client::TopicPartition from;
    std::vector<RecordId> records;
    Committed until;  // of `from`, when the records are written
  };
  struct Outcome {
    bool committed = false;     // else the work is to be begun again from what is committed
    Errc refusal = Errc::none;  // of the member's offsets, if they were refused
  };

  // `name` is the transactional id.
  Transformer(ClusterRun& run, ClusterClient& client, GroupPlan& group, MemberNumber member,
              std::string name);

  // A program that begins has no transaction, and ends that of the program before it.
  void begin_life() { producer_.give_up(); }
  [[nodiscard]] bool is_ready() const { return producer_.is_ready(); }
  [[nodiscard]] env::Task<void> begin_anew() { return producer_.begin_anew(); }
  // REQUIRES: is_ready(). `as`: as which member, when the offsets are sent.
  [[nodiscard]] env::Task<Outcome> run_one(Work work, Identity as);

 private:
  [[nodiscard]] env::Task<Outcome> undo();
  [[nodiscard]] env::Task<void> hesitate();

  ClusterRun& run_;
  ClusterClient& client_;
  GroupPlan& group_;
  MemberNumber member_;
  TransactionalProducer producer_;
};

}  // namespace moldau::harness
