#include "harness/group_member.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "harness/workload.h"

namespace moldau::harness {

namespace {

using client::TopicPartition;
using std::chrono::milliseconds;

class Member {
 public:
  Member(ClusterRun& run, ClusterClient& client, MemberPlan plan)
      : run_(run), client_(client), plan_(std::move(plan)), group_(*plan_.group) {}

  // One life, from the first join to the end that it draws.
  env::Task<void> live() {
    membership_ = make_membership();
    positions_.clear();
    const std::uint64_t turns = 5 + client_.rng().below(client_.rng().one_in(3) ? 30 : 300);
    for (std::uint64_t i = 0; run_.members_going_on() && (run_.healed || i < turns); ++i) {
      co_await turn();
      if (!run_.healed && client_.rng().one_in(150)) co_await sleep_too_long();
      co_await sleep(milliseconds(1 + client_.rng().below(60)));
    }
    if (run_.verdict.failed()) co_return;
    co_await die();
  }

 private:
  struct Position {
    Offset next = k_no_offset;  // none: the committed offset is not known yet
    Offset committed = k_no_offset;
  };

  [[nodiscard]] std::unique_ptr<Membership> make_membership() {
    return plan_.protocol == GroupProtocol::consumer
               ? make_consumer_membership(run_, client_, plan_)
               : make_classic_membership(run_, client_, plan_);
  }

  env::Task<void> sleep(milliseconds time) { co_await env::sleep_for(client_.env(), time); }

  env::Task<void> turn() {
    co_await membership_->go_on();
    forget_what_is_not_owned();
    if (!membership_->wanted_back().empty() && !client_.rng().one_in(3)) {
      if (co_await commit(membership_->wanted_back())) {
        membership_->gave_up();
        forget_what_is_not_owned();
      }
      co_return;
    }
    if (!membership_->is_member() || membership_->owned().empty()) co_return;
    const TopicPartition partition = draw_owned();
    Position& position = positions_[partition];
    if (position.next == k_no_offset) co_return co_await begin(partition);
    co_await read(partition);
    if (client_.rng().one_in(run_.stopping ? 2 : 4)) {
      (void)co_await commit(membership_->owned());
    }
  }

  [[nodiscard]] TopicPartition draw_owned() {
    auto at = membership_->owned().begin();
    std::advance(at, client_.rng().below(membership_->owned().size()));
    return *at;
  }

  void forget_what_is_not_owned() {
    std::erase_if(positions_,
                  [&](const auto& one) { return !membership_->owned().contains(one.first); });
  }

  env::Task<void> begin(TopicPartition partition) {
    const auto shown =
        co_await fetch_commits(run_, client_, group_, {partition}, membership_->identity());
    if (!shown || !shown->contains(partition)) co_return;
    const Offset committed = shown->at(partition).offset;
    positions_[partition] = {.next = std::max(committed, Offset{0}), .committed = committed};
  }

  env::Task<void> read(TopicPartition partition) {
    TopicPlan& topic = group_.topic(partition.topic);
    const Offset from = positions_.at(partition).next;
    auto fetched = co_await fetch_once(run_, client_, topic, partition.partition, from);
    if (!fetched || fetched->records.empty()) co_return;
    if (fetched->records.front().offset != from) {
      run_.verdict.fail(fmt::format("P4 {}-{}: a fetch from {} shows {} first", partition.topic,
                                    partition.partition, from, fetched->records.front().offset));
    }
    // Not all of it, so that commits stand in the middle of batches too.
    const std::size_t taken = 1 + client_.rng().below(fetched->records.size());
    positions_[partition].next = fetched->records.at(taken - 1).offset.next();
  }

  // Of those partitions that it has read further in. False: it is to be tried again.
  env::Task<bool> commit(Membership::Partitions of) {
    Commits commits;
    for (const TopicPartition& partition : of) {
      const auto at = positions_.find(partition);
      if (at == positions_.end() || at->second.next <= at->second.committed) continue;
      commits[partition] = {at->second.next, fmt::format("{}/{}", plan_.number, ++commits_)};
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
    switch (error) {
      case Errc::rebalance_in_progress:
      case Errc::stale_member_epoch:
        return true;
      case Errc::illegal_generation:
      case Errc::unknown_member_id:
      case Errc::fenced_instance_id:
        membership_->lost();
        forget_what_is_not_owned();
        return false;
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
      co_await membership_->leave();
    }
    group_.ownership.lost_all(plan_.number);
    co_await client_.close();
    if (!run_.members_going_on()) co_return;
    co_await sleep(milliseconds(client_.rng().below(client_.rng().one_in(3) ? 5000 : 500)));
  }

  ClusterRun& run_;
  ClusterClient& client_;
  MemberPlan plan_;
  GroupPlan& group_;
  std::unique_ptr<Membership> membership_;
  std::map<TopicPartition, Position> positions_;
  std::uint64_t commits_ = 0;
};

// Where the log ends; what was sent is answered.
env::Task<Result<Offset>> end_of(ClusterRun& run, ClusterClient& client, GroupPlan& group,
                                 TopicPartition partition) {
  TopicPlan& topic = group.topic(partition.topic);
  CO_TRY(const FetchedRecords fetched,
         (co_await fetch_once(run, client, topic, partition.partition, Offset{0})));
  co_return fetched.high_watermark;
}

// One partition that the group has not read to its end; nullopt: none.
env::Task<Result<std::optional<std::string>>> behind(ClusterRun& run, ClusterClient& client,
                                                     GroupPlan& group) {
  CO_TRY(const Commits commits, (co_await fetch_commits(run, client, group, group.partitions())));
  for (const TopicPartition& partition : group.partitions()) {
    CO_TRY(const Offset end, (co_await end_of(run, client, group, partition)));
    const auto at = commits.find(partition);
    const Offset committed = at == commits.end() ? k_no_offset : at->second.offset;
    if (committed >= end || end == Offset{0}) continue;
    const auto owner = group.ownership.owner(partition);
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
  co_await client.close();
  done = true;
}

}  // namespace moldau::harness
