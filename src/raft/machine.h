#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "bytes/shared_bytes.h"
#include "protocol/api/add_raft_voter.h"
#include "protocol/api/begin_quorum_epoch.h"
#include "protocol/api/describe_quorum.h"
#include "protocol/api/end_quorum_epoch.h"
#include "protocol/api/fetch.h"
#include "protocol/api/fetch_snapshot.h"
#include "protocol/api/remove_raft_voter.h"
#include "protocol/api/update_raft_voter.h"
#include "protocol/api/vote.h"
#include "protocol/data/k_raft_version_record.h"
#include "protocol/data/quorum_state_data.h"
#include "protocol/data/voters_record.h"
#include "raft/types.h"

// The KRaft quorum machine of one node. Messages, ticks and completions in; appends, answers,
// sends and state to persist out. It reads no clock, file or socket.
//
// This build leads a quorum whose only voter is this node, and answers every request that other
// nodes may send to such a leader. Machine::open() refuses any other quorum; the types are those of
// the whole protocol, so that callers need not change.
//
//   state       leaves to    because
//   Unattached  Candidate    M1 the only voter waits for nobody: at start, or when its election
//                               timeout is over (it was deposed by a higher epoch)
//   Candidate   Leader       M2 the quorum-state with its own vote is durable (PersistDone)
//   Leader      Unattached   M3 somebody spoke of a higher epoch (Vote; not pre-vote)
//   any         Resigned     M4 Shutdown; only the next start leaves it
//
// Source: KafkaRaftClient, QuorumState, LeaderState. KIP-595, KIP-630, KIP-853, KIP-996.
namespace moldau::raft {

struct Settings {
  BrokerId node_id;
  Uuid directory_id;
  std::string cluster_id;
  // controller.quorum.voters; empty for a dynamic quorum, whose voters stand in snapshot and log.
  VoterSet static_voters;
  // The advertised controller listeners of this node; written to VotersRecord when they changed.
  std::vector<VoterEndpoint> endpoints;
  Milliseconds election_timeout{1000};  // controller.quorum.election.timeout.ms
  // controller.quorum.fetch.timeout.ms: a voter that did not fetch for 1.5 times as long is gone.
  Milliseconds fetch_timeout{2000};
  Milliseconds append_linger{25};                          // controller.quorum.append.linger.ms
  std::int64_t snapshot_after_bytes = 20LL * 1024 * 1024;  // ....max.record.bytes.between.snapshots
  Milliseconds snapshot_after{3'600'000};  // metadata.log.max.snapshot.interval.ms; 0: never
};
inline constexpr std::int64_t k_batch_bytes_max = 8LL * 1024 * 1024;  // of one metadata batch
inline constexpr std::int64_t k_fetch_bytes_max = 8LL * 1024 * 1024;  // of one fetch answer

// A VotersRecord or KRaftVersionRecord found in a snapshot or in the log, where it stood. Those of
// a snapshot count as standing at its end_offset - 1. See ControlScan in raft/control_scan.h.
struct ControlFound {
  Offset offset;
  std::variant<protocol::VotersRecord, protocol::KRaftVersionRecord> record;
};

// What the directory held when the node started, after the log was recovered (CRCs checked, a torn
// tail cut). The caller has read the newest snapshot and all batches after it.
struct Restored {
  std::optional<protocol::QuorumStateData> quorum_state;  // nullopt: no quorum-state file
  Offset log_start_offset;
  Offset log_end_offset;                                       // everything below is durable
  std::vector<EpochStart> epochs;                              // of the log, increasing
  std::vector<std::pair<SnapshotId, std::int64_t>> snapshots;  // and their sizes, increasing
  std::vector<ControlFound> control;                           // snapshot first, then log, in order
  Timestamp newest_snapshot_time = k_no_timestamp;             // its lastContainedLogTimestamp
  std::int64_t bytes_after_newest_snapshot = 0;                // of log batches
};

// ---- in ----------------------------------------------------------------------------------------

struct Tick {};  // time went by; needed at Outputs::wake_at, harmless at any other time
// Outputs::persist is durable: file written, synced, renamed, directory synced.
struct PersistDone {};
// Append these as one user operation of the leader. Refused (Outputs::refused) when this node does
// not lead in `epoch` or the operation is too large: then nothing of it was appended.
struct Propose {
  Ticket ticket;
  LeaderEpoch epoch;
  std::vector<std::vector<std::byte>> values;  // encoded metadata records, at least one
  bool atomic = true;  // all in one batch; else it may be split between records
};
// Everything in the log below `end` is durable. Ends may be skipped, never go back.
struct LogSynced {
  Offset end;
};
struct SnapshotTaken {  // the snapshot asked for by take_snapshot, or any other, is durable
  SnapshotId id;
  std::int64_t size;
};
struct SnapshotGivenUp {};  // take_snapshot failed; it is asked for again in the next interval
struct LogCleaned {         // snapshots and log below `oldest_snapshot` are gone
  SnapshotId oldest_snapshot;
};
struct Shutdown {};

// A request of another node, decoded. `listener` is the one it came in on: the endpoints that
// answers name are those of that listener.
template <class Request>
struct Asked {
  Ticket ticket;
  ApiVersion version;
  std::string listener;
  Request request;
};
using VoteAsked = Asked<protocol::VoteRequest>;
using BeginQuorumEpochAsked = Asked<protocol::BeginQuorumEpochRequest>;
using EndQuorumEpochAsked = Asked<protocol::EndQuorumEpochRequest>;
using FetchAsked = Asked<protocol::FetchRequest>;  // of partition __cluster_metadata-0 only
using FetchSnapshotAsked = Asked<protocol::FetchSnapshotRequest>;
using DescribeQuorumAsked = Asked<protocol::DescribeQuorumRequest>;
using AddRaftVoterAsked = Asked<protocol::AddRaftVoterRequest>;
using RemoveRaftVoterAsked = Asked<protocol::RemoveRaftVoterRequest>;
using UpdateRaftVoterAsked = Asked<protocol::UpdateRaftVoterRequest>;

// The answer to a SendRequest; nullopt: no answer came (connection lost, timed out).
struct Answered {
  Ticket ticket;
  BrokerId from;
  std::variant<std::monostate, protocol::VoteResponse, protocol::BeginQuorumEpochResponse,
               protocol::EndQuorumEpochResponse, protocol::FetchResponse,
               protocol::FetchSnapshotResponse>
      response;
};

using Input = std::variant<Tick, PersistDone, Propose, LogSynced, SnapshotTaken, SnapshotGivenUp,
                           LogCleaned, Shutdown, VoteAsked, BeginQuorumEpochAsked,
                           EndQuorumEpochAsked, FetchAsked, FetchSnapshotAsked, DescribeQuorumAsked,
                           AddRaftVoterAsked, RemoveRaftVoterAsked, UpdateRaftVoterAsked, Answered>;

// ---- out ---------------------------------------------------------------------------------------

struct PersistQuorumState {  // as JSON, Kafka's converter form with "data_version" added
  protocol::QuorumStateData data;
  ApiVersion version;  // 0 under static voters, 1 under kraft.version 1
};
struct Append {  // one record batch, complete but for nothing: offsets, epoch, CRC are set
  Offset base_offset;
  Offset end_offset;
  LeaderEpoch epoch;
  SharedBytes batch;
  bool is_control = false;
};
struct Accepted {  // the operation's records will stand in [base_offset, end_offset)
  Ticket ticket;
  Offset base_offset;
  Offset end_offset;
};
struct Refused {
  Ticket ticket;
  Error error;  // not_controller, record_list_too_large, limit_reached (the disk is behind)
};
struct AnswerVote {
  Ticket ticket;
  protocol::VoteResponse response;
};
struct AnswerBeginQuorumEpoch {
  Ticket ticket;
  protocol::BeginQuorumEpochResponse response;
};
struct AnswerEndQuorumEpoch {
  Ticket ticket;
  protocol::EndQuorumEpochResponse response;
};
// Complete but for the records: read whole batches from `read_from` on, until `max_bytes` are read
// (the first batch whatever its size) or the log ends; empty records when read_from is nullopt.
struct AnswerFetch {
  Ticket ticket;
  protocol::FetchResponse response;
  std::optional<Offset> read_from;
  std::int64_t max_bytes = 0;
};
// Complete but for the bytes: read [position, position + size) of the snapshot's file.
struct AnswerFetchSnapshot {
  Ticket ticket;
  protocol::FetchSnapshotResponse response;
  struct Read {
    SnapshotId id;
    std::int64_t position;
    std::int64_t size;
  };
  std::optional<Read> read;
};
struct AnswerDescribeQuorum {
  Ticket ticket;
  protocol::DescribeQuorumResponse response;
};
struct AnswerAddRaftVoter {
  Ticket ticket;
  protocol::AddRaftVoterResponse response;
};
struct AnswerRemoveRaftVoter {
  Ticket ticket;
  protocol::RemoveRaftVoterResponse response;
};
struct AnswerUpdateRaftVoter {
  Ticket ticket;
  protocol::UpdateRaftVoterResponse response;
};
using Answer = std::variant<AnswerVote, AnswerBeginQuorumEpoch, AnswerEndQuorumEpoch, AnswerFetch,
                            AnswerFetchSnapshot, AnswerDescribeQuorum, AnswerAddRaftVoter,
                            AnswerRemoveRaftVoter, AnswerUpdateRaftVoter>;
struct SendRequest {  // to a voter's endpoint; the answer comes back as Answered
  Ticket ticket;
  BrokerId to;
  std::variant<protocol::VoteRequest, protocol::BeginQuorumEpochRequest,
               protocol::EndQuorumEpochRequest, protocol::FetchRequest,
               protocol::FetchSnapshotRequest>
      request;
};
struct Truncate {  // the log's end becomes `end`; nothing of it below the high watermark goes
  Offset end;
};
struct LeadershipGained {  // all records below `start_offset` are committed: replay them first
  LeaderEpoch epoch;
  Offset start_offset;
};
struct LeadershipLost {  // what was proposed and is not committed is unknown: answer not_controller
  LeaderEpoch new_epoch;
  std::optional<BrokerId> leader;
};
struct TakeSnapshot {  // of an image between the newest snapshot and the high watermark
  enum class Because : std::uint8_t { bytes, time } because;
};

// Execute in the order of the members; while `persist` is not done, give the machine nothing but
// PersistDone. Nothing here may be dropped, except take_snapshot.
struct Outputs {
  std::optional<PersistQuorumState> persist;  // FIRST and durable: a vote or epoch that a crash
                                              // could forget would let two leaders share an epoch
  std::optional<LeadershipLost> lost;
  std::optional<Truncate> truncate;
  std::vector<Append> appends;  // in this order, then sync, then LogSynced
  std::vector<Accepted> accepted;
  std::vector<Refused> refused;
  // Records below it are committed and durable: publish them, release the answers held for them.
  // Set only when it moved; it never goes back.
  std::optional<Offset> high_watermark;
  std::optional<LeadershipGained> gained;     // after publishing high_watermark
  std::vector<Answer> answers;                // a fetch reads after `appends` are in the log
  std::vector<SendRequest> sends;             // after everything above
  std::optional<TakeSnapshot> take_snapshot;  // asked once, until SnapshotTaken or SnapshotGivenUp
  std::optional<Instant> wake_at;             // give a Tick then; replaces the one before

