#include <fmt/format.h>

#include <optional>

#include "raft/machine.h"
#include "scenario/runner.h"

// Commands: open, tick, persisted, propose, synced, snapshot, cleaned, vote, begin-epoch, fetch,
// fetch-snapshot, describe, shutdown; `after=MS` on any of them lets time pass first.
namespace moldau::scenario {
namespace {

using namespace raft;
using Lines = std::vector<std::string>;

std::string name_of_error(Errc errc) { return std::string(moldau::name_of(errc)); }

class RaftInterpreter final : public Interpreter {
 public:
  Lines run(const Command& c) override {
    now_ += Milliseconds{c.number("after")};
    if (c.name == "open") return open(c);
    if (!machine_) return {"no machine: begin with open"};
    if (c.name == "tick") return step(Tick{});
    if (c.name == "persisted") return step(PersistDone{});
    if (c.name == "synced") return step(LogSynced{Offset{c.number("end")}});
    if (c.name == "snapshot") return step(SnapshotTaken{id(c), c.number("size", 100)});
    if (c.name == "cleaned") return step(LogCleaned{id(c)});
    if (c.name == "shutdown") return step(Shutdown{});
    if (c.name == "propose") return propose(c);
    if (c.name == "vote") return step(asked(vote(c), 2));
    if (c.name == "begin-epoch") return step(asked(begin_epoch(c), 1));
    if (c.name == "fetch") return step(asked(fetch(c), 18));
    if (c.name == "fetch-snapshot") return step(asked(fetch_snapshot(c), 1));
    if (c.name == "describe") return step(asked(describe(), 2));
    return {"unknown command " + c.name};
  }

 private:
  static SnapshotId id(const Command& c) {
    return {Offset{c.number("end")}, LeaderEpoch{c.number("epoch")}};
  }

  Lines open(const Command& c) {
    const bool dynamic = c.has("dynamic");
    const Uuid dir{7, 7};
    Settings settings{.node_id = BrokerId{1},
                      .directory_id = dir,
                      .cluster_id = "c",
                      .endpoints = {{"CONTROLLER", "h", 9093}},
                      .snapshot_after_bytes = c.number("snapshot-after", 20'000'000)};
    std::vector<Voter> voters;
    for (const int voter : c.has("voters") ? c.numbers("voters") : std::vector<int>{1}) {
      voters.push_back({.key = {BrokerId{voter}, dynamic ? dir : Uuid{}},
                        .endpoints = settings.endpoints,
                        .max_kraft_version = KRaftVersion::dynamic_voters});
    }
    Restored restored{.log_end_offset = Offset{c.number("log-end")}};
    if (dynamic) {
      restored.control = {
          {k_no_offset, protocol::KRaftVersionRecord{.version = 0, .k_raft_version = 1}},
          {k_no_offset, VoterSet::of(voters)->to_record()}};
    } else {
      settings.static_voters = *VoterSet::of(voters);
    }
    if (c.has("log-epoch")) {
      restored.epochs = {{LeaderEpoch{c.number("log-epoch")}, Offset{0}}};
    }
    if (c.has("quorum-epoch")) {
      restored.quorum_state =
          protocol::QuorumStateData{.leader_epoch = LeaderEpoch{c.number("quorum-epoch")}};
    }
    auto opened = Machine::open(std::move(settings), std::move(restored));
    if (!opened) return {"refused: " + opened.error().describe()};
    machine_.emplace(std::move(*opened));
    return {state()};
  }

  Lines propose(const Command& c) {
    Propose input{.ticket = Ticket{++ticket_},
                  .epoch = LeaderEpoch{c.number("epoch", machine_->epoch().value())},
                  .atomic = !c.has("split")};
    for (int i = 0; i < c.number("records", 1); ++i) {
      input.values.emplace_back(static_cast<std::size_t>(c.number("size", 10)));
    }
    return step(std::move(input));
  }

