#include "group/coordinator.h"

#include <type_traits>
#include <utility>

#include "base/check.h"
#include "group/classic.h"
#include "group/consumer.h"
#include "group/consumer_replay.h"
#include "group/describe.h"
#include "group/expiry.h"
#include "group/offset_commit.h"
#include "group/offset_fetch.h"
#include "group/records.h"

namespace moldau::group {

struct Coordinator::State : Machine {};

namespace {

void replay_group_metadata(Machine& machine, const GroupMetadataEntry& entry) {
  const std::string& id = entry.key.group;
  if (!entry.value) {
    machine.groups.erase(id);
    return;
  }
  // Once loaded, this coordinator alone writes, and its groups are ahead of their records: what a
  // record adds is that the assignment in it is persistent.
  ClassicGroup* live = machine.loaded ? machine.classic(id) : nullptr;
  if (live != nullptr) {
    live->persisted(*entry.value, entry.value->current_state_timestamp);
  } else {
    machine.groups.insert_or_assign(id, ClassicGroup::restore(*entry.value));
  }
}

void fire(Machine& machine, const Timers::Due& due, Now now, Step& out) {
  const auto& [kind, group, member] = due.key;
  switch (kind) {
    case TimerKind::expiry:
      return expire(machine, now, out);
    case TimerKind::classic_member:
      return classic::session_over(machine, group, member, now, out);
    case TimerKind::classic_join:
      return classic::join_time_over(machine, group, now, out);
    case TimerKind::classic_sync:
      return classic::sync_time_over(machine, group, now, out);
    case TimerKind::consumer_session:
    case TimerKind::consumer_rebalance:
    case TimerKind::consumer_join:
    case TimerKind::consumer_sync:
      return consumer::time_over(machine, due.key, due.tag, now, out);
    case TimerKind::consumer_regex:
      return consumer::resolve_regexes(machine, group, now, out);
  }
}

}  // namespace

Coordinator::Coordinator(Settings settings, std::function<Uuid()> new_uuid)
    : state_(std::make_unique<State>()) {
  configure(std::move(settings));
  state_->new_uuid = std::move(new_uuid);
}
Coordinator::~Coordinator() = default;

Result<void> Coordinator::replay(Offset offset, const coordinator::Record& record,
                                 const std::optional<coordinator::Producer>& producer) {
  TRY(const GroupRecord read, read_record(record));
  if (const auto* commit = std::get_if<OffsetCommitEntry>(&read)) {
    replay_offset_commit(*state_, offset, *commit, producer);
  } else if (const auto* metadata = std::get_if<GroupMetadataEntry>(&read)) {
    replay_group_metadata(*state_, *metadata);
  }
  return replay_consumer_record(*state_, read);
}

void Coordinator::replay_end_transaction(const coordinator::Producer& producer, bool committed) {
  state_->offsets.end_transaction(producer.id, committed);
}

void Coordinator::loaded(Now now, Step& out) {
  state_->loaded = true;
  start_expiry(*state_, now);
  for (auto& [id, group] : state_->groups) {
    if (auto* classic = std::get_if<ClassicGroup>(&group)) {
      classic::start_sessions(*state_, id, *classic, now, out);
    } else {
      consumer::start_sessions(*state_, id, std::get<ConsumerGroup>(group), now);
    }
  }
}

void Coordinator::new_image(std::shared_ptr<const metadata::Image> image, Now /*now*/,
                            Step& /*out*/) {
  consumer::new_image(*state_, std::move(image));
}

void Coordinator::configure(Settings settings) {
  CHECK(!settings.consumer_assignors.empty());
  state_->settings = std::move(settings);
}

void Coordinator::join(const Ask& ask, const protocol::JoinGroupRequest& request, Now now,
                       Step& out) {
  classic::join(*state_, ask, request, now, out);
}
void Coordinator::sync(const Ask& ask, const protocol::SyncGroupRequest& request, Now now,
                       Step& out) {
  classic::sync(*state_, ask, request, now, out);
}
void Coordinator::heartbeat(const Ask& ask, const protocol::HeartbeatRequest& request, Now now,
                            Step& out) {
  classic::heartbeat(*state_, ask, request, now, out);
}
void Coordinator::leave(const Ask& ask, const protocol::LeaveGroupRequest& request, Now now,
                        Step& out) {
  classic::leave(*state_, ask, request, now, out);
}

void Coordinator::consumer_heartbeat(const Ask& ask,
                                     const protocol::ConsumerGroupHeartbeatRequest& request,
                                     Now now, Step& out) {
  consumer::heartbeat(*state_, ask, request, now, out);
}
void Coordinator::consumer_describe(const Ask& ask, const std::vector<std::string>& groups,
                                    Step& out) {
  describe_consumer_groups(*state_, ask, groups, out);
}

void Coordinator::commit(const Ask& ask, const protocol::OffsetCommitRequest& request, Now now,
                         Step& out) {
  commit_offsets(*state_, ask, request, now, out);
}
void Coordinator::commit_in_transaction(const Ask& ask,
                                        const protocol::TxnOffsetCommitRequest& request, Now now,
                                        Step& out) {
  commit_offsets_in_transaction(*state_, ask, request, now, out);
}
void Coordinator::fetch(const Ask& ask,
                        const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& group,
                        bool require_stable, Step& out) {
  fetch_offsets(*state_, ask, group, require_stable, out);
}
void Coordinator::delete_offsets(const Ask& ask, const protocol::OffsetDeleteRequest& request,
                                 Now /*now*/, Step& out) {
  group::delete_offsets(*state_, ask, request, out);
}

void Coordinator::describe(const Ask& ask, const std::vector<std::string>& groups, Step& out) {
  describe_groups(*state_, ask, groups, out);
}
void Coordinator::list(const Ask& ask, const protocol::ListGroupsRequest& filter, Step& out) {
  list_groups(*state_, ask, filter, out);
}
void Coordinator::remove(const Ask& ask, const std::vector<std::string>& groups, Now /*now*/,
                         Step& out) {
  delete_groups(*state_, ask, groups, out);
}
void Coordinator::topics_deleted(const std::vector<DeletedTopic>& topics, Now /*now*/, Step& out) {
  drop_offsets_of_topics(*state_, topics, out);
}

std::optional<Instant> Coordinator::next_deadline() const { return state_->timers.next(); }

void Coordinator::tick(Now now, Step& out) {
  while (const auto due = state_->timers.pop_due(now.instant)) fire(*state_, *due, now, out);
}

}  // namespace moldau::group
