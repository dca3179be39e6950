#pragma once
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "raft/machine.h"

// A machine with a disk that is a vector: the vocabulary of the raft tests.
namespace moldau::raft::test {

using namespace std::chrono_literals;

inline const Uuid k_dir{0xd1, 1};
inline constexpr Timestamp k_wall{Milliseconds{1'700'000'000'000}};
inline const std::vector<VoterEndpoint> k_endpoints{{"CONTROLLER", "localhost", 9093}};

inline Voter voter(int id, Uuid dir = {}) {
  return {.key = {BrokerId{id}, dir},
          .endpoints = k_endpoints,
          .max_kraft_version =
              dir.is_zero() ? KRaftVersion::static_voters : KRaftVersion::dynamic_voters};
}
inline VoterSet voters(std::vector<Voter> of) { return *VoterSet::of(std::move(of)); }

inline Settings settings() {
  return {.node_id = BrokerId{1},
          .directory_id = k_dir,
          .cluster_id = "c",
          .static_voters = voters({voter(1)}),
          .endpoints = k_endpoints};
}

inline Settings dynamic_settings() {
  Settings s = settings();
  s.static_voters = {};
  return s;
}

inline std::vector<ControlFound> dynamic_control(int offset, std::vector<Voter> of) {
  return {{Offset{offset}, protocol::KRaftVersionRecord{.version = 0, .k_raft_version = 1}},
          {Offset{offset}, voters(std::move(of)).to_record()}};
}

class Node {
 public:
  explicit Node(Settings with = settings(), Restored restored = {})
      : machine(*Machine::open(std::move(with), std::move(restored))) {}

  // One step; what is to be persisted is, at once.
  Outputs step(Input input) {
    Outputs out = machine.step(std::move(input), now, k_wall);
    if (out.persist) {
      persisted.push_back(*out.persist);
      Outputs more = machine.step(PersistDone{}, now, k_wall);
      merge(out, std::move(more));
    }
    for (const Append& append : out.appends) end = append.end_offset;
    if (out.high_watermark) high_watermark = *out.high_watermark;
    if (out.gained) gained = out.gained;
    return out;
  }
  Outputs sync() { return step(LogSynced{end}); }
  void elect() {
    (void)step(Tick{});
    (void)sync();
  }
  Outputs propose(int count, bool atomic = true, std::size_t size = 10) {
    Propose input{.ticket = Ticket{++ticket}, .epoch = machine.epoch(), .atomic = atomic};
    for (int i = 0; i < count; ++i) {
      input.values.emplace_back(size, static_cast<std::byte>(i));
    }
    return step(std::move(input));
  }
  void pass(Duration time) { now += time; }

  template <class Request>
  Asked<Request> asked(Request request, int version) {
    return {Ticket{++ticket}, ApiVersion{static_cast<std::int16_t>(version)}, "CONTROLLER",
            std::move(request)};
  }

  static void merge(Outputs& out, Outputs more) {
    CHECK(!more.persist);
    if (more.lost) out.lost = more.lost;
    for (auto& a : more.appends) out.appends.push_back(std::move(a));
    for (auto& a : more.accepted) out.accepted.push_back(a);
    for (auto& r : more.refused) out.refused.push_back(std::move(r));
    for (auto& a : more.answers) out.answers.push_back(std::move(a));
    if (more.high_watermark) out.high_watermark = more.high_watermark;
    if (more.gained) out.gained = more.gained;
    if (more.take_snapshot) out.take_snapshot = more.take_snapshot;
    out.wake_at = more.wake_at;
  }

  Machine machine;
  Instant now{1s};
  Offset end{0};
  Offset high_watermark{-1};
  std::optional<LeadershipGained> gained;
  std::vector<PersistQuorumState> persisted;
  std::uint64_t ticket = 0;
};

inline protocol::VoteRequest vote_request(int from, int epoch, int last_epoch, int last_offset,
                                          bool pre_vote = false, int voter_id = 1) {
  protocol::VoteRequest request{.cluster_id = "c", .voter_id = BrokerId{voter_id}};
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.push_back({.replica_epoch = LeaderEpoch{epoch},
                              .replica_id = BrokerId{from},
                              .last_offset_epoch = LeaderEpoch{last_epoch},
                              .last_offset = Offset{last_offset},
                              .pre_vote = pre_vote});
  return request;
}

inline protocol::FetchRequest fetch_request(int from, int offset, int last_epoch, int leader_epoch,
                                            Milliseconds wait = 0ms, int high_watermark = -1) {
  protocol::FetchRequest request{.cluster_id = "c", .max_wait_ms = wait};
  request.replica_state.replica_id = BrokerId{from};
  auto& topic = request.topics.emplace_back();
  topic.topic_id = k_metadata_topic_id;
  topic.partitions.push_back({.current_leader_epoch = LeaderEpoch{leader_epoch},
                              .fetch_offset = Offset{offset},
                              .last_fetched_epoch = LeaderEpoch{last_epoch},
                              .high_watermark = Offset{high_watermark}});
  return request;
}

}  // namespace moldau::raft::test
