#include <fmt/core.h>

#include <algorithm>

#include "raft/state.h"

namespace moldau::raft {

LeaderEpoch LogFacts::last_epoch() const {
  const LeaderEpoch of_snapshot = snapshots.empty() ? LeaderEpoch{0} : snapshots.back().first.epoch;
  return epochs.empty() ? of_snapshot : std::max(epochs.back().epoch, of_snapshot);
}

void LogFacts::assign_epoch(LeaderEpoch epoch, Offset start_offset) {
  if (!epochs.empty() && epochs.back().epoch >= epoch) return;
  epochs.push_back({epoch, start_offset});
}

std::pair<LeaderEpoch, Offset> LogFacts::end_of(LeaderEpoch epoch) const {
  // The first entry above the asked epoch begins where the asked one ends.
  const auto above = std::ranges::upper_bound(epochs, epoch, {}, &EpochStart::epoch);
  if (above == epochs.end()) {
    const bool known = !epochs.empty() && epochs.back().epoch == epoch;
    return {known ? epoch : last_epoch(), end};
  }
  const Offset end_offset = above->start_offset;
  // The log may begin right behind a snapshot of the asked epoch.
  const auto& oldest = snapshots.empty() ? SnapshotId{} : snapshots.front().first;
  if (!snapshots.empty() && oldest.end_offset == end_offset && oldest.epoch == epoch) {
    return {epoch, end_offset};
  }
  return {above == epochs.begin() ? epoch : std::prev(above)->epoch, end_offset};
}

Position LogFacts::locate(Offset fetch_offset, LeaderEpoch last_fetched_epoch) const {
  if (start == Offset{0} && fetch_offset == Offset{0}) return {};
  if (!snapshots.empty()) {
    const SnapshotId& oldest = snapshots.front().first;
    const bool before_log = fetch_offset < start;
    const bool other_history = fetch_offset == start && last_fetched_epoch != oldest.epoch;
    if (before_log || other_history || last_fetched_epoch < oldest.epoch) {
      const SnapshotId& newest = snapshots.back().first;
      return {Position::Kind::snapshot, newest.epoch, newest.end_offset};
    }
  }
  const auto [epoch, end_offset] = end_of(last_fetched_epoch);
  if (epoch != last_fetched_epoch || end_offset < fetch_offset) {
    return {Position::Kind::diverging, epoch, end_offset};
  }
  return {};
}

void LogFacts::clean_before(const SnapshotId& oldest) {
  std::erase_if(snapshots, [&oldest](const auto& s) { return s.first < oldest; });
  start = std::max(start, oldest.end_offset);
  // The epoch that spans the new start begins there now.
  while (epochs.size() > 1 && epochs[1].start_offset <= start) epochs.erase(epochs.begin());
  if (!epochs.empty()) epochs.front().start_offset = std::max(epochs.front().start_offset, start);
}

Result<VoterFacts> VoterFacts::of(const Settings& settings, const Restored& restored) {
  VoterFacts facts{.voters = settings.static_voters};
  for (const ControlFound& found : restored.control) {
    if (const auto* voters = std::get_if<protocol::VotersRecord>(&found.record)) {
      TRY(facts.voters, VoterSet::from_record(*voters));
      facts.voters_offset = found.offset;
      continue;
    }
    const auto version = std::get<protocol::KRaftVersionRecord>(found.record).k_raft_version;
    if (version != 0 && version != 1) {
      return fail(Errc::unusable_record, "kraft.version {} at offset {} is not known", version,
                  found.offset);
    }
    facts.version = static_cast<KRaftVersion>(version);
  }
  if (facts.version == KRaftVersion::dynamic_voters && !facts.voters_offset) {
    return fail(Errc::corrupt_data, "kraft.version is 1, but neither log nor snapshot has voters");
  }
  return facts;
}

}  // namespace moldau::raft
