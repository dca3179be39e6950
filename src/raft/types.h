#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "protocol/data/voters_record.h"

// Words of the quorum. Source: org.apache.kafka.raft (ReplicaKey, VoterSet, OffsetAndEpoch).
namespace moldau::raft {

// Names one input that wants an answer; the caller draws it, the machine hands it back.
using Ticket = Id<struct TicketTag, std::uint64_t>;

// kraft.version 1 tells two disks of one node id apart by the directory id. Zero: not known.
struct ReplicaKey {
  BrokerId id = k_no_broker;
  Uuid directory_id;
  friend auto operator<=>(const ReplicaKey&, const ReplicaKey&) = default;
};

// kraft.version as finalized in the log: 0 static voters, 1 voters in the log (KIP-853).
enum class KRaftVersion : std::int16_t { static_voters = 0, dynamic_voters = 1 };

struct VoterEndpoint {
  std::string listener;
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const VoterEndpoint&, const VoterEndpoint&) = default;
};

struct Voter {
  ReplicaKey key;
  std::vector<VoterEndpoint> endpoints;
  KRaftVersion min_kraft_version = KRaftVersion::static_voters;
  KRaftVersion max_kraft_version = KRaftVersion::static_voters;
  friend bool operator==(const Voter&, const Voter&) = default;
};

// Who votes. Sorted by id, each id once. Empty: nobody, the node waits to be told.
class VoterSet {
 public:
  VoterSet() = default;
  // Errors: bad_configuration, for an id that is negative or there twice.
  [[nodiscard]] static Result<VoterSet> of(std::vector<Voter> voters);
  // Errors: unusable_record.
  [[nodiscard]] static Result<VoterSet> from_record(const protocol::VotersRecord& record);
  [[nodiscard]] protocol::VotersRecord to_record() const;

  [[nodiscard]] bool empty() const { return voters_.empty(); }
  [[nodiscard]] const std::vector<Voter>& all() const { return voters_; }
  [[nodiscard]] const Voter* find(BrokerId id) const;
  // Directory ids count only where the set knows them.
  [[nodiscard]] bool is_voter(const ReplicaKey& key) const;
  [[nodiscard]] bool is_only_voter(const ReplicaKey& key) const;
  // The same set with this voter's entry replaced. REQUIRES: is_voter(voter.key).
  [[nodiscard]] VoterSet with(Voter voter) const;
  friend bool operator==(const VoterSet&, const VoterSet&) = default;

 private:
  std::vector<Voter> voters_;
};

// A snapshot holds what records below end_offset made; epoch is that of the record before it.
// Its file is "%020d-%010d.checkpoint".
struct SnapshotId {
  Offset end_offset;
  LeaderEpoch epoch;
  [[nodiscard]] std::string file_name() const;
  // nullopt for any other file name.
  [[nodiscard]] static std::optional<SnapshotId> of_file_name(std::string_view name);
  friend auto operator<=>(const SnapshotId&, const SnapshotId&) = default;
};
// Written by `storage format`: bootstrap records, and voters when kraft.version is 1. Never sent to
// other nodes, and what it holds is written to the log again by the first controller.
inline constexpr SnapshotId k_bootstrap_snapshot{Offset{0}, LeaderEpoch{0}};

struct EpochStart {  // an epoch of the metadata log and the offset of its first record
  LeaderEpoch epoch;
  Offset start_offset;
  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

}  // namespace moldau::raft
