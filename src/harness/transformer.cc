#include "harness/transformer.h"

#include <utility>

namespace moldau::harness {

using std::chrono::milliseconds;

namespace {

TransactionPlan plan_of(const GroupPlan& group, ClusterClient& client, std::string name) {
  return {.topic = group.output,
          .id = std::move(name),
          // Requests of others do not name ids.
          .modern = client.rng().one_in(2) || group.changes,
          .timeout = Milliseconds{500 + client.rng().below(3000)},
          .names_ids = group.changes,
          .of_member = true};
}

}  // namespace

Transformer::Transformer(ClusterRun& run, ClusterClient& client, GroupPlan& group,
                         MemberNumber member, std::string name)
    : run_(run),
      client_(client),
      group_(group),
      member_(member),
      producer_(run, client, plan_of(group, client, std::move(name))) {}

// Now and then for longer than the transaction may take, or the session.
env::Task<void> Transformer::hesitate() {
  if (run_.healed || !client_.rng().one_in(30)) co_return;
  co_await env::sleep_for(client_.env(), milliseconds(client_.rng().below(6000)));
}

env::Task<Transformer::Outcome> Transformer::undo() {
  // Or it dies, and the transaction stays open until the next life or its timeout.
  if (client_.rng().one_in(3) || co_await producer_.end(false) != Errc::none) producer_.give_up();
  co_return Outcome{};
}

env::Task<Transformer::Outcome> Transformer::run_one(Work work, Identity as) {
  const auto partitions = group_.output->partitions.size();
  const PartitionIndex to{static_cast<std::int32_t>(client_.rng().below(partitions))};
  Errc error = Errc::none;
  if (!producer_.plan().modern) error = co_await producer_.add_partitions({to});
  if (error == Errc::none) error = co_await producer_.send(to, work.records);
  if (error != Errc::none) {
    producer_.give_up();
    co_return Outcome{};
  }
  co_await hesitate();
  const Instant asked = run_.world.now();
  if (run_.wire_bug == WireBug::commits_not_fenced) {
    as = group_.identity_of_owner(work.from).value_or(as);
  }
  error = co_await producer_.send_offsets(group_, std::move(as), {{work.from, work.until}});
  if (error != Errc::none) {
    Outcome undone = co_await undo();
    undone.refusal = error;
    co_return undone;
  }
  const auto is_there = [&] { return group_.topic(work.from.topic).id == work.until.topic_id; };
  if (is_there()) run_.check(group_.ownership.committed(member_, work.from, asked));
  co_await hesitate();
  if (!run_.healed && client_.rng().one_in(6)) co_return co_await undo();
  group_.transformed.will_commit(work.records);
  if (is_there()) {
    group_.offsets.will_commit(work.from, work.until.offset, work.until.metadata);
  }
  if (co_await producer_.end(true) != Errc::none) {
    producer_.give_up();
    co_return Outcome{};
  }
  if (is_there()) group_.offsets.committed(work.from, work.until.offset);
  co_return Outcome{.committed = true};
}

}  // namespace moldau::harness
