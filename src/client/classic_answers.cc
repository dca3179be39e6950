#include <algorithm>
#include <utility>

#include "client/classic_member.h"
#include "client/consumer_protocol.h"

// What a classic member makes of the coordinator's answers.
// Source: the response handlers of AbstractCoordinator, ConsumerCoordinator.onJoinComplete.
namespace moldau::client {

void ClassicMember::answered(GroupAnswer answer, Instant now) {
  asked_ = false;
  if (leaving_ == Leaving::told || stale_ || subscription_.empty()) return;
  if (const auto* join = std::get_if<protocol::JoinGroupResponse>(&answer)) {
    if (state_ != State::joining) return;
    if (join->error_code == Errc::member_id_required) {
      member_id_ = join->member_id;
      state_ = State::unjoined;
      reason_ = "need to re-join with the given member-id: " + member_id_;
    } else if (join->error_code == Errc::none) {
      joined(*join, now);
    } else {
      refused(join->error_code, now);
    }
  } else if (const auto* sync = std::get_if<protocol::SyncGroupResponse>(&answer)) {
    if (state_ != State::syncing) return;
    if (sync->error_code == Errc::none) {
      synced(*sync, now);
    } else {
      refused(sync->error_code, now);
    }
  } else if (const auto* heartbeat = std::get_if<protocol::HeartbeatResponse>(&answer)) {
    alive(*heartbeat, now);
  } else if (const auto* error = std::get_if<Error>(&answer)) {
    if (error->code() == Errc::unsupported_version) return fail_with(*error);
    if (state_ != State::stable) state_ = State::unjoined;
    retry_later(now);
  }
}

void ClassicMember::joined(const protocol::JoinGroupResponse& answer, Instant now) {
  generation_ = GenerationId{answer.generation_id};
  member_id_ = answer.member_id;
  chosen_ = answer.protocol_name.value_or("");
  joined_with_ = subscription_;
  assignments_.clear();
  backoff_ = settings_.retry_backoff;
  next_heartbeat_ = now + settings_.heartbeat_interval;
  if (assignor_called(chosen_) == nullptr) {
    return fail_with(Error(Errc::inconsistent_group_protocol,
                           "Coordinator selected invalid assignment protocol: " + chosen_));
  }
  if (answer.leader == answer.member_id) {
    lead(answer);
  } else {
    is_leader_ = false;
    state_ = State::syncing;
  }
}

void ClassicMember::synced(const protocol::SyncGroupResponse& answer, Instant now) {
  if (answer.protocol_name && *answer.protocol_name != chosen_) {
    return fail_with(Error(Errc::inconsistent_group_protocol,
                           "JoinGroup and SyncGroup named different assignment protocols"));
  }
  state_ = State::stable;
  needs_rejoin_ = false;
  prepared_ = false;
  reason_.clear();
  next_heartbeat_ = now + settings_.heartbeat_interval;
  auto assignment = read_assignment(answer.assignment);
  if (!assignment) {
    return fail_with(Error(Errc::unknown_server_error,
                           "The assignment that the group's leader made cannot be read"));
  }
  if (!(subscription_ == joined_with_)) {
    needs_rejoin_ = true;
    reason_ = "subscription has changed";
  }
  take_assignment(*std::move(assignment));
}

void ClassicMember::take_assignment(std::vector<TopicPartition> partitions) {
  std::ranges::sort(partitions);
  const bool unwanted = std::ranges::any_of(partitions, [&](const TopicPartition& it) {
    return !subscription_.by_client_pattern &&
           !std::ranges::binary_search(subscription_.topics, it.topic);
  });
  if (unwanted) {
    needs_rejoin_ = true;
    reason_ = "received assignment does not match the current subscription";
    return;
  }
  coming_ = std::move(partitions);
  std::vector<TopicPartition> revoked;
  std::ranges::set_difference(assigned_, *coming_, std::back_inserter(revoked));
  if (protocol_ == RebalanceProtocol::cooperative && !revoked.empty()) {
    needs_rejoin_ = true;
    reason_ = "need to revoke partitions and re-join";
    return ask_program(Duty::Kind::revoke, std::move(revoked), false);
  }
  begin_assigned();
}

void ClassicMember::begin_assigned() {
  const std::vector<TopicPartition> all = *std::exchange(coming_, std::nullopt);
  std::vector<TopicPartition> added;
  std::ranges::set_difference(all, assigned_, std::back_inserter(added));
  assignor_called(chosen_)->on_assignment(all, generation_);
  assigned_ = {all.begin(), all.end()};
  ask_program(Duty::Kind::assign, std::move(added), false);
}

void ClassicMember::alive(const protocol::HeartbeatResponse& answer, Instant now) {
  if (state_ != State::stable || answer.error_code == Errc::none) {
    backoff_ = settings_.retry_backoff;
    return;
  }
  if (answer.error_code == Errc::rebalance_in_progress) {
    needs_rejoin_ = true;
    reason_ = "group is already rebalancing";
    return;
  }
  refused(answer.error_code, now);
}

// Errors that JoinGroup, SyncGroup and Heartbeat have in common.
void ClassicMember::refused(Errc code, Instant now) {
  switch (code) {
    case Errc::unknown_member_id:
      forget_generation(true);
      needs_rejoin_ = true;
      reason_ = "encountered UNKNOWN_MEMBER_ID";
      return;
    case Errc::illegal_generation:
      forget_generation(false);
      needs_rejoin_ = true;
      reason_ = "encountered ILLEGAL_GENERATION";
      return;
    case Errc::rebalance_in_progress:
      state_ = State::unjoined;
      needs_rejoin_ = true;
      reason_ = "rebalance in progress";
      return retry_later(now);
    case Errc::coordinator_load_in_progress:
    case Errc::coordinator_not_available:
    case Errc::not_coordinator:
      if (state_ != State::stable) {
        state_ = State::unjoined;
        needs_rejoin_ = true;
      }
      return retry_later(now);
    default:
      return fail_with(Error(code));
  }
}

void ClassicMember::retry_later(Instant now) {
  not_before_ = now + backoff_;
  backoff_ = std::min(backoff_ * 2, settings_.retry_backoff_max);
}

void ClassicMember::forget_generation(bool with_member_id) {
  state_ = State::unjoined;
  generation_ = k_no_generation;
  if (with_member_id) member_id_.clear();
  needs_rejoin_ = true;
  prepared_ = false;
  coming_.reset();
  // What it was told to begin or give up may be another's by now.
  if (!duty_ || leaving_ != Leaving::no) return;
  if (duty_->kind == Duty::Kind::assign) {
    duty_.reset();
  } else {
    duty_->kind = Duty::Kind::lose;
  }
}

void ClassicMember::fail_with(Error error) {
  state_ = State::unjoined;
  needs_rejoin_ = true;
  prepared_ = false;
  must_be_polled_ = true;
  failure_ = std::move(error);
}

}  // namespace moldau::client
