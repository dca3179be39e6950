#include "client/consumer.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "client/backoff.h"
#include "client/classic_member.h"
#include "client/consumer_member.h"

namespace moldau::client {

struct Consumer::State {
  State(Cluster& its_cluster, ConsumerSettings its_settings)
      : cluster(its_cluster),
        settings(std::move(its_settings)),
        reader(its_cluster, settings.reader),
        changed(its_cluster.env().scheduler),
        tasks(its_cluster.env().scheduler) {}
  Cluster& cluster;
  ConsumerSettings settings;
  PartitionReader reader;
  std::optional<CoordinatorLink> link;
  std::optional<GroupSession> session;
  RebalanceListener* listener = nullptr;
  bool subscribed = false;
  std::set<TopicPartition> by_hand;  // assign()
  std::set<TopicPartition> paused;
  Instant next_auto_commit{};
  Instant positions_not_before{};
  Backoff positions_backoff;
  struct Told {
    std::function<void(const Result<void>&)> done;
    Result<void> result;
  };
  std::deque<Told> commits_done;
  std::size_t commits_running = 0;
  env::Signal changed;
  env::TaskGroup tasks;
  bool closed = false;

  [[nodiscard]] Member* member() { return session ? &session->member() : nullptr; }
  [[nodiscard]] const std::set<TopicPartition>& assigned() {
    return subscribed ? session->member().assigned() : by_hand;
  }
  [[nodiscard]] bool auto_commits() const { return settings.group && settings.auto_commit; }
};

namespace {

Result<std::unique_ptr<Member>> make_member(Cluster& cluster, const ConsumerSettings& settings) {
  if (settings.protocol == GroupProtocol::consumer) {
    return std::make_unique<ConsumerMember>(*settings.group,
                                            env::new_uuid(cluster.env().entropy).to_string());
  }
  TRY(auto assignors, make_assignors(settings.assignors));
  return std::make_unique<ClassicMember>(*settings.group, std::move(assignors));
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::make(Cluster& cluster, ConsumerSettings settings) {
  auto state = std::make_unique<State>(cluster, std::move(settings));
  if (!state->settings.group) return std::unique_ptr<Consumer>(new Consumer(std::move(state)));
  TRY(std::unique_ptr<Member> member, make_member(cluster, state->settings));
  state->link.emplace(cluster, CoordinatorKind::group, state->settings.group->group_id);
  State* s = state.get();
  s->session.emplace(*s->link, std::move(member), [s] {
    if (!s->subscribed) return;
    s->reader.wake();
    s->changed.ring();
  });
  return std::unique_ptr<Consumer>(new Consumer(std::move(state)));
}

Consumer::Consumer(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->next_auto_commit =
      state_->cluster.env().clock.now() + state_->settings.auto_commit_interval;
}
Consumer::~Consumer() = default;

void Consumer::subscribe(std::vector<std::string> topics, RebalanceListener* listener) {
  State& s = *state_;
  CHECK(s.session.has_value());
  std::ranges::sort(topics);
  topics.erase(std::ranges::unique(topics).begin(), topics.end());
  s.listener = listener;
  s.subscribed = true;
  s.by_hand.clear();
  s.session->subscribe({std::move(topics), std::nullopt, false});
}

void Consumer::subscribe_matching(TopicFilter filter, RebalanceListener* listener) {
  State& s = *state_;
  CHECK(s.session.has_value());
  s.listener = listener;
  s.subscribed = true;
  s.by_hand.clear();
  s.session->match(std::move(filter));
}

void Consumer::subscribe_pattern(std::string pattern, RebalanceListener* listener) {
  State& s = *state_;
  CHECK(s.session.has_value());
  s.listener = listener;
  s.subscribed = true;
  s.by_hand.clear();
  s.session->subscribe({{}, std::move(pattern), false});
}

void Consumer::assign(std::set<TopicPartition> partitions) {
  State& s = *state_;
  s.by_hand = std::move(partitions);
  drop_unassigned();
}

const std::set<TopicPartition>& Consumer::assignment() const { return state_->assigned(); }

// ---- poll

env::Task<Result<std::vector<PartitionRecords>>> Consumer::poll(Milliseconds wait) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  const Instant deadline = env.clock.now() + wait;
  while (true) {
    tell_commits();
    if (s.subscribed) {
      s.session->member().polled(env.clock.now());
      s.session->poke();
      if (auto failure = s.session->take_failure()) co_return fail(*std::move(failure));
      if (s.session->member().duty()) {
        const Duty duty = *s.session->member().duty();
        const Milliseconds most =
            std::min(s.settings.group->max_poll_interval, s.cluster.settings().api_timeout);
        co_await perform(duty, env.clock.now() + most);
        continue;
      }
    }
    commit_now_and_then();
    CO_TRY_OK(co_await find_positions(deadline));
    const Instant now = env.clock.now();
    auto until = deadline;
    if (s.positions_not_before > now) until = std::min(until, s.positions_not_before);
    const auto left =
        std::max(Milliseconds{0}, std::chrono::ceil<Milliseconds>(until - env.clock.now()));
    auto records = co_await s.reader.poll(left);
    if (records && !records->empty()) {
      for (const auto& it : s.settings.interceptors) {
        std::vector<PartitionRecords> seen = it->on_consume(std::move(*records));
        *records = std::move(seen);
      }
      co_return records;
    }
    if (!records) co_return records;
    if (env.clock.now() >= deadline) co_return records;
  }
}

// Begins with the partitions that have no position: where the group was, else by the policy.
env::Task<Result<void>> Consumer::find_positions(Instant deadline) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  std::set<TopicPartition> missing;
  for (const TopicPartition& partition : s.assigned()) {
    if (!s.reader.has(partition)) missing.insert(partition);
  }
  if (missing.empty() || env.clock.now() < s.positions_not_before) co_return Result<void>{};
  GroupOffsets committed;
  if (s.link) {
    OffsetQuestion question;
    if (s.subscribed && s.settings.protocol == GroupProtocol::consumer) {
      question.as = s.session->member().identity();
    }
    question.partitions = missing;
    question.require_stable = true;
    auto found = co_await fetch_offsets_once(*s.link, std::move(question));
    if (!found) {
      const Errc code = found.error().code();
      const bool member_changed = code == Errc::stale_member_epoch ||
                                  code == Errc::unknown_member_id || code == Errc::cancelled;
      if (!may_pass(code) && !member_changed) co_return fail(std::move(found).error());
      s.positions_not_before =
          env.clock.now() + s.positions_backoff.next(s.cluster.settings().retry_backoff);
      co_return Result<void>{};
    }
    committed = *std::move(found);
  }
  s.positions_backoff = Backoff{};
  for (const TopicPartition& partition : missing) {
    if (const auto found = committed.find(partition); found != committed.end()) {
      begin(partition, found->second.offset, found->second.leader_epoch);
      continue;
    }
    if (s.settings.reader.reset.kind == ResetPolicy::Kind::none) {
      co_return fail(Errc::offset_out_of_range,
                     "Undefined offset with no reset policy for partitions: [{}]", partition);
    }
    if (!s.assigned().contains(partition) || s.reader.has(partition)) continue;
    auto found = co_await find_reset_offset(s.cluster, partition, s.settings.reader.reset,
                                            s.settings.reader.isolation);
    if (found) {
      if (!s.reader.has(partition)) begin(partition, found->offset);
    } else if (!may_pass(found.error().code())) {
      co_return fail(std::move(found).error());
    }
    if (env.clock.now() >= deadline) break;
  }
  co_return Result<void>{};
}

void Consumer::begin(const TopicPartition& partition, Offset position, LeaderEpoch leader_epoch) {
  State& s = *state_;
  if (!s.assigned().contains(partition)) return;
  s.reader.assign(partition, position, leader_epoch);
  if (s.paused.contains(partition)) s.reader.pause(partition);
}

void Consumer::drop_unassigned() {
  State& s = *state_;
  const std::set<TopicPartition>& assigned = s.assigned();
  for (const TopicPartition& partition : s.reader.partitions()) {
    if (assigned.contains(partition)) continue;
    s.reader.drop(partition);
    s.paused.erase(partition);
  }
}

// The program's part of a rebalance.
env::Task<void> Consumer::perform(Duty duty, Instant commit_until_then) {
  State& s = *state_;
  if (duty.commit_first && s.auto_commits()) {
    // What cannot be committed is read again by whoever gets the partition.
    const auto unused = co_await commit_until(consumed(), commit_until_then);
    (void)unused;
  }
  switch (duty.kind) {
    case Duty::Kind::revoke:
      if (s.listener != nullptr) co_await s.listener->on_revoked(duty.partitions);
      break;
    case Duty::Kind::lose:
      if (s.listener != nullptr) co_await s.listener->on_lost(duty.partitions);
      break;
    case Duty::Kind::assign:
      drop_unassigned();
      if (s.listener != nullptr) co_await s.listener->on_assigned(duty.partitions);
      s.next_auto_commit = s.cluster.env().clock.now() + s.settings.auto_commit_interval;
      break;
  }
  s.session->member().duty_done(duty.number, s.cluster.env().clock.now());
  drop_unassigned();
  s.session->poke();
}

// ---- positions

Offset Consumer::position(const TopicPartition& partition) const {
  return state_->reader.position(partition);
}

void Consumer::seek(const TopicPartition& partition, Offset position) {
  begin(partition, position);
}

env::Task<Result<void>> Consumer::seek_to(std::set<TopicPartition> partitions,
                                          ResetPolicy::Kind where) {
  for (const TopicPartition& partition : partitions) {
    CO_TRY(const FoundOffset found,
           co_await find_reset_offset(state_->cluster, partition, {where, Milliseconds{0}},
                                      state_->settings.reader.isolation));
    begin(partition, found.offset);
  }
  co_return Result<void>{};
}
env::Task<Result<void>> Consumer::seek_to_beginning(std::set<TopicPartition> partitions) {
  return seek_to(std::move(partitions), ResetPolicy::Kind::earliest);
}
env::Task<Result<void>> Consumer::seek_to_end(std::set<TopicPartition> partitions) {
  return seek_to(std::move(partitions), ResetPolicy::Kind::latest);
}

void Consumer::pause(const TopicPartition& partition) {
  state_->paused.insert(partition);
  state_->reader.pause(partition);
}
void Consumer::resume(const TopicPartition& partition) {
  state_->paused.erase(partition);
  state_->reader.resume(partition);
}
const std::set<TopicPartition>& Consumer::paused() const { return state_->paused; }

// ---- commits

GroupOffsets Consumer::consumed() const {
  GroupOffsets out;
  for (const TopicPartition& partition : state_->assigned()) {
    const Offset position = state_->reader.position(partition);
    if (position == k_no_offset) continue;
    out[partition] = {position, state_->reader.leader_epoch(partition), ""};
  }
  return out;
}

env::Task<Result<void>> Consumer::commit(GroupOffsets offsets) {
  const Instant now = state_->cluster.env().clock.now();
  return commit_until(std::move(offsets), now + state_->cluster.settings().api_timeout);
}

namespace {

// none, or what stands in the way; what does not pass counts first.
Errc worst_of(const PartitionErrors& errors) {
  Errc worst = Errc::none;
  for (const auto& [partition, code] : errors) {
    if (code != Errc::none && (worst == Errc::none || !may_pass(code))) worst = code;
  }
  return worst;
}

}  // namespace

env::Task<Result<void>> Consumer::commit_until(GroupOffsets offsets, Instant deadline) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  if (!s.link) {
    co_return fail(Errc::invalid_group_id,
                   "To use the group management or offset commit APIs, you must provide a valid "
                   "group.id in the consumer configuration.");
  }
  if (offsets.empty()) co_return Result<void>{};
  for (Backoff backoff;;) {
    std::optional<MemberIdentity> as;
    if (s.subscribed) {
      as = s.session->member().identity();
      if (!as) co_return fail(Errc::rebalance_in_progress);
    }
    const auto answer = co_await commit_once(*s.link, as, offsets);
    const Errc code = answer ? worst_of(*answer) : answer.error().code();
    if (code == Errc::none) {
      for (const auto& it : s.settings.interceptors) it->on_commit(offsets);
      co_return Result<void>{};
    }
    // The next heartbeat brings the epoch that counts now.
    const bool again = may_pass(code) || code == Errc::stale_member_epoch;
    if (!again || env.clock.now() >= deadline) {
      co_return answer ? Result<void>(fail(code)) : Result<void>(fail(answer.error()));
    }
    co_await env::sleep_for(env, backoff.next(s.cluster.settings().retry_backoff));
  }
}

