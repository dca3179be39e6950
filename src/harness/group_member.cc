#include "harness/group_member.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/committed_reader.h"
#include "harness/read_positions.h"
#include "harness/transformer.h"
#include "harness/workload.h"

namespace moldau::harness {

namespace {

using client::TopicPartition;
using std::chrono::milliseconds;

// The broker's settings say the one; members that have to give something up need not hurry.
constexpr Milliseconds k_consumer_session{2000};
constexpr Milliseconds k_consumer_rebalance{60'000};

class Member {
 public:
  Member(ClusterRun& run, ClusterClient& client, MemberPlan plan)
      : run_(run), client_(client), plan_(std::move(plan)), group_(*plan_.group) {
    if (group_.output == nullptr) return;
    transformer_.emplace(run, client, group_, plan_.number,
                         fmt::format("{}-{}", group_.id, plan_.number));
  }

  // One life, from the first join to the end that it draws.
  env::Task<void> live() {
    // Who leads a classic group assigns what is there then, and a static one that comes back learns
    // nothing of what came since; the consumer protocol has a coordinator that sees it.
    if (!plan_.protocols.empty()) {
      plan_.protocol = plan_.protocols[client_.rng().below(plan_.protocols.size())];
    }
    while (plan_.protocol != GroupProtocol::consumer && !group_.changes && !topics_are_there()) {
      if (!run_.members_going_on()) co_return;
      co_await sleep(milliseconds(50));
    }
    membership_ = make_membership();
    positions_.clear();
    if (transformer_) transformer_->begin_life();
    slowness_ = client_.rng().one_in(3) ? 12 : 2;
    const std::uint64_t long_life = group_.changes ? 100 : 300;
    const std::uint64_t turns = 5 + client_.rng().below(client_.rng().one_in(3) ? 30 : long_life);
    for (std::uint64_t i = 0; run_.members_going_on() && (run_.healed || i < turns); ++i) {
      co_await turn();
      if (!run_.healed && client_.rng().one_in(150)) co_await sleep_too_long();
      co_await sleep(milliseconds(1 + client_.rng().below(60)));
    }
    if (run_.verdict.failed()) co_return;
    co_await die();
  }

 private:
  [[nodiscard]] std::unique_ptr<Membership> make_membership() {
    if (plan_.protocol != GroupProtocol::consumer) {
      return make_classic_membership(run_, client_, plan_);
    }
    MemberPlan plan = plan_;
    plan.session = k_consumer_session;
    plan.rebalance = k_consumer_rebalance;
    return make_consumer_membership(run_, client_, std::move(plan));
  }

  [[nodiscard]] bool topics_are_there() const {
    return std::ranges::none_of(group_.topics,
                                [](const TopicPlan* topic) { return topic->id.is_zero(); });
  }

  env::Task<void> sleep(milliseconds time) { co_await env::sleep_for(client_.env(), time); }

  env::Task<void> turn() {
    co_await membership_->go_on();
    keep_owned(positions_, *membership_);
    if (!membership_->wanted_back().empty() && client_.rng().one_in(slowness_)) {
      if (co_await commit(membership_->wanted_back())) {
        membership_->gave_up();
        keep_owned(positions_, *membership_);
      }
      co_return;
    }
    if (!membership_->is_member() || membership_->owned().empty()) co_return;
    const TopicPartition partition = draw_owned();
    ReadPosition& position = positions_[partition];
    if (position.next == k_no_offset) co_return co_await begin(partition);
    if (transformer_) co_return co_await transform(partition);
    (void)co_await read(partition);
    if (client_.rng().one_in(run_.stopping ? 2 : 4)) {
      (void)co_await commit(membership_->owned());
    }
  }

  [[nodiscard]] TopicPartition draw_owned() {
    auto at = membership_->owned().begin();
    std::advance(at, client_.rng().below(membership_->owned().size()));
    return *at;
  }

  env::Task<void> begin(TopicPartition partition) {
    const Uuid topic_id = membership_->topic_id(partition);
    const auto is_there = [&] { return group_.topic(partition.topic).id == topic_id; };
    if (!is_there()) co_return;
    const auto shown =
        co_await fetch_commits(run_, client_, group_, {partition}, membership_->identity());
    if (!shown || !shown->contains(partition) || !is_there()) co_return;
    const Offset committed = shown->at(partition).offset;
    positions_[partition] = {
        .next = std::max(committed, Offset{0}), .committed = committed, .topic_id = topic_id};
  }

  // Some of what is there, so that commits stand in the middle of batches too.
  env::Task<std::vector<RecordId>> read(TopicPartition partition) {
    std::vector<RecordId> taken;
    TopicPlan& topic = group_.topic(partition.topic);
    const Offset from = positions_.at(partition).next;
    const Uuid topic_id = positions_.at(partition).topic_id;
    if (topic.id != topic_id) co_return taken;
    const auto fetched = co_await fetch_once(run_, client_, topic, partition.partition, from);
    if (!fetched || fetched->records.empty() || topic.id != topic_id) co_return taken;
    if (fetched->records.front().offset != from) {
      run_.verdict.fail(fmt::format("P4 {}-{}: a fetch from {} shows {} first", partition.topic,
                                    partition.partition, from, fetched->records.front().offset));
    }
    const std::size_t count = 1 + client_.rng().below(fetched->records.size());
    for (std::size_t i = 0; i < count; ++i) taken.push_back(fetched->records[i].record);
    positions_[partition].next = fetched->records.at(count - 1).offset.next();
    co_return taken;
  }

  env::Task<void> transform(TopicPartition partition) {
    if (group_.output->id.is_zero()) co_return;
    if (!transformer_->is_ready()) co_return co_await transformer_->begin_anew();
    Transformer::Work work{.from = partition, .records = co_await read(partition), .until = {}};
    if (work.records.empty()) co_return;
    ReadPosition& position = positions_.at(partition);
    work.until = {position.next, fmt::format("{}/{}", plan_.number, ++commits_), position.topic_id};
    const auto outcome = co_await transformer_->run_one(std::move(work), membership_->identity());
    if (outcome.committed) {
      membership_->commit_was_accepted();
      positions_[partition].committed = positions_[partition].next;
      co_return;
    }
    positions_[partition] = {};
    if (outcome.refusal != Errc::none) (void)note_refusal(outcome.refusal);
  }

  // Of those partitions that it has read further in. False: it is to be tried again.
  env::Task<bool> commit(Membership::Partitions of) {
    Commits commits;
    for (const TopicPartition& partition : of) {
      const auto at = positions_.find(partition);
      if (at == positions_.end() || at->second.next <= at->second.committed) continue;
      commits[partition] = {at->second.next, fmt::format("{}/{}", plan_.number, ++commits_),
                            at->second.topic_id};
    }
    if (commits.empty()) co_return true;
    const auto errors = co_await commit_offsets(run_, client_, group_, plan_.number,
                                                membership_->identity(), commits);
    if (!errors) co_return false;
    for (const auto& [partition, error] : *errors) {
      if (error == Errc::none) {
        membership_->commit_was_accepted();
        const auto at = positions_.find(partition);
        if (at != positions_.end()) at->second.committed = commits.at(partition).offset;
      } else if (is_passing(error)) {
        co_return false;
      } else if (!note_refusal(error)) {
        co_return true;
      }
    }
    co_return true;
  }

  // Whether it may go on as it is.
  bool note_refusal(Errc error) {
    if (is_passing(error)) return true;  // the topic has gone
    switch (error) {
      case Errc::rebalance_in_progress:
      case Errc::stale_member_epoch:
        return true;
      case Errc::illegal_generation:
        // Older requests of transactions cannot say that a member epoch is stale.
        if (plan_.protocol == GroupProtocol::consumer) return true;
        [[fallthrough]];
      case Errc::unknown_member_id:
      case Errc::fenced_instance_id:
      case Errc::group_id_not_found:
        membership_->lost();
        keep_owned(positions_, *membership_);
        return false;
      case Errc::invalid_producer_epoch:
      case Errc::producer_fenced:
      case Errc::invalid_txn_state:
      case Errc::transaction_abortable:
      case Errc::request_timed_out:
        if (transformer_) return true;  // the transaction was aborted, or another life began
        [[fallthrough]];
      default:
        run_.verdict.fail(fmt::format("{} member {}: a commit is refused with error {}", group_.id,
                                      plan_.number, static_cast<int>(error)));
        return false;
    }
  }

  // A program that hangs: others may have got what it owned, and it does not know.
  env::Task<void> sleep_too_long() {
    run_.verdict.note("{} member {} sleeps, its session is {} ms", group_.id, plan_.number,
                      plan_.session.count());
    co_await sleep(plan_.session + milliseconds(client_.rng().below(4000)));
    if (membership_->is_member()) (void)co_await commit(membership_->owned());
  }

  env::Task<void> die() {
    const bool politely = client_.rng().one_in(2);
    run_.verdict.note("{} member {} {}", group_.id, plan_.number, politely ? "leaves" : "dies");
    if (politely) {
      (void)co_await commit(membership_->owned());
    }
    group_.ownership.lost_all(plan_.number);  // others may have it before it is told that it left
    if (politely) co_await membership_->leave();
    co_await client_.close();
    if (!run_.members_going_on()) co_return;
    co_await sleep(milliseconds(client_.rng().below(client_.rng().one_in(3) ? 5000 : 500)));
  }

  ClusterRun& run_;
  ClusterClient& client_;
  MemberPlan plan_;
  GroupPlan& group_;
  std::unique_ptr<Membership> membership_;
  std::optional<Transformer> transformer_;
  ReadPositions positions_;
  std::uint64_t commits_ = 0;
  std::uint64_t slowness_ = 2;  // turns until it gives up what it must
};

// Where the log ends; what was sent is answered.
env::Task<Result<Offset>> end_of(ClusterRun& run, ClusterClient& client, GroupPlan& group,
                                 TopicPartition partition) {
  TopicPlan& topic = group.topic(partition.topic);
  CO_TRY(const FetchedRecords fetched,
         (co_await fetch_once(run, client, topic, partition.partition, Offset{0})));
  co_return fetched.high_watermark;
}

// The output of a group that writes what it reads has all of its input.
env::Task<bool> check_output(ClusterRun& run, ClusterClient& client, GroupPlan& group) {
  if (!co_await read_all_committed(run, client, *group.output, shown_of(group.transformed))) {
    co_return false;
  }
  std::vector<RecordId> input;
  for (const TopicPartition& partition : group.partitions()) {
    TopicPlan& topic = group.topic(partition.topic);
    Offset at{0};
    while (!run.verdict.failed()) {
      const auto fetched = co_await fetch_once(run, client, topic, partition.partition, at);
      if (!fetched && fetched.error().code() == Errc::cancelled) co_return false;
      if (!fetched) {
        co_await env::sleep_for(client.env(), milliseconds(100));
        continue;
      }
      for (const SeenRecord& seen : fetched->records) input.push_back(seen.record);
      if (!fetched->records.empty()) at = fetched->records.back().offset.next();
      if (at >= fetched->high_watermark) break;
    }
  }
  run.check(group.transformed.complete(input));
  co_return true;
}

// One partition that the group has not read to its end; nullopt: none.
env::Task<Result<std::optional<std::string>>> behind(ClusterRun& run, ClusterClient& client,
                                                     GroupPlan& group) {
  CO_TRY(const Commits commits, (co_await fetch_commits(run, client, group, group.partitions())));
  for (const TopicPartition& partition : group.partitions()) {
    CO_TRY(const Offset end, (co_await end_of(run, client, group, partition)));
    const auto at = commits.find(partition);
    const Offset committed = at == commits.end() ? k_no_offset : at->second.offset;
    const auto owner = group.ownership.owner(partition);
    if (committed >= end || end == Offset{0}) {
      if (owner) continue;
      co_return fmt::format("L2 {}: {}-{} is nobody's", group.id, partition.topic,
                            partition.partition);
    }
    co_return fmt::format("L1 {}: {}-{} stays at {} of {}, its owner is {}", group.id,
                          partition.topic, partition.partition, committed, end,
                          owner ? fmt::format("member {}", *owner) : "nobody");
  }
  co_return std::optional<std::string>{};
}

}  // namespace

env::Task<void> run_member(ClusterRun& run, ClusterClient& client, MemberPlan plan) {
  ++run.members_at_work;
  Member member(run, client, std::move(plan));
  while (run.members_going_on()) co_await member.live();
  co_await client.close();
  --run.members_at_work;
}

env::Task<void> check_groups(ClusterRun& run, ClusterClient& client, bool& done) {
  for (const auto& group : run.groups) {
    while (!run.verdict.failed()) {
      const auto told = co_await behind(run, client, *group);
      if (!told && told.error().code() == Errc::cancelled) co_return;
      if (told && !*told) break;
      if (told) run.lagging = **told;
      co_await env::sleep_for(client.env(), milliseconds(200));
    }
  }
  run.members_stopping = true;
  while (run.members_at_work > 0 && !run.verdict.failed()) {
    co_await env::sleep_for(client.env(), milliseconds(50));
  }
  for (const auto& group : run.groups) {
    if (group->output == nullptr || run.verdict.failed()) continue;
    if (!co_await check_output(run, client, *group)) co_return;
  }
  co_await client.close();
  done = true;
}

}  // namespace moldau::harness
