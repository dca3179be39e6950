#include <algorithm>

#include "raft/state.h"

// Vote, BeginQuorumEpoch, EndQuorumEpoch and DescribeQuorum as other nodes and tools ask them.
// Source: KafkaRaftClient.handle...Request, RaftUtil, UnattachedState.
namespace moldau::raft {
namespace {

constexpr std::string_view k_topic = "__cluster_metadata";
constexpr ApiVersion k_endpoints_since{1};  // Vote, BeginQuorumEpoch, EndQuorumEpoch

// These requests are about one partition; anything else is malformed. Source: RaftUtil.
template <class Request>
bool is_about_metadata(const Request& request) {
  return request.topics.size() == 1 && request.topics[0].topic_name == k_topic &&
         request.topics[0].partitions.size() == 1 &&
         request.topics[0].partitions[0].partition_index == PartitionIndex{0};
}

template <class Response, class Partition>
Response wrap(Partition partition) {
  Response response;
  auto& topic = response.topics.emplace_back();
  topic.topic_name = k_topic;
  topic.partitions.push_back(std::move(partition));
  return response;
}

template <class Response>
void add_endpoint(Response& response, std::optional<BrokerId> leader, const VoterEndpoint* at) {
  if (!leader || at == nullptr) return;
  auto& node = response.node_endpoints.emplace_back();
  node.node_id = *leader;
  node.host = at->host;
  node.port = at->port;
}

template <class Request>
Errc check_request(const Request& request, const std::string& cluster_id) {
  if (request.cluster_id && *request.cluster_id != cluster_id) {
    return Errc::inconsistent_cluster_id;
  }
  return is_about_metadata(request) ? Errc::none : Errc::invalid_request;
}

}  // namespace

const VoterEndpoint* Machine::State::leader_endpoint(std::string_view listener) const {
  if (!leader) return nullptr;
  const Voter* voter = voters.voters.find(*leader);
  const auto& endpoints =
      *leader == settings.node_id || voter == nullptr ? settings.endpoints : voter->endpoints;
  if (*leader != settings.node_id && voter == nullptr) return nullptr;
  const auto at = std::ranges::find(endpoints, listener, &VoterEndpoint::listener);
  return at == endpoints.end() ? nullptr : &*at;
}

bool Machine::State::is_for_us(BrokerId voter_id, const Uuid& directory_id) const {
  if (voter_id < BrokerId{0}) return true;  // the asker does not know whom it asks
  return voter_id == settings.node_id &&
         (directory_id.is_zero() || directory_id == settings.directory_id);
}

bool Machine::State::grants(const ReplicaKey& candidate, bool up_to_date, bool pre_vote) const {
  if (role != Role::unattached || shutting_down) return false;  // a leader has the newest log
  if (pre_vote) return up_to_date;
  if (voted) {
    return voted->id == candidate.id &&
           (voted->directory_id.is_zero() || voted->directory_id == candidate.directory_id);
  }
  return !leader && up_to_date;
}

protocol::VoteResponse::PartitionData Machine::State::vote(
    const protocol::VoteRequest::PartitionData& asked, BrokerId voter_id, Outputs& out) {
  protocol::VoteResponse::PartitionData answer;
  const auto done = [&](Errc error, bool granted) {
    answer.error_code = error;
    answer.vote_granted = granted;
    answer.leader_id = leader.value_or(k_no_broker);
    answer.leader_epoch = epoch;
    return answer;
  };
  // A candidate has raised its epoch above all its log knows; one that only asks has not.
  const bool illegal = asked.pre_vote ? asked.last_offset_epoch > asked.replica_epoch
                                      : asked.last_offset_epoch >= asked.replica_epoch;
  if (asked.last_offset < Offset{0} || asked.last_offset_epoch < LeaderEpoch{0} || illegal) {
    return done(Errc::invalid_request, false);
  }
  if (asked.replica_epoch < epoch) return done(Errc::fenced_leader_epoch, false);
  if (asked.replica_id < BrokerId{0}) return done(Errc::invalid_request, false);
  if (asked.replica_epoch > epoch) step_down(asked.replica_epoch, std::nullopt, out);
  if (!is_for_us(voter_id, asked.voter_directory_id)) {
    return done(Errc::invalid_voter_key, false);
  }
  const ReplicaKey candidate{asked.replica_id, asked.replica_directory_id};
  const std::pair theirs{asked.last_offset_epoch, asked.last_offset};
  const bool up_to_date = theirs >= std::pair{log.last_epoch(), log.end};
  const bool granted = grants(candidate, up_to_date, asked.pre_vote);
  if (granted && !asked.pre_vote && !voted) {
    voted = candidate;
    persist(out);
  }
  return done(Errc::none, granted);
}

void Machine::State::on(VoteAsked& input, Outputs& out) {
  protocol::VoteResponse response;
  response.error_code = check_request(input.request, settings.cluster_id);
  if (response.error_code == Errc::none) {
    response = wrap<protocol::VoteResponse>(
        vote(input.request.topics[0].partitions[0], input.request.voter_id, out));
    if (input.version >= k_endpoints_since) {
      add_endpoint(response, leader, leader_endpoint(input.listener));
    }
  }
  out.answers.emplace_back(AnswerVote{input.ticket, std::move(response)});
}

void Machine::State::on(BeginQuorumEpochAsked& input, Outputs& out) {
  protocol::BeginQuorumEpochResponse response;
  response.error_code = check_request(input.request, settings.cluster_id);
  if (response.error_code == Errc::none) {
    const auto& asked = input.request.topics[0].partitions[0];
    protocol::BeginQuorumEpochResponse::PartitionData answer;
    if (asked.leader_epoch < epoch) {
      answer.error_code = Errc::fenced_leader_epoch;
    } else if (asked.leader_id < BrokerId{0}) {
      answer.error_code = Errc::invalid_request;
    } else if (asked.leader_epoch == epoch && leader && *leader != asked.leader_id) {
      answer.error_code = Errc::unknown_server_error;  // two leaders in one epoch
    } else {
      if (asked.leader_epoch > epoch) step_down(asked.leader_epoch, asked.leader_id, out);
      if (!is_for_us(input.request.voter_id, asked.voter_directory_id)) {
        answer.error_code = Errc::invalid_voter_key;
      }
    }
    answer.leader_id = leader.value_or(k_no_broker);
    answer.leader_epoch = epoch;
    response = wrap<protocol::BeginQuorumEpochResponse>(std::move(answer));
    if (input.version >= k_endpoints_since) {
      add_endpoint(response, leader, leader_endpoint(input.listener));
    }
  }
  out.answers.emplace_back(AnswerBeginQuorumEpoch{input.ticket, std::move(response)});
}

void Machine::State::on(EndQuorumEpochAsked& input, Outputs& out) {
  protocol::EndQuorumEpochResponse response;
  response.error_code = check_request(input.request, settings.cluster_id);
  if (response.error_code == Errc::none) {
    const auto& asked = input.request.topics[0].partitions[0];
    protocol::EndQuorumEpochResponse::PartitionData answer;
    if (asked.leader_epoch < epoch) {
      answer.error_code = Errc::fenced_leader_epoch;
    } else if (asked.leader_id < BrokerId{0}) {
      answer.error_code = Errc::invalid_request;
    } else if (asked.leader_epoch == epoch && leader && *leader != asked.leader_id) {
      answer.error_code = Errc::unknown_server_error;
    } else if (asked.leader_epoch > epoch) {
      step_down(asked.leader_epoch, asked.leader_id, out);
    }
    answer.leader_id = leader.value_or(k_no_broker);
    answer.leader_epoch = epoch;
    response = wrap<protocol::EndQuorumEpochResponse>(std::move(answer));
    if (input.version >= k_endpoints_since) {
      add_endpoint(response, leader, leader_endpoint(input.listener));
    }
  }
  out.answers.emplace_back(AnswerEndQuorumEpoch{input.ticket, std::move(response)});
}

void Machine::State::on(DescribeQuorumAsked& input, Outputs& out) {
  using Response = protocol::DescribeQuorumResponse;
  const auto give = [&](Response response) {
    out.answers.emplace_back(AnswerDescribeQuorum{input.ticket, std::move(response)});
  };
  if (!is_about_metadata(input.request)) {
    // Each partition that was asked for gets its own error.
    Response response;
    for (const auto& topic : input.request.topics) {
      auto& to = response.topics.emplace_back();
      to.topic_name = topic.topic_name;
      for (const auto& partition : topic.partitions) {
        auto& data = to.partitions.emplace_back();
        data.partition_index = partition.partition_index;
        data.error_code = Errc::unknown_topic_or_partition;
      }
    }
    return give(std::move(response));
  }
  Response::PartitionData data;
  if (role != Role::leader) {
    data.error_code = Errc::not_leader_or_follower;
    return give(wrap<Response>(std::move(data)));
  }
  data.leader_id = settings.node_id;
  data.leader_epoch = epoch;
  data.high_watermark = high_watermark.value_or(k_no_offset);
  const bool with_directories = input.version >= ApiVersion{2};
  auto& us = data.current_voters.emplace_back();
  us.replica_id = settings.node_id;
  us.log_end_offset = log.end;
  us.last_fetch_timestamp = us.last_caught_up_timestamp = wall;
  if (with_directories) {
    us.replica_directory_id = voters.voters.find(settings.node_id)->key.directory_id;
  }
  std::erase_if(observers, [this](const auto& entry) {
    return now - entry.second.last_fetch_at >= k_observer_forgotten_after;
  });
  for (const auto& [key, progress] : observers) {
    auto& observer = data.observers.emplace_back();
    observer.replica_id = key.id;
    if (with_directories) observer.replica_directory_id = key.directory_id;
    observer.log_end_offset = progress.log_end_offset;
    observer.last_fetch_timestamp = progress.last_fetch;
    observer.last_caught_up_timestamp = progress.last_caught_up;
  }
  Response response = wrap<Response>(std::move(data));
  if (with_directories) {
    auto& node = response.nodes.emplace_back();
    node.node_id = settings.node_id;
    for (const VoterEndpoint& e : settings.endpoints) {
      auto& listener = node.listeners.emplace_back();
      listener.name = e.listener;
      listener.host = e.host;
      listener.port = e.port;
    }
  }
  give(std::move(response));
}

}  // namespace moldau::raft
