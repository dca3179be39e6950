#include "raft/types.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace moldau::raft {

Result<VoterSet> VoterSet::of(std::vector<Voter> voters) {
  std::ranges::sort(voters, {}, [](const Voter& v) { return v.key.id; });
  for (std::size_t i = 0; i < voters.size(); ++i) {
    const BrokerId id = voters[i].key.id;
    if (id < BrokerId{0}) return fail(Errc::bad_configuration, "voter id {} is negative", id);
    if (i > 0 && voters[i - 1].key.id == id) {
      return fail(Errc::bad_configuration, "voter {} is named twice", id);
    }
  }
  VoterSet set;
  set.voters_ = std::move(voters);
  return set;
}

Result<VoterSet> VoterSet::from_record(const protocol::VotersRecord& record) {
  std::vector<Voter> voters;
  for (const auto& from : record.voters) {
    Voter voter{.key = {from.voter_id, from.voter_directory_id}};
    for (const auto& e : from.endpoints) voter.endpoints.push_back({e.name, e.host, e.port});
    voter.min_kraft_version =
        static_cast<KRaftVersion>(from.k_raft_version_feature.min_supported_version);
    voter.max_kraft_version =
        static_cast<KRaftVersion>(from.k_raft_version_feature.max_supported_version);
    voters.push_back(std::move(voter));
  }
  Result<VoterSet> set = of(std::move(voters));
  if (!set) return fail(Errc::unusable_record, "VotersRecord: {}", set.error().text());
  return set;
}

protocol::VotersRecord VoterSet::to_record() const {
  protocol::VotersRecord record;
  for (const Voter& voter : voters_) {
    auto& to = record.voters.emplace_back();
    to.voter_id = voter.key.id;
    to.voter_directory_id = voter.key.directory_id;
    for (const VoterEndpoint& e : voter.endpoints) {
      auto& endpoint = to.endpoints.emplace_back();
      endpoint.name = e.listener;
      endpoint.host = e.host;
      endpoint.port = e.port;
    }
    to.k_raft_version_feature.min_supported_version =
        static_cast<std::int16_t>(voter.min_kraft_version);
    to.k_raft_version_feature.max_supported_version =
        static_cast<std::int16_t>(voter.max_kraft_version);
  }
  return record;
}

const Voter* VoterSet::find(BrokerId id) const {
  const auto at =
      std::ranges::lower_bound(voters_, id, {}, [](const Voter& v) { return v.key.id; });
  return at == voters_.end() || at->key.id != id ? nullptr : &*at;
}

bool VoterSet::is_voter(const ReplicaKey& key) const {
  const Voter* voter = find(key.id);
  if (voter == nullptr) return false;
  return voter->key.directory_id.is_zero() || voter->key.directory_id == key.directory_id;
}

bool VoterSet::is_only_voter(const ReplicaKey& key) const {
  return voters_.size() == 1 && is_voter(key);
}

VoterSet VoterSet::with(Voter voter) const {
  CHECK(is_voter(voter.key));
  VoterSet next = *this;
  const auto at =
      std::ranges::find(next.voters_, voter.key.id, [](const Voter& v) { return v.key.id; });
  *at = std::move(voter);
  return next;
}

std::string SnapshotId::file_name() const {
  return fmt::format("{:020}-{:010}.checkpoint", end_offset.value(), epoch.value());
}

std::optional<SnapshotId> SnapshotId::of_file_name(std::string_view name) {
  constexpr std::size_t k_offset_digits = 20;
  constexpr std::size_t k_epoch_digits = 10;
  constexpr std::string_view k_suffix = ".checkpoint";
  if (name.size() != k_offset_digits + 1 + k_epoch_digits + k_suffix.size()) return std::nullopt;
  if (name[k_offset_digits] != '-' || !name.ends_with(k_suffix)) return std::nullopt;
  std::int64_t offset = 0;
  std::int32_t epoch = 0;
  const char* const start = name.data();
  const auto a = std::from_chars(start, start + k_offset_digits, offset);
  const char* const epoch_start = start + k_offset_digits + 1;
  const auto b = std::from_chars(epoch_start, epoch_start + k_epoch_digits, epoch);
  if (a.ec != std::errc{} || a.ptr != start + k_offset_digits) return std::nullopt;
  if (b.ec != std::errc{} || b.ptr != epoch_start + k_epoch_digits) return std::nullopt;
  if (offset < 0 || epoch < 0) return std::nullopt;
  return SnapshotId{Offset{offset}, LeaderEpoch{epoch}};
}

}  // namespace moldau::raft