void Consumer::commit_async(GroupOffsets offsets, std::function<void(const Result<void>&)> done) {
  state_->tasks.spawn(commit_beside(std::move(offsets), std::move(done)));
}

env::Task<void> Consumer::commit_beside(GroupOffsets offsets,
                                        std::function<void(const Result<void>&)> done) {
  State& s = *state_;
  ++s.commits_running;
  const Instant now = s.cluster.env().clock.now();
  Result<void> result =
      co_await commit_until(std::move(offsets), now + s.cluster.settings().api_timeout);
  --s.commits_running;
  if (done) s.commits_done.push_back({std::move(done), std::move(result)});
}

void Consumer::commit_now_and_then() {
  State& s = *state_;
  const Instant now = s.cluster.env().clock.now();
  if (!s.auto_commits() || now < s.next_auto_commit) return;
  s.next_auto_commit = now + s.settings.auto_commit_interval;
  if (s.commits_running == 0) commit_async(consumed());
}

void Consumer::tell_commits() {
  State& s = *state_;
  while (!s.commits_done.empty()) {
    const State::Told told = std::move(s.commits_done.front());
    s.commits_done.pop_front();
    told.done(told.result);
  }
}

env::Task<Result<GroupOffsets>> Consumer::committed(std::set<TopicPartition> partitions) {
  State& s = *state_;
  if (!s.link) co_return fail(Errc::invalid_group_id);
  OffsetQuestion question;
  if (s.subscribed && s.settings.protocol == GroupProtocol::consumer) {
    question.as = s.session->member().identity();
  }
  question.partitions = std::move(partitions);
  question.require_stable = true;
  co_return co_await fetch_offsets(*s.link, std::move(question));
}

