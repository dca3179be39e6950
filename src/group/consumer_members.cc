#include <algorithm>
#include <utility>

#include "group/consumer.h"
#include "group/conversion.h"

namespace moldau::group::consumer {
namespace {

constexpr TimerKind k_member_timers[] = {TimerKind::consumer_session, TimerKind::consumer_rebalance,
                                         TimerKind::consumer_join, TimerKind::consumer_sync};

// The regular expressions that only these members subscribe to.
std::set<std::string> last_regexes(const ConsumerGroup& group,
                                   const std::vector<const ConsumerMember*>& members) {
  Counts counts;
  for (const ConsumerMember* member : members) {
    if (member->has_regex()) count(counts, *member->regex, 1);
  }
  std::set<std::string> last;
  for (const auto& [regex, subscribers] : counts) {
    if (group.subscribers_of_regex(regex) == subscribers) last.insert(regex);
  }
  return last;
}

}  // namespace

void fence(Machine& machine, const std::string& id, const std::vector<std::string>& members,
           Now now, Step& out) {
  const ConsumerGroup* group = machine.consumer(id);
  std::vector<const ConsumerMember*> gone;
  for (const std::string& member_id : members) {
    const ConsumerMember* member = group == nullptr ? nullptr : group->member(member_id);
    if (member != nullptr && std::ranges::find(gone, member) == gone.end()) gone.push_back(member);
  }
  if (gone.empty()) return;
  if (may_downgrade(machine, *group, gone) &&
      downgrade(machine, id, gone, nullptr, true, now, out).has_value()) {
    return;
  }
  Records records;
  for (const ConsumerMember* member : gone) append_member_tombstones(id, member->id, records);
  const auto regexes = last_regexes(*group, gone);
  for (const std::string& regex : regexes) records.push_back(regex_tombstone(id, regex));
  const std::int32_t epoch = group->epoch + 1;
  const std::int64_t hash = metadata_hash(machine, group->subscriptions_without(gone, regexes));
  records.push_back(consumer_epoch_record(id, epoch, hash));
  if (gone.size() == group->members().size()) {
    // Nobody is left to make an assignment for, and the next who comes is not to wait for one.
    records.push_back(target_epoch_record(id, epoch, Timestamp{}));
  }
  for (const ConsumerMember* member : gone) stop_timers(machine, id, member->id);
  for (coordinator::Record& record : records) out.append(std::move(record));
}

void keep_session(Machine& machine, const std::string& id, const ConsumerMember& member, Now now) {
  const Milliseconds timeout = member.classic
                                   ? member.classic->session_timeout_ms
                                   : group_config(machine, id, "consumer.session.timeout.ms",
                                                  machine.settings.consumer_session_timeout,
                                                  machine.settings.consumer_session_timeout_range);
  machine.timers.set({TimerKind::consumer_session, id, member.id}, now.instant + timeout);
}

void stop_timers(Machine& machine, const std::string& id, const std::string& member) {
  for (const TimerKind kind : k_member_timers) machine.timers.cancel({kind, id, member});
}

void start_sessions(Machine& machine, const std::string& id, const ConsumerGroup& group, Now now) {
  for (const auto& [member_id, member] : group.members()) {
    keep_session(machine, id, member, now);
    if (member.state == MemberState::unrevoked_partitions) {
      machine.timers.set({TimerKind::consumer_rebalance, id, member_id},
                         now.instant + member.rebalance_timeout, member.epoch);
    }
  }
}

void time_over(Machine& machine, const TimerKey& timer, std::int32_t epoch, Now now, Step& out) {
  const ConsumerGroup* group = machine.consumer(timer.group);
  const ConsumerMember* member = group == nullptr ? nullptr : group->member(timer.member);
  if (member == nullptr) return;
  // It has left the epoch in which it had to give something up.
  if (timer.kind == TimerKind::consumer_rebalance && member->epoch != epoch) return;
  fence(machine, timer.group, {timer.member}, now, out);
}

}  // namespace moldau::group::consumer
