#pragma once
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/data/leader_change_message.h"
#include "raft/machine.h"
#include "record/builder.h"

// The inside of Machine; for the .cc files of raft/ and their tests only.
namespace moldau::raft {

inline constexpr Milliseconds k_observer_forgotten_after{300'000};

enum class Role : std::uint8_t { unattached, candidate, leader, resigned };

// A fetch that waits for new records, a new high watermark or its time-out.
struct WaitingFetch {
  Ticket ticket;
  ApiVersion version;
  std::string listener;
  ReplicaKey replica;
  Offset fetch_offset;
  LeaderEpoch current_leader_epoch;
  LeaderEpoch last_fetched_epoch;
  Offset known_high_watermark;
  std::int64_t max_bytes = 0;
  Instant deadline{};
};

// Where a fetch position stands in our log.
struct Position {
  enum class Kind : std::uint8_t { valid, diverging, snapshot } kind = Kind::valid;
  LeaderEpoch epoch;  // of the end that we have, or of the snapshot
  Offset offset;
};

// Epochs, offsets and snapshots of the log, as far as decisions need them.
struct LogFacts {
  Offset start;
  Offset end;     // of what was put out as Append
  Offset synced;  // durable
  std::vector<EpochStart> epochs;
  std::vector<std::pair<SnapshotId, std::int64_t>> snapshots;  // increasing, with sizes

  [[nodiscard]] LeaderEpoch last_epoch() const;
  void assign_epoch(LeaderEpoch epoch, Offset start_offset);
  // Where `epoch` ends here: an epoch not above it, and that one's end.
  [[nodiscard]] std::pair<LeaderEpoch, Offset> end_of(LeaderEpoch epoch) const;
  [[nodiscard]] Position locate(Offset fetch_offset, LeaderEpoch last_fetched_epoch) const;
  void clean_before(const SnapshotId& oldest);
};

// What became of the voters and of kraft.version in the course of the log.
struct VoterFacts {
  VoterSet voters;
  std::optional<Offset> voters_offset;  // of the latest VotersRecord; -1: in the bootstrap snapshot
  KRaftVersion version = KRaftVersion::static_voters;
  [[nodiscard]] static Result<VoterFacts> of(const Settings& settings, const Restored& restored);
};

struct PendingOperation {
  std::vector<std::vector<std::byte>> values;
  bool atomic = true;
};

struct Machine::State {
  Settings settings;
  LogFacts log;
  VoterFacts voters;
  Instant now{};
  Timestamp wall{};
  bool started = false;

  Role role = Role::unattached;
  LeaderEpoch epoch{0};
  std::optional<BrokerId> leader;
  std::optional<ReplicaKey> voted;
  Instant election_at{};
  bool persisting = false;
  std::deque<Input> deferred;  // came while persisting
  bool shutting_down = false;

  // Leader only.
  Offset epoch_start{0};
  bool gained = false;
  std::optional<Offset> high_watermark;
  Offset next_offset{0};
  std::deque<PendingOperation> pending;  // accepted, not appended
  std::int64_t pending_bytes = 0;
  Instant pending_since{};
  std::map<ReplicaKey, ReplicaProgress> observers;
  std::vector<WaitingFetch> waiting;

  // Snapshots.
  std::deque<std::pair<Offset, std::int64_t>> uncommitted_bytes;  // end and size of batches
  std::int64_t uncommitted_total = 0;                             // their sizes together
  std::int64_t bytes_since_snapshot = 0;
  Instant last_snapshot_at{};
  bool snapshot_asked = false;

  [[nodiscard]] ReplicaKey self() const { return {settings.node_id, settings.directory_id}; }
  [[nodiscard]] bool leads() const { return role == Role::leader && !shutting_down; }

  // state.cc
  void handle(Input& input, Outputs& out);
  void on(Tick& input, Outputs& out);
  void on(PersistDone& input, Outputs& out);
  void on(Propose& input, Outputs& out);
  void on(LogSynced& input, Outputs& out);
  void on(SnapshotTaken& input, Outputs& out);
  void on(SnapshotGivenUp& input, Outputs& out);
  void on(LogCleaned& input, Outputs& out);
  void on(Shutdown& input, Outputs& out);
  void on(Answered& input, Outputs& out);
  void persist(Outputs& out);
  void stand_for_election(Outputs& out);
  void lead(Outputs& out);
  // Somebody knows a higher epoch, and perhaps who leads in it.
  void step_down(LeaderEpoch to, std::optional<BrokerId> to_leader, Outputs& out);
  void append(record::BatchBuilder& builder, bool is_control, Outputs& out);
  void flush_pending(Outputs& out);
  void advance_high_watermark(Outputs& out);
  void maybe_ask_for_snapshot(Outputs& out);
  [[nodiscard]] std::optional<Instant> next_wake() const;

  // serve_votes.cc
  void on(VoteAsked& input, Outputs& out);
  void on(BeginQuorumEpochAsked& input, Outputs& out);
  void on(EndQuorumEpochAsked& input, Outputs& out);
  void on(DescribeQuorumAsked& input, Outputs& out);
  [[nodiscard]] protocol::VoteResponse::PartitionData vote(
      const protocol::VoteRequest::PartitionData& asked, BrokerId voter_id, Outputs& out);
  [[nodiscard]] bool is_for_us(BrokerId voter_id, const Uuid& directory_id) const;
  [[nodiscard]] bool grants(const ReplicaKey& candidate, bool up_to_date, bool pre_vote) const;
  // Where the leader listens under this name; nullptr when nobody leads or the name is unknown.
  [[nodiscard]] const VoterEndpoint* leader_endpoint(std::string_view listener) const;

  // serve_voters.cc
  void on(AddRaftVoterAsked& input, Outputs& out);
  void on(RemoveRaftVoterAsked& input, Outputs& out);
  void on(UpdateRaftVoterAsked& input, Outputs& out);
  // Of the cluster, and of a leader; then of what the voters are and how far their last change is.
  [[nodiscard]] std::optional<Error> check_voter_change(
      const std::optional<std::string>& cluster_id) const;
  [[nodiscard]] std::optional<Error> refuse_voter_change(std::string_view change) const;
  [[nodiscard]] Errc update_voter(const protocol::UpdateRaftVoterRequest& asked, Outputs& out);

  // serve_fetch.cc
  void on(FetchAsked& input, Outputs& out);
  void on(FetchSnapshotAsked& input, Outputs& out);
  // The answer as of now. Notes the fetch of an observer.
  [[nodiscard]] AnswerFetch answer(const WaitingFetch& fetch);
  [[nodiscard]] bool is_worth_sending(const WaitingFetch& fetch, const AnswerFetch& answer) const;
  void answer_waiting(Outputs& out);
  void fail_waiting(Errc why, Outputs& out);
  [[nodiscard]] std::optional<Errc> refuse_unless_leading(LeaderEpoch asked_under) const;
  void note_fetch(const ReplicaKey& replica, Offset fetch_offset);
  [[nodiscard]] AnswerFetch refuse_fetch(Ticket ticket, ApiVersion version,
                                         const std::string& listener, Errc error) const;
};

}  // namespace moldau::raft