  [[nodiscard]] bool empty() const;
};

// A voter or observer as DescribeQuorum shows it.
struct ReplicaProgress {
  ReplicaKey key;
  Offset log_end_offset = k_no_offset;
  Timestamp last_fetch = k_no_timestamp;
  Timestamp last_caught_up = k_no_timestamp;
  Instant last_fetch_at{};  // observers are forgotten after a while
  Offset leader_log_end_at_last_fetch = k_no_offset;
};

// Context: pure; one per node, touched only by the shard that runs the metadata log.
class Machine {
 public:
  // Errors: bad_configuration (this node is not the only voter; the directory id is not that of
  // the voter set; a quorum-state of another quorum), corrupt_data (control records contradict).
  [[nodiscard]] static Result<Machine> open(Settings settings, Restored restored);
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) noexcept;
  ~Machine();

  // Begin with Tick. `wall` is written into batches and answers, `now` measures time-outs.
  // Cannot fail: each input has a reaction in each state.
  [[nodiscard]] Outputs step(Input input, Instant now, Timestamp wall);

  [[nodiscard]] bool is_leader() const;
  [[nodiscard]] LeaderEpoch epoch() const;
  [[nodiscard]] std::optional<BrokerId> leader() const;
  // Where the next proposal's first record will stand, appends held back included.
  [[nodiscard]] Offset next_offset() const;
  [[nodiscard]] std::optional<Offset> high_watermark() const;
  [[nodiscard]] const VoterSet& voters() const;
  [[nodiscard]] KRaftVersion kraft_version() const;
  [[nodiscard]] Offset log_start_offset() const;
  [[nodiscard]] std::optional<SnapshotId> newest_snapshot() const;

 private:
  struct State;
  explicit Machine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace moldau::raft