  template <class Request>
  Asked<Request> asked(Request request, int version) {
    return {Ticket{++ticket_}, ApiVersion{static_cast<std::int16_t>(version)}, "CONTROLLER",
            std::move(request)};
  }
  template <class Request>
  static auto& partition_of(Request& request) {
    auto& topic = request.topics.emplace_back();
    topic.topic_name = "__cluster_metadata";
    return topic.partitions.emplace_back();
  }
  static protocol::VoteRequest vote(const Command& c) {
    protocol::VoteRequest request{.cluster_id = "c", .voter_id = BrokerId{1}};
    auto& partition = partition_of(request);
    partition.replica_id = BrokerId{c.number("from")};
    partition.replica_epoch = LeaderEpoch{c.number("epoch")};
    partition.last_offset_epoch = LeaderEpoch{c.number("last-epoch")};
    partition.last_offset = Offset{c.number("last-offset")};
    partition.pre_vote = c.has("pre-vote");
    return request;
  }
  static protocol::BeginQuorumEpochRequest begin_epoch(const Command& c) {
    protocol::BeginQuorumEpochRequest request{.cluster_id = "c"};
    auto& partition = partition_of(request);
    partition.leader_id = BrokerId{c.number("from")};
    partition.leader_epoch = LeaderEpoch{c.number("epoch")};
    return request;
  }
  static protocol::DescribeQuorumRequest describe() {
    protocol::DescribeQuorumRequest request;
    (void)partition_of(request);
    return request;
  }
  static protocol::FetchRequest fetch(const Command& c) {
    protocol::FetchRequest request{.cluster_id = "c",
                                   .max_wait_ms = Milliseconds{c.number("wait")}};
    request.replica_state.replica_id = BrokerId{c.number("from", 5)};
    auto& topic = request.topics.emplace_back();
    topic.topic_id = k_metadata_topic_id;
    auto& partition = topic.partitions.emplace_back();
    partition.fetch_offset = Offset{c.number("offset")};
    partition.last_fetched_epoch = LeaderEpoch{c.number("last-epoch")};
    partition.current_leader_epoch = LeaderEpoch{c.number("epoch")};
    partition.high_watermark = Offset{c.number("high-watermark", -1)};
    return request;
  }
  static protocol::FetchSnapshotRequest fetch_snapshot(const Command& c) {
    protocol::FetchSnapshotRequest request{.cluster_id = "c",
                                           .replica_id = BrokerId{c.number("from", 5)},
                                           .max_bytes = c.number("max-bytes", 1000)};
    auto& topic = request.topics.emplace_back();
    topic.name = "__cluster_metadata";
    auto& partition = topic.partitions.emplace_back();
    partition.current_leader_epoch = LeaderEpoch{c.number("epoch")};
    partition.snapshot_id = {.end_offset = Offset{c.number("end")},
                             .epoch = LeaderEpoch{c.number("snapshot-epoch")}};
    partition.position = c.number("position");
    return request;
  }

  Lines step(Input input) {
    const Outputs out = machine_->step(std::move(input), now_, timestamp_of(1000));
    Lines lines;
    const auto put = [&lines]<class... Args>(fmt::format_string<Args...> text, Args&&... args) {
      lines.push_back(fmt::format(text, std::forward<Args>(args)...));
    };
    if (out.persist) {
      put("persist epoch={} leader={} voted={} version={}", out.persist->data.leader_epoch,
          out.persist->data.leader_id, out.persist->data.voted_id, out.persist->version);
    }
    if (out.lost) put("leadership lost to epoch={}", out.lost->new_epoch);
    for (const Append& a : out.appends) {
      put("append {} [{}, {}) epoch={}", a.is_control ? "control" : "data", a.base_offset,
          a.end_offset, a.epoch);
    }
    for (const Accepted& a : out.accepted) put("accept [{}, {})", a.base_offset, a.end_offset);
    for (const Refused& r : out.refused) put("refuse {}", r.error.describe());
    if (out.high_watermark) put("high watermark {}", *out.high_watermark);
    if (out.gained) {
      put("leadership gained epoch={} start={}", out.gained->epoch, out.gained->start_offset);
    }
    for (const Answer& answer : out.answers) lines.push_back(show(answer));
    if (out.take_snapshot) {
      put("take snapshot because of {}",
          out.take_snapshot->because == TakeSnapshot::Because::bytes ? "bytes" : "time");
    }
    lines.push_back(state());
    return lines;
  }