std::optional<MemberIdentity> Consumer::group_metadata() const {
  return state_->subscribed ? state_->session->member().identity() : std::nullopt;
}

// ---- the end

env::Task<void> Consumer::unsubscribe() {
  State& s = *state_;
  const Instant now = s.cluster.env().clock.now();
  if (s.subscribed) co_await leave_group(now + s.cluster.settings().request_timeout);
  s.subscribed = false;
  s.by_hand.clear();
  drop_unassigned();
}

env::Task<void> Consumer::leave_group(Instant deadline) {
  State& s = *state_;
  env::Env& env = s.cluster.env();
  co_await s.session->leave();
  const auto alarm = env.timers.arm(deadline, [&s] { s.changed.ring(); });
  while (!s.session->member().is_out() && env.clock.now() < deadline) {
    if (s.session->member().duty()) {
      const Duty duty = *s.session->member().duty();
      co_await perform(duty, deadline);
    } else {
      co_await s.changed;
    }
  }
  env.timers.cancel(alarm);
}

env::Task<void> Consumer::close(Milliseconds wait) {
  State& s = *state_;
  if (std::exchange(s.closed, true)) co_return;
  const Instant deadline = s.cluster.env().clock.now() + wait;
  if (!s.subscribed && s.auto_commits()) {
    const auto unused = co_await commit_until(consumed(), deadline);
    (void)unused;
  }
  if (s.subscribed) co_await leave_group(deadline);
  if (s.session) co_await s.session->close();
  co_await s.tasks.join();
  tell_commits();
  co_await s.reader.close();
}

}  // namespace moldau::client
