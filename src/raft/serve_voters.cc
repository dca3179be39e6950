#include <fmt/format.h>

#include <algorithm>

#include "raft/state.h"
#include "record/control.h"

// AddRaftVoter, RemoveRaftVoter and UpdateRaftVoter (KIP-853) of a quorum whose one voter is this
// node. Another controller could only become a voter of it if this build led more than one; it is
// refused as one that does not answer. An update of this node itself, which stops Apache Kafka
// 4.4.0, is taken when it names an endpoint that is this node's.
// Source: KafkaRaftClient.handle...VoterRequest, AddVoterHandler, RemoveVoterHandler,
//         UpdateVoterHandler.
namespace moldau::raft {
namespace {

template <class Record>
std::vector<std::byte> encoded(const Record& record) {
  Writer out;
  record.encode(out, ApiVersion{0});
  return out.take();
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// Names of listeners are compared without their case.
template <class Listeners>
std::vector<VoterEndpoint> endpoints_of(const Listeners& listeners) {
  std::vector<VoterEndpoint> out;
  for (const auto& one : listeners) {
    out.push_back({.listener = upper(one.name), .host = one.host, .port = one.port});
  }
  return out;
}

const VoterEndpoint* endpoint_of(const std::vector<VoterEndpoint>& endpoints,
                                 std::string_view listener) {
  const std::string wanted = upper(listener);
  const auto at = std::ranges::find(endpoints, wanted,
                                    [](const VoterEndpoint& one) { return upper(one.listener); });
  return at == endpoints.end() ? nullptr : &*at;
}

bool is_whole(const ReplicaKey& key) {
  return key.id >= BrokerId{0} && !key.directory_id.is_zero();
}

}  // namespace

std::optional<Error> Machine::State::refuse_voter_change(std::string_view change) const {
  if (!high_watermark) {
    return Error(Errc::request_timed_out,
                 "The leader of the quorum has not committed a record of its own yet.");
  }
  if (voters.version != KRaftVersion::dynamic_voters) {
    // The administrator's tool prints it, and scripts look for it.
    return Error(
        Errc::unsupported_version,
        fmt::format("Cluster doesn't support {} voter because the kraft.version feature is 0",
                    change));
  }
  if (!voters.voters_offset || *voters.voters_offset >= *high_watermark) {
    return Error(Errc::request_timed_out, "The last change of the voters is not committed yet.");
  }
  return std::nullopt;
}

std::optional<Error> Machine::State::check_voter_change(
    const std::optional<std::string>& cluster_id) const {
  if (cluster_id && *cluster_id != settings.cluster_id) {
    return Error(Errc::inconsistent_cluster_id,
                 fmt::format("The cluster id is \"{}\".", settings.cluster_id));
  }
  if (role != Role::leader) return Error(Errc::not_leader_or_follower, "");
  if (shutting_down) return Error(Errc::broker_not_available, "");
  return std::nullopt;
}

void Machine::State::on(AddRaftVoterAsked& input, Outputs& out) {
  const auto& asked = input.request;
  const ReplicaKey key{asked.voter_id, asked.voter_directory_id};
  std::optional<Error> refusal = check_voter_change(asked.cluster_id);
  const auto refuse = [&](Errc code, std::string text) {
    if (!refusal) refusal = Error(code, std::move(text));
  };
  if (!is_whole(key)) {
    refuse(Errc::invalid_request, "A voter has an id that is not negative and a directory id.");
  }
  const std::string& listener = settings.endpoints.front().listener;
  const std::vector<VoterEndpoint> endpoints = endpoints_of(asked.listeners);
  if (endpoint_of(endpoints, listener) == nullptr) {
    refuse(Errc::invalid_request,
           fmt::format("The voter names no endpoint of the listener {}.", listener));
  }
  if (!refusal) refusal = refuse_voter_change("adding");
  if (voters.voters.find(key.id) != nullptr) {
    refuse(Errc::duplicate_voter, fmt::format("Voter {} is there already.", key.id));
  }
  refuse(Errc::request_timed_out,
         fmt::format("Voter {} does not answer, or is not as far as the leader.", key.id));
  protocol::AddRaftVoterResponse response;
  response.error_code = refusal->code();
  if (!refusal->text().empty()) response.error_message = std::string(refusal->text());
  out.answers.emplace_back(AnswerAddRaftVoter{input.ticket, std::move(response)});
}

void Machine::State::on(RemoveRaftVoterAsked& input, Outputs& out) {
  const auto& asked = input.request;
  const ReplicaKey key{asked.voter_id, asked.voter_directory_id};
  std::optional<Error> refusal = check_voter_change(asked.cluster_id);
  if (!refusal && !is_whole(key)) {
    refusal =
        Error(Errc::invalid_request, "A voter has an id that is not negative and a directory id.");
  }
  if (!refusal) refusal = refuse_voter_change("removing");
  // The last voter stays: a quorum of nobody could never change again.
  if (!refusal) {
    refusal = Error(Errc::voter_not_found,
                    fmt::format("Voter {} is not there, or is the only one.", key.id));
  }
  protocol::RemoveRaftVoterResponse response;
  response.error_code = refusal->code();
  if (!refusal->text().empty()) response.error_message = std::string(refusal->text());
  out.answers.emplace_back(AnswerRemoveRaftVoter{input.ticket, std::move(response)});
}

Errc Machine::State::update_voter(const protocol::UpdateRaftVoterRequest& asked, Outputs& out) {
  const std::optional<Error> refusal = check_voter_change(asked.cluster_id);
  if (refusal && refusal->code() == Errc::inconsistent_cluster_id) return refusal->code();
  if (asked.current_leader_epoch < epoch) return Errc::fenced_leader_epoch;
  if (asked.current_leader_epoch > epoch) return Errc::unknown_leader_epoch;
  if (refusal) return refusal->code();
  const ReplicaKey key{asked.voter_id, asked.voter_directory_id};
  const auto& range = asked.k_raft_version_feature;
  if (!is_whole(key) || range.min_supported_version < 0 || range.max_supported_version < 0 ||
      range.max_supported_version < range.min_supported_version) {
    return Errc::invalid_request;
  }
  if (!high_watermark) return Errc::request_timed_out;
  std::vector<VoterEndpoint> endpoints = endpoints_of(asked.listeners);
  const VoterEndpoint& ours = settings.endpoints.front();
  const VoterEndpoint* const theirs = endpoint_of(endpoints, ours.listener);
  if (theirs == nullptr) return Errc::invalid_request;
  const auto finalized = static_cast<std::int16_t>(voters.version);
  if (range.min_supported_version > finalized || range.max_supported_version < finalized) {
    return Errc::invalid_request;
  }
  // What is known of static voters is in no log, and the only voter knows itself.
  const bool is_static = voters.version == KRaftVersion::static_voters;
  if (!is_static && *voters.voters_offset >= *high_watermark) return Errc::request_timed_out;
  const Voter* const voter = voters.voters.find(key.id);
  if (voter == nullptr || (!is_static && voter->key != key)) return Errc::voter_not_found;
  // It is this node: where it says to be, nobody would answer.
  if (theirs->host != ours.host || theirs->port != ours.port) return Errc::request_timed_out;
  if (is_static) return Errc::none;
  flush_pending(out);
  voters.voters = voters.voters.with({.key = key,
                                      .endpoints = std::move(endpoints),
                                      .min_kraft_version = KRaftVersion::static_voters,
                                      .max_kraft_version = KRaftVersion::dynamic_voters});
  record::BatchBuilder builder({.base_offset = log.end, .leader_epoch = epoch, .is_control = true});
  voters.voters_offset = builder.next_offset();
  record::append_control(builder, record::ControlType::kraft_voters, wall,
                         encoded(voters.voters.to_record()));
  append(builder, true, out);
  next_offset = log.end;
  return Errc::none;
}

void Machine::State::on(UpdateRaftVoterAsked& input, Outputs& out) {
  protocol::UpdateRaftVoterResponse response;
  response.error_code = update_voter(input.request, out);
  response.current_leader.leader_id = leader.value_or(k_no_broker);
  response.current_leader.leader_epoch = epoch;
  if (const VoterEndpoint* at = leader_endpoint(input.listener)) {
    response.current_leader.host = at->host;
    response.current_leader.port = at->port;
  }
  out.answers.emplace_back(AnswerUpdateRaftVoter{input.ticket, std::move(response)});
}

}  // namespace moldau::raft
