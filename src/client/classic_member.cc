#include "client/classic_member.h"

#include <algorithm>
#include <utility>

#include "bytes/writer.h"
#include "client/consumer_protocol.h"

namespace moldau::client {
namespace {

using protocol::HeartbeatRequest;
using protocol::JoinGroupRequest;
using protocol::LeaveGroupRequest;
using protocol::SyncGroupRequest;

constexpr const char* k_protocol_type = "consumer";

std::vector<TopicPartition> listed(const std::set<TopicPartition>& partitions) {
  return {partitions.begin(), partitions.end()};
}

// The most advanced one that all can.
RebalanceProtocol common_protocol(const std::vector<std::unique_ptr<Assignor>>& assignors) {
  const bool all = std::ranges::all_of(assignors, [](const auto& assignor) {
    return assignor->protocol() == RebalanceProtocol::cooperative;
  });
  return all ? RebalanceProtocol::cooperative : RebalanceProtocol::eager;
}

}  // namespace

ClassicMember::ClassicMember(GroupSettings settings,
                             std::vector<std::unique_ptr<Assignor>> assignors)
    : settings_(std::move(settings)),
      assignors_(std::move(assignors)),
      protocol_(common_protocol(assignors_)),
      backoff_(settings_.retry_backoff) {}

void ClassicMember::subscribe(Subscription subscription, Instant now) {
  if (subscription_.empty()) {
    needs_rejoin_ = true;
    must_be_polled_ = true;
    last_poll_ = now;
  }
  leaving_ = Leaving::no;
  subscription_ = std::move(subscription);
  if (state_ != State::unjoined && !(subscription_ == joined_with_)) {
    needs_rejoin_ = true;
    reason_ = "rebalance enforced by user";
  }
}

void ClassicMember::polled(Instant now) {
  last_poll_ = now;
  must_be_polled_ = false;
  stale_ = false;
}

void ClassicMember::leave(Instant now) {
  if (subscription_.empty()) return;
  subscription_ = {};
  needs_rejoin_ = false;
  leaving_ = Leaving::wanted;
  not_before_ = now;
  coming_.reset();
  duty_.reset();
  if (assigned_.empty()) return;
  const bool lost = generation_ == k_no_generation || state_ != State::stable;
  ask_program(lost ? Duty::Kind::lose : Duty::Kind::revoke, listed(assigned_), !lost);
}

bool ClassicMember::is_out() const {
  return subscription_.empty() && !asked_ && !duty_ && leaving_ != Leaving::wanted;
}

bool ClassicMember::is_stale(Instant now) const {
  return now >= last_poll_ + settings_.max_poll_interval;
}

std::optional<GroupQuestion> ClassicMember::next(Instant now) {
  if (asked_ || failure_) return std::nullopt;
  if (leaving_ == Leaving::wanted) return duty_ ? std::nullopt : leave_question();
  if (subscription_.empty() || must_be_polled_ || stale_ || now < not_before_) return std::nullopt;
  if (state_ == State::stable && is_stale(now)) {
    stale_ = true;
    GroupQuestion goodbye = leave_request("consumer poll timeout has expired.");
    const bool is_static = settings_.instance_id.has_value();
    forget_generation(true);
    if (is_static) return std::nullopt;
    asked_ = true;
    return goodbye;
  }
  const bool settled = state_ == State::unjoined || state_ == State::stable;
  if (settled && needs_rejoin_ && !duty_) {
    if (!prepared_) prepare_to_join();
    if (!duty_) {
      asked_ = true;
      state_ = State::joining;
      return join_request();
    }
  }
  if (state_ == State::syncing) {
    asked_ = true;
    return sync_request();
  }
  if (state_ == State::stable && now >= next_heartbeat_) {
    asked_ = true;
    next_heartbeat_ = now + settings_.heartbeat_interval;
    return heartbeat_request();
  }
  return std::nullopt;
}

std::optional<Instant> ClassicMember::wake_at() const {
  if (asked_ || failure_) return std::nullopt;
  if (leaving_ == Leaving::wanted) return duty_ ? std::nullopt : std::optional(not_before_);
  if (subscription_.empty() || must_be_polled_ || stale_) return std::nullopt;
  const bool joins = needs_rejoin_ && !duty_;
  switch (state_) {
    case State::unjoined:
      return joins ? std::optional(not_before_) : std::nullopt;
    case State::joining:
    case State::assigning:
      return std::nullopt;
    case State::syncing:
      return not_before_;
    case State::stable:
      break;
  }
  const Instant stale_at = last_poll_ + settings_.max_poll_interval;
  return std::max(not_before_, joins ? not_before_ : std::min(next_heartbeat_, stale_at));
}

// What the program has to give up before it joins again.
void ClassicMember::prepare_to_join() {
  prepared_ = true;
  is_leader_ = false;
  watched_.reset();
  if (generation_ == k_no_generation || member_id_.empty()) {
    if (!assigned_.empty()) ask_program(Duty::Kind::lose, listed(assigned_), true);
    return;
  }
  if (protocol_ == RebalanceProtocol::eager) {
    return ask_program(Duty::Kind::revoke, listed(assigned_), true);
  }
  std::vector<TopicPartition> unwanted;
  for (const TopicPartition& partition : assigned_) {
    if (!std::ranges::binary_search(subscription_.topics, partition.topic)) {
      unwanted.push_back(partition);
    }
  }
  if (!unwanted.empty()) ask_program(Duty::Kind::revoke, std::move(unwanted), true);
}

JoinGroupRequest ClassicMember::join_request() const {
  JoinGroupRequest request;
  request.group_id = settings_.group_id;
  request.session_timeout_ms = settings_.session_timeout;
  request.rebalance_timeout_ms = settings_.max_poll_interval;
  request.member_id = member_id_;
  request.group_instance_id = settings_.instance_id;
  request.protocol_type = k_protocol_type;
  for (const auto& assignor : assignors_) {
    auto& protocol = request.protocols.emplace_back();
    protocol.name = assignor->name();
    protocol.metadata = subscription_bytes(*assignor);
  }
  request.reason = reason_;
  return request;
}

std::vector<std::byte> ClassicMember::subscription_bytes(const Assignor& assignor) const {
  return write_subscription(subscription_.topics, listed(assigned_), generation_, settings_.rack,
                            assignor.user_data());
}

SyncGroupRequest ClassicMember::sync_request() const {
  SyncGroupRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_.value();
  request.member_id = member_id_;
  request.group_instance_id = settings_.instance_id;
  request.protocol_type = k_protocol_type;
  request.protocol_name = chosen_;
  request.assignments = assignments_;
  return request;
}

HeartbeatRequest ClassicMember::heartbeat_request() const {
  HeartbeatRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_.value();
  request.member_id = member_id_;
  request.group_instance_id = settings_.instance_id;
  return request;
}

LeaveGroupRequest ClassicMember::leave_request(std::string reason) const {
  LeaveGroupRequest request;
  request.group_id = settings_.group_id;
  auto& member = request.members.emplace_back();
  member.member_id = member_id_;
  member.group_instance_id = settings_.instance_id;
  member.reason = std::move(reason);
  return request;
}

// Static members stay: they will be back within the session.
std::optional<GroupQuestion> ClassicMember::leave_question() {
  leaving_ = Leaving::told;
  const bool tell = !settings_.instance_id && !member_id_.empty() && state_ != State::unjoined;
  GroupQuestion goodbye = leave_request("the consumer unsubscribed from all topics");
  forget_generation(true);
  needs_rejoin_ = false;
  if (!tell) return std::nullopt;
  asked_ = true;
  return goodbye;
}

void ClassicMember::ask_program(Duty::Kind kind, std::vector<TopicPartition> partitions,
                                bool commit_first) {
  duty_ = Duty{kind, std::move(partitions), commit_first, ++duties_};
}

void ClassicMember::duty_done(std::uint32_t number, Instant /*now*/) {
  if (!duty_ || duty_->number != number) return;
  const Duty done = *std::exchange(duty_, std::nullopt);
  if (done.kind == Duty::Kind::assign) return;
  for (const TopicPartition& partition : done.partitions) assigned_.erase(partition);
  if (coming_) begin_assigned();
}

std::optional<MemberIdentity> ClassicMember::identity() const {
  if (generation_ == k_no_generation || state_ != State::stable) return std::nullopt;
  return MemberIdentity{member_id_, generation_.value(), settings_.instance_id};
}

std::optional<Error> ClassicMember::take_failure() { return std::exchange(failure_, std::nullopt); }

// ---- the leader's part

TopicNeed ClassicMember::topic_need() const {
  std::set<std::string> names(subscription_.topics.begin(), subscription_.topics.end());
  if (is_leader_) {
    for (const MemberSubscription& member : members_) {
      names.insert(member.topics.begin(), member.topics.end());
    }
  }
  const bool racks_count = is_leader_ && std::ranges::any_of(members_, [](const auto& member) {
                             return member.rack.has_value();
                           });
  return {{names.begin(), names.end()}, {}, racks_count};
}

// Of the topics that it needs.
TopicKnowledge ClassicMember::seen_of(const TopicKnowledge& topics) const {
  TopicKnowledge seen;
  for (const std::string& name : topic_need().names) {
    const auto count = topics.partition_counts.find(name);
    if (count != topics.partition_counts.end()) seen.partition_counts.insert(*count);
    const auto replicas = topics.replicas.find(name);
    if (replicas != topics.replicas.end()) seen.replicas.insert(*replicas);
  }
  return seen;
}

// Racks that change are the leader's affair only when it has one itself (MetadataSnapshot).
bool ClassicMember::assigned_from(const TopicKnowledge& seen) const {
  return watched_->partition_counts == seen.partition_counts &&
         (!settings_.rack || same_racks(watched_->replicas, seen.replicas));
}

void ClassicMember::know(const TopicKnowledge& topics, Instant /*now*/) {
  if (state_ == State::assigning) return assign_all(topics);
  if (state_ != State::stable || !is_leader_) return;
  TopicKnowledge seen = seen_of(topics);
  if (!watched_) watched_ = seen;
  if (assigned_from(seen)) return;
  watched_ = std::move(seen);
  needs_rejoin_ = true;
  reason_ = "cached metadata has changed";
}

void ClassicMember::lead(const protocol::JoinGroupResponse& answer) {
  is_leader_ = true;
  members_.clear();
  for (const auto& member : answer.members) {
    members_.push_back(read_member(member.member_id, member.group_instance_id, member.metadata));
  }
  state_ = answer.skip_assignment ? State::syncing : State::assigning;
}

void ClassicMember::assign_all(const TopicKnowledge& topics) {
  Assignor* assignor = assignor_called(chosen_);
  watched_ = seen_of(topics);
  AssignmentQuestion question{members_, watched_->partition_counts, racks_of(watched_->replicas)};
  std::erase_if(question.partition_counts, [&](const auto& topic) {
    return std::ranges::none_of(
        members_, [&](const MemberSubscription& member) { return wants(member, topic.first); });
  });
  assignments_.clear();
  for (const auto& [member, partitions] : assignor->assign(question)) {
    auto& one = assignments_.emplace_back();
    one.member_id = member;
    one.assignment = write_assignment(partitions);
  }
  state_ = State::syncing;
}

Assignor* ClassicMember::assignor_called(std::string_view name) const {
  const auto found = std::ranges::find(assignors_, name, [](const auto& it) { return it->name(); });
  return found == assignors_.end() ? nullptr : found->get();
}

}  // namespace moldau::client
