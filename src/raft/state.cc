#include "raft/state.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "raft/control_value.h"
#include "record/control.h"

namespace moldau::raft {
namespace {

// What a record adds to its value at most: length, attributes, deltas, key, header count.
constexpr std::int64_t k_record_overhead = 32;

std::int64_t size_of(const std::vector<std::byte>& value) {
  return std::ssize(value) + k_record_overhead;
}

}  // namespace

void Machine::State::handle(Input& input, Outputs& out) {
  if (!started) {
    started = true;
    last_snapshot_at = now;
    election_at = now;  // the only voter waits for nobody
  }
  std::visit([this, &out](auto& event) { on(event, out); }, input);
}

void Machine::State::on(Tick& /*input*/, Outputs& out) {
  if (role == Role::unattached && !shutting_down && now >= election_at) {
    stand_for_election(out);
    return;
  }
  if (role != Role::leader) return;
  if (!pending.empty() && now - pending_since >= settings.append_linger) flush_pending(out);
  maybe_ask_for_snapshot(out);
  answer_waiting(out);
}

void Machine::State::persist(Outputs& out) {
  protocol::QuorumStateData data{.leader_id = leader.value_or(k_no_broker),
                                 .leader_epoch = epoch,
                                 .voted_id = voted ? voted->id : k_no_broker};
  const bool with_directories = voters.version == KRaftVersion::dynamic_voters;
  if (with_directories) {
    if (voted) data.voted_directory_id = voted->directory_id;
  } else {
    data.current_voters.emplace();
    for (const Voter& voter : voters.voters.all()) {
      data.current_voters->emplace_back().voter_id = voter.key.id;
    }
  }
  out.persist = {std::move(data), ApiVersion{static_cast<std::int16_t>(with_directories ? 1 : 0)}};
  persisting = true;
}

void Machine::State::stand_for_election(Outputs& out) {
  // The vote of the only voter decides at once, so the state of the elected leader is what is
  // persisted: it forbids any other vote in this epoch just as the vote would, in one sync.
  role = Role::candidate;
  epoch = epoch.next();
  leader = settings.node_id;
  voted.reset();
  persist(out);
}

void Machine::State::on(PersistDone& /*input*/, Outputs& out) {
  CHECK(persisting);
  persisting = false;
  if (role == Role::candidate) lead(out);
}

void Machine::State::lead(Outputs& out) {
  role = Role::leader;
  epoch_start = log.end;
  next_offset = log.end;
  gained = false;
  log.assign_epoch(epoch, epoch_start);

  // Only a record of its own epoch lets a leader commit what predecessors left, so one is written
  // without waiting for a proposal.
  record::BatchBuilder builder({.base_offset = log.end, .leader_epoch = epoch, .is_control = true});
  protocol::LeaderChangeMessage message{.version = 0, .leader_id = settings.node_id};
  for (const Voter& voter : voters.voters.all()) {
    message.voters.emplace_back().voter_id = voter.key.id;
    message.granting_voters.emplace_back().voter_id = voter.key.id;
  }
  record::append_control(builder, record::ControlType::leader_change, wall, control_value(message));

  if (voters.version == KRaftVersion::dynamic_voters) {
    Voter self_now{.key = self(),
                   .endpoints = settings.endpoints,
                   .min_kraft_version = KRaftVersion::static_voters,
                   .max_kraft_version = KRaftVersion::dynamic_voters};
    const bool only_in_bootstrap = *voters.voters_offset == k_no_offset;
    if (only_in_bootstrap || !(*voters.voters.find(settings.node_id) == self_now)) {
      voters.voters = voters.voters.with(std::move(self_now));
      record::append_control(
          builder, record::ControlType::kraft_version, wall,
          control_value(protocol::KRaftVersionRecord{
              .version = 0, .k_raft_version = static_cast<std::int16_t>(voters.version)}));
      voters.voters_offset = builder.next_offset();
      record::append_control(builder, record::ControlType::kraft_voters, wall,
                             control_value(voters.voters.to_record()));
    }
  }
  append(builder, true, out);
  next_offset = log.end;
}

void Machine::State::step_down(LeaderEpoch to, std::optional<BrokerId> to_leader, Outputs& out) {
  if (role == Role::leader) {
    out.lost = LeadershipLost{.new_epoch = to, .leader = to_leader};
    fail_waiting(Errc::not_leader_or_follower, out);
    pending.clear();
    pending_bytes = 0;
    next_offset = log.end;
    observers.clear();
  }
  if (!shutting_down) role = Role::unattached;
  epoch = to;
  leader = to_leader;
  voted.reset();
  election_at = now + settings.election_timeout;
  persist(out);
}

void Machine::State::append(record::BatchBuilder& builder, bool is_control, Outputs& out) {
  const Offset base = log.end;
  const Offset end = builder.next_offset();
  SharedBytes batch = SharedBytes::take(builder.build());
  uncommitted_bytes.emplace_back(end, static_cast<std::int64_t>(batch.size()));
  uncommitted_total += static_cast<std::int64_t>(batch.size());
  log.end = end;
  out.appends.push_back({.base_offset = base,
                         .end_offset = end,
                         .epoch = epoch,
                         .batch = std::move(batch),
                         .is_control = is_control});
}

void Machine::State::on(Propose& input, Outputs& out) {
  const auto refuse = [&](Errc why, std::string text) {
    out.refused.push_back({input.ticket, Error(why, std::move(text))});
  };
  if (!leads() || input.epoch != epoch) {
    return refuse(
        Errc::not_controller,
        fmt::format("this node does not lead the metadata quorum in epoch {}", input.epoch));
  }
  CHECK(!input.values.empty());
  std::int64_t bytes = record::k_batch_header_size;
  std::int64_t largest = 0;
  for (const auto& value : input.values) {
    bytes += size_of(value);
    largest = std::max(largest, size_of(value));
  }
  if ((input.atomic ? bytes : largest) > k_batch_bytes_max) {
    return refuse(Errc::record_list_too_large,
                  fmt::format("{} records of {} bytes do not fit into one metadata batch of {}",
                              input.values.size(), bytes, k_batch_bytes_max));
  }
  const std::int64_t held = uncommitted_total + pending_bytes;
  if (held + bytes > k_metadata_pending_bytes_max.value) {
    return refuse(Errc::limit_reached,
                  fmt::format("{} bytes of metadata wait for the disk already", held));
  }
  const Offset base = next_offset;
  next_offset += std::ssize(input.values);
  out.accepted.push_back({.ticket = input.ticket, .base_offset = base, .end_offset = next_offset});
  if (pending.empty()) pending_since = now;
  pending_bytes += bytes;
  pending.push_back({std::move(input.values), input.atomic});
  // While a sync is under way more operations gather for the next batch.
  if (log.synced == log.end || pending_bytes >= k_batch_bytes_max) flush_pending(out);
}

void Machine::State::flush_pending(Outputs& out) {
  std::optional<record::BatchBuilder> builder;
  std::int64_t room = 0;
  const auto close = [&] {
    if (builder && !builder->empty()) append(*builder, false, out);
    builder.reset();
  };
  for (const PendingOperation& operation : pending) {
    std::int64_t whole = 0;
    for (const auto& value : operation.values) whole += size_of(value);
    if (operation.atomic && whole > room) close();
    for (const auto& value : operation.values) {
      if (builder && size_of(value) > room) close();
      if (!builder) {
        builder.emplace(record::BatchFields{.base_offset = log.end, .leader_epoch = epoch});
        room = k_batch_bytes_max - static_cast<std::int64_t>(record::k_batch_header_size);
      }
      builder->append({.timestamp = wall, .key = std::nullopt, .value = Bytes{value}});
      room -= size_of(value);
    }
  }
  close();
  pending.clear();
  pending_bytes = 0;
  CHECK_OP(log.end, ==, next_offset);
  answer_waiting(out);
}

void Machine::State::on(LogSynced& input, Outputs& out) {
  CHECK_OP(input.end, <=, log.end);
  log.synced = std::max(log.synced, input.end);
  if (role != Role::leader) return;
  advance_high_watermark(out);
  if (!pending.empty() && log.synced == log.end) flush_pending(out);
  maybe_ask_for_snapshot(out);
}

void Machine::State::advance_high_watermark(Outputs& out) {
  // Raft paper, section 5.4.2: an entry of an earlier term is committed only by one of ours.
  if (log.synced <= epoch_start) return;
  if (high_watermark && *high_watermark >= log.synced) return;
  high_watermark = log.synced;
  out.high_watermark = high_watermark;
  while (!uncommitted_bytes.empty() && uncommitted_bytes.front().first <= *high_watermark) {
    bytes_since_snapshot += uncommitted_bytes.front().second;
    uncommitted_total -= uncommitted_bytes.front().second;
    uncommitted_bytes.pop_front();
  }
  if (!gained) {
    gained = true;
    out.gained = LeadershipGained{.epoch = epoch, .start_offset = epoch_start};
  }
  answer_waiting(out);
}

void Machine::State::maybe_ask_for_snapshot(Outputs& out) {
  if (snapshot_asked || !gained || bytes_since_snapshot == 0) return;
  const bool by_bytes = bytes_since_snapshot > settings.snapshot_after_bytes;
  const bool by_time = settings.snapshot_after > Milliseconds{0} &&
                       now - last_snapshot_at >= settings.snapshot_after;
  if (!by_bytes && !by_time) return;
  snapshot_asked = true;
  bytes_since_snapshot = 0;
  last_snapshot_at = now;
  out.take_snapshot =
      TakeSnapshot{by_bytes ? TakeSnapshot::Because::bytes : TakeSnapshot::Because::time};
}

void Machine::State::on(SnapshotTaken& input, Outputs& /*out*/) {
  snapshot_asked = false;
  const std::pair entry{input.id, input.size};
  const auto at =
      std::ranges::lower_bound(log.snapshots, input.id, {}, [](const auto& s) { return s.first; });
  if (at != log.snapshots.end() && at->first == input.id) {
    *at = entry;
  } else {
    log.snapshots.insert(at, entry);
  }
}

void Machine::State::on(SnapshotGivenUp& /*input*/, Outputs& /*out*/) { snapshot_asked = false; }

void Machine::State::on(LogCleaned& input, Outputs& /*out*/) {
  log.clean_before(input.oldest_snapshot);
}

void Machine::State::on(Shutdown& /*input*/, Outputs& out) {
  if (shutting_down) return;
  if (role == Role::leader && !pending.empty()) flush_pending(out);
  shutting_down = true;
  fail_waiting(Errc::broker_not_available, out);
  // A leader stays one for what it has appended: its answers wait for LogSynced.
  if (role != Role::leader) role = Role::resigned;
}

void Machine::State::on(Answered& /*input*/, Outputs& /*out*/) {
  // The only voter asks nobody, so this answers a request that it never sent.
}

std::optional<Instant> Machine::State::next_wake() const {
  std::optional<Instant> wake;
  const auto by = [&wake](Instant at) {
    if (!wake || at < *wake) wake = at;
  };
  if (shutting_down || persisting) return wake;
  if (role == Role::unattached) by(election_at);
  if (role != Role::leader) return wake;
  if (!pending.empty()) by(pending_since + settings.append_linger);
  for (const WaitingFetch& fetch : waiting) by(fetch.deadline);
  if (!snapshot_asked && settings.snapshot_after > Milliseconds{0} && bytes_since_snapshot > 0) {
    by(last_snapshot_at + settings.snapshot_after);
  }
  return wake;
}

}  // namespace moldau::raft