  static std::string show(const Answer& answer) {
    struct Show {
      std::string operator()(const AnswerVote& a) const {
        if (a.response.topics.empty()) return "vote: " + name_of_error(a.response.error_code);
        const auto& p = a.response.topics[0].partitions[0];
        return fmt::format("vote: {} granted={} leader={} epoch={}", name_of_error(p.error_code),
                           p.vote_granted, p.leader_id, p.leader_epoch);
      }
      std::string operator()(const AnswerBeginQuorumEpoch& a) const {
        const auto& p = a.response.topics[0].partitions[0];
        return fmt::format("begin-epoch: {} leader={} epoch={}", name_of_error(p.error_code),
                           p.leader_id, p.leader_epoch);
      }
      std::string operator()(const AnswerEndQuorumEpoch& a) const {
        return "end-epoch: " + name_of_error(a.response.error_code);
      }
      std::string operator()(const AnswerFetch& a) const {
        if (a.response.responses.empty()) return "fetch: " + name_of_error(a.response.error_code);
        const auto& p = a.response.responses[0].partitions[0];
        std::string text = fmt::format("fetch: {} high-watermark={}", name_of_error(p.error_code),
                                       p.high_watermark);
        if (a.read_from) text += fmt::format(" read-from={}", *a.read_from);
        if (p.diverging_epoch.epoch != k_no_leader_epoch) {
          text += fmt::format(" diverging={}@{}", p.diverging_epoch.end_offset,
                              p.diverging_epoch.epoch);
        }
        if (p.snapshot_id.epoch != k_no_leader_epoch) {
          text += fmt::format(" snapshot={}@{}", p.snapshot_id.end_offset, p.snapshot_id.epoch);
        }
        return text;
      }
      std::string operator()(const AnswerFetchSnapshot& a) const {
        const auto& p = a.response.topics[0].partitions[0];
        std::string text = "fetch-snapshot: " + name_of_error(p.error_code);
        if (a.read) {
          text += fmt::format(" bytes [{}, {}) of {}", a.read->position,
                              a.read->position + a.read->size, p.size);
        }
        return text;
      }
      std::string operator()(const AnswerAddRaftVoter& a) const {
        return "add-voter: " + name_of_error(a.response.error_code);
      }
      std::string operator()(const AnswerRemoveRaftVoter& a) const {
        return "remove-voter: " + name_of_error(a.response.error_code);
      }
      std::string operator()(const AnswerUpdateRaftVoter& a) const {
        return "update-voter: " + name_of_error(a.response.error_code);
      }
      std::string operator()(const AnswerDescribeQuorum& a) const {
        const auto& p = a.response.topics[0].partitions[0];
        std::string text =
            fmt::format("describe: {} leader={} epoch={} high-watermark={}",
                        name_of_error(p.error_code), p.leader_id, p.leader_epoch, p.high_watermark);
        for (const auto& v : p.current_voters) {
          text += fmt::format(" voter={}@{}", v.replica_id, v.log_end_offset);
        }
        for (const auto& o : p.observers) {
          text += fmt::format(" observer={}@{}", o.replica_id, o.log_end_offset);
        }
        return text;
      }
    };
    return std::visit(Show{}, answer);
  }

  [[nodiscard]] std::string state() const {
    return fmt::format("state: {} epoch={} next-offset={}",
                       machine_->is_leader() ? "leader" : "follower of none", machine_->epoch(),
                       machine_->next_offset());
  }

  std::optional<Machine> machine_;
  Instant now_{Milliseconds{1000}};
  std::uint64_t ticket_ = 0;
};

}  // namespace

std::unique_ptr<Interpreter> make_raft_interpreter() { return std::make_unique<RaftInterpreter>(); }

}  // namespace moldau::scenario
