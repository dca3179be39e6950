#include <algorithm>

#include "raft/state.h"

// Fetch and FetchSnapshot of the metadata partition: how observers (brokers, controllers that do
// not vote) follow. Source: KafkaRaftClient.handleFetchRequest, handleFetchSnapshotRequest,
// LeaderState.
namespace moldau::raft {
namespace {

constexpr std::string_view k_topic = "__cluster_metadata";
constexpr ApiVersion k_topic_ids_since{13};
constexpr ApiVersion k_replica_state_since{15};
constexpr ApiVersion k_fetch_endpoints_since{17};
constexpr ApiVersion k_snapshot_endpoints_since{1};

bool is_about_metadata(const protocol::FetchRequest& request, ApiVersion version) {
  if (request.topics.size() != 1) return false;
  const auto& topic = request.topics[0];
  const bool ours =
      version >= k_topic_ids_since ? topic.topic_id == k_metadata_topic_id : topic.topic == k_topic;
  return ours && topic.partitions.size() == 1 && topic.partitions[0].partition == PartitionIndex{0};
}

protocol::FetchResponse fetch_response(protocol::FetchResponse::PartitionData partition,
                                       ApiVersion version) {
  protocol::FetchResponse response;
  auto& topic = response.responses.emplace_back();
  if (version < k_topic_ids_since) {
    topic.topic = k_topic;
  } else {
    topic.topic_id = k_metadata_topic_id;
  }
  topic.partitions.push_back(std::move(partition));
  return response;
}

}  // namespace

std::optional<Errc> Machine::State::refuse_unless_leading(LeaderEpoch asked_under) const {
  if (asked_under < epoch) return Errc::fenced_leader_epoch;
  if (asked_under > epoch) return Errc::unknown_leader_epoch;
  if (role != Role::leader) return Errc::not_leader_or_follower;
  if (shutting_down) return Errc::broker_not_available;
  return std::nullopt;
}

void Machine::State::note_fetch(const ReplicaKey& replica, Offset fetch_offset) {
  // -1 and below: a tool that only looks. Our own id: we do not follow ourselves.
  if (replica.id < BrokerId{0} || replica == self()) return;
  ReplicaProgress& progress = observers[replica];
  progress.key = replica;
  // Caught up to what the leader had at the fetch before: then it was caught up at that fetch.
  if (fetch_offset >= log.end) {
    progress.last_caught_up = wall;
  } else if (progress.leader_log_end_at_last_fetch > Offset{0} &&
             fetch_offset >= progress.leader_log_end_at_last_fetch) {
    progress.last_caught_up = progress.last_fetch;
  }
  progress.leader_log_end_at_last_fetch = log.end;
  progress.last_fetch = std::max(progress.last_fetch, wall);
  progress.last_fetch_at = now;
  progress.log_end_offset = fetch_offset;
}

AnswerFetch Machine::State::refuse_fetch(Ticket ticket, ApiVersion version,
                                         const std::string& listener, Errc error) const {
  protocol::FetchResponse::PartitionData data;
  data.error_code = error;
  data.high_watermark = k_no_offset;
  data.log_start_offset = log.start;
  data.current_leader = {.leader_id = leader.value_or(k_no_broker), .leader_epoch = epoch};
  data.records = protocol::Records::none();
  AnswerFetch answer{.ticket = ticket, .response = fetch_response(std::move(data), version)};
  const VoterEndpoint* at = leader_endpoint(listener);
  if (version >= k_fetch_endpoints_since && at != nullptr) {
    answer.response.node_endpoints.push_back(
        {.node_id = *leader, .host = at->host, .port = at->port});
  }
  return answer;
}

AnswerFetch Machine::State::answer(const WaitingFetch& fetch) {
  if (const auto error = refuse_unless_leading(fetch.current_leader_epoch)) {
    return refuse_fetch(fetch.ticket, fetch.version, fetch.listener, *error);
  }
  AnswerFetch answer = refuse_fetch(fetch.ticket, fetch.version, fetch.listener, Errc::none);
  auto& data = answer.response.responses[0].partitions[0];
  data.high_watermark = high_watermark.value_or(k_no_offset);

  Position position = log.locate(fetch.fetch_offset, fetch.last_fetched_epoch);
  const bool have_snapshot =
      !log.snapshots.empty() && log.snapshots.back().first != k_bootstrap_snapshot;
  if (fetch.fetch_offset == Offset{0} && have_snapshot) {
    // An empty follower gets there faster by the snapshot than by the whole log.
    const SnapshotId& newest = log.snapshots.back().first;
    position = {Position::Kind::snapshot, newest.epoch, newest.end_offset};
  }
  switch (position.kind) {
    case Position::Kind::diverging:
      data.diverging_epoch = {.epoch = position.epoch, .end_offset = position.offset};
      return answer;
    case Position::Kind::snapshot:
      data.snapshot_id = {.end_offset = position.offset, .epoch = position.epoch};
      return answer;
    case Position::Kind::valid:
      break;
  }
  note_fetch(fetch.replica, fetch.fetch_offset);
  if (fetch.fetch_offset < log.end && fetch.max_bytes > 0) {
    answer.read_from = fetch.fetch_offset;
    answer.max_bytes = fetch.max_bytes;
  }
  return answer;
}

bool Machine::State::is_worth_sending(const WaitingFetch& fetch, const AnswerFetch& answer) const {
  const auto& data = answer.response.responses[0].partitions[0];
  return data.error_code != Errc::none || answer.read_from.has_value() ||
         data.diverging_epoch.epoch != k_no_leader_epoch ||
         data.snapshot_id.epoch != k_no_leader_epoch ||
         fetch.known_high_watermark < data.high_watermark || now >= fetch.deadline;
}

void Machine::State::on(FetchAsked& input, Outputs& out) {
  const protocol::FetchRequest& request = input.request;
  const auto top_level = [&](Errc error) {
    AnswerFetch answer{.ticket = input.ticket};
    answer.response.error_code = error;
    out.answers.emplace_back(std::move(answer));
  };
  if (request.cluster_id && *request.cluster_id != settings.cluster_id) {
    return top_level(Errc::inconsistent_cluster_id);
  }
  if (!is_about_metadata(request, input.version)) return top_level(Errc::invalid_request);
  const auto& asked = request.topics[0].partitions[0];
  if (request.max_wait_ms < Milliseconds{0} || asked.fetch_offset < Offset{0} ||
      asked.last_fetched_epoch < LeaderEpoch{0} ||
      asked.last_fetched_epoch > asked.current_leader_epoch) {
    out.answers.emplace_back(
        refuse_fetch(input.ticket, input.version, input.listener, Errc::invalid_request));
    return;
  }
  const BrokerId replica = input.version >= k_replica_state_since ? request.replica_state.replica_id
                                                                  : request.replica_id;
  WaitingFetch fetch{.ticket = input.ticket,
                     .version = input.version,
                     .listener = std::move(input.listener),
                     .replica = {replica, asked.replica_directory_id},
                     .fetch_offset = asked.fetch_offset,
                     .current_leader_epoch = asked.current_leader_epoch,
                     .last_fetched_epoch = asked.last_fetched_epoch,
                     .known_high_watermark = asked.high_watermark,
                     .max_bytes = std::clamp<std::int64_t>(request.max_bytes, 0, k_fetch_bytes_max),
                     .deadline = now + request.max_wait_ms};
  AnswerFetch first = answer(fetch);
  if (is_worth_sending(fetch, first)) {
    out.answers.emplace_back(std::move(first));
  } else {
    waiting.push_back(std::move(fetch));
  }
}

void Machine::State::answer_waiting(Outputs& out) {
  std::erase_if(waiting, [this, &out](const WaitingFetch& fetch) {
    const bool something = now >= fetch.deadline || fetch.fetch_offset < log.end ||
                           fetch.known_high_watermark < high_watermark.value_or(k_no_offset);
    if (!something) return false;
    out.answers.emplace_back(answer(fetch));
    return true;
  });
}

void Machine::State::fail_waiting(Errc why, Outputs& out) {
  for (const WaitingFetch& fetch : waiting) {
    out.answers.emplace_back(refuse_fetch(fetch.ticket, fetch.version, fetch.listener, why));
  }
  waiting.clear();
}

void Machine::State::on(FetchSnapshotAsked& input, Outputs& out) {
  using Response = protocol::FetchSnapshotResponse;
  const protocol::FetchSnapshotRequest& request = input.request;
  AnswerFetchSnapshot answer{.ticket = input.ticket};
  const auto give = [&] { out.answers.emplace_back(std::move(answer)); };
  if (request.cluster_id && *request.cluster_id != settings.cluster_id) {
    answer.response.error_code = Errc::inconsistent_cluster_id;
    return give();
  }
  if (request.topics.size() != 1 || request.topics[0].partitions.size() != 1) {
    answer.response.error_code = Errc::invalid_request;
    return give();
  }
  const auto& topic = request.topics[0];
  const auto& asked = topic.partitions[0];
  auto& to = answer.response.topics.emplace_back();
  to.name = topic.name;
  Response::PartitionSnapshot& data = to.partitions.emplace_back();
  data.index = asked.partition;
  data.unaligned_records = protocol::Records::none();
  const VoterEndpoint* at = leader_endpoint(input.listener);
  if (input.version >= k_snapshot_endpoints_since && at != nullptr) {
    answer.response.node_endpoints.push_back(
        {.node_id = *leader, .host = at->host, .port = at->port});
  }
  if (topic.name != k_topic || asked.partition != PartitionIndex{0}) {
    data.error_code = Errc::unknown_topic_or_partition;
    return give();
  }
  data.current_leader = {.leader_id = leader.value_or(k_no_broker), .leader_epoch = epoch};
  if (const auto error = refuse_unless_leading(asked.current_leader_epoch)) {
    data.error_code = *error;
    return give();
  }
  const SnapshotId id{asked.snapshot_id.end_offset, asked.snapshot_id.epoch};
  const auto found =
      std::ranges::find(log.snapshots, id, [](const auto& entry) { return entry.first; });
  if (found == log.snapshots.end() || id == k_bootstrap_snapshot) {
    data.error_code = Errc::snapshot_not_found;
    return give();
  }
  const std::int64_t size = found->second;
  if (asked.position < 0 || asked.position >= size) {
    data.error_code = Errc::position_out_of_range;
    return give();
  }
  data.snapshot_id = {.end_offset = id.end_offset, .epoch = id.epoch};
  data.size = size;
  data.position = asked.position;
  answer.read = AnswerFetchSnapshot::Read{
      .id = id,
      .position = asked.position,
      .size = std::clamp<std::int64_t>(request.max_bytes, 0, size - asked.position)};
  give();
}

}  // namespace moldau::raft
