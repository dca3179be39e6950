#include "raft/machine.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "raft/state.h"

namespace moldau::raft {

bool Outputs::empty() const {
  return !persist && !lost && !truncate && appends.empty() && accepted.empty() && refused.empty() &&
         !high_watermark && !gained && answers.empty() && sends.empty() && !take_snapshot;
}

namespace {

Result<void> check_only_voter(const Settings& settings, const VoterFacts& facts) {
  const ReplicaKey self{settings.node_id, settings.directory_id};
  if (facts.voters.is_only_voter(self)) return {};
  const Voter* ours = facts.voters.find(settings.node_id);
  if (ours == nullptr) {
    return fail(Errc::bad_configuration,
                "node {} is not among the {} voters of the metadata quorum; this build runs only "
                "a quorum whose one voter is the node itself",
                settings.node_id, facts.voters.all().size());
  }
  if (!facts.voters.is_voter(self)) {
    return fail(Errc::bad_configuration,
                "voter {} has the directory id {}, this node's metadata directory {}. Bring back "
                "that directory, or format the node anew",
                settings.node_id, ours->key.directory_id, settings.directory_id);
  }
  return fail(Errc::bad_configuration,
              "the metadata quorum has {} voters; this build runs only a quorum whose one voter "
              "is the node itself",
              facts.voters.all().size());
}

}  // namespace

Result<Machine> Machine::open(Settings settings, Restored restored) {
  TRY(VoterFacts voters, VoterFacts::of(settings, restored));
  TRY_OK(check_only_voter(settings, voters));
  auto state = std::make_unique<State>();
  state->log = {.start = restored.log_start_offset,
                .end = restored.log_end_offset,
                .synced = restored.log_end_offset,
                .epochs = std::move(restored.epochs),
                .snapshots = std::move(restored.snapshots)};
  if (state->log.start > state->log.end) {
    return fail(Errc::corrupt_data, "the metadata log starts at {} and ends at {}",
                state->log.start, state->log.end);
  }
  std::ranges::sort(state->log.snapshots);
  state->settings = std::move(settings);
  state->voters = std::move(voters);
  state->next_offset = state->log.end;
  state->bytes_since_snapshot = restored.bytes_after_newest_snapshot;
  state->epoch = state->log.last_epoch();
  if (restored.quorum_state && restored.quorum_state->leader_epoch >= state->epoch) {
    state->epoch = restored.quorum_state->leader_epoch;
    if (restored.quorum_state->leader_id >= BrokerId{0}) {
      state->leader = restored.quorum_state->leader_id;
    }
    if (restored.quorum_state->voted_id >= BrokerId{0}) {
      state->voted =
          ReplicaKey{restored.quorum_state->voted_id, restored.quorum_state->voted_directory_id};
    }
  }
  return Machine(std::move(state));
}

Machine::Machine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;
Machine::~Machine() = default;

Outputs Machine::step(Input input, Instant now, Timestamp wall) {
  Outputs out;
  state_->now = now;
  state_->wall = wall;
  if (state_->persisting && !std::holds_alternative<PersistDone>(input)) {
    // What it leads to may rest on the state that is being persisted.
    state_->deferred.push_back(std::move(input));
    return out;
  }
  state_->handle(input, out);
  while (!state_->persisting && !state_->deferred.empty()) {
    Input next = std::move(state_->deferred.front());
    state_->deferred.pop_front();
    state_->handle(next, out);
  }
  out.wake_at = state_->next_wake();
  return out;
}

bool Machine::is_leader() const { return state_->leads(); }
LeaderEpoch Machine::epoch() const { return state_->epoch; }
std::optional<BrokerId> Machine::leader() const { return state_->leader; }
Offset Machine::next_offset() const { return state_->next_offset; }
std::optional<Offset> Machine::high_watermark() const { return state_->high_watermark; }
const VoterSet& Machine::voters() const { return state_->voters.voters; }
KRaftVersion Machine::kraft_version() const { return state_->voters.version; }
Offset Machine::log_start_offset() const { return state_->log.start; }
std::optional<SnapshotId> Machine::newest_snapshot() const {
  if (state_->log.snapshots.empty()) return std::nullopt;
  return state_->log.snapshots.back().first;
}

}  // namespace moldau::raft
