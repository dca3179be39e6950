#include "node/raft_answers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "protocol/codec.h"

namespace moldau::node {
namespace {

using protocol::ApiKey;
using security::Operation;

template <class Request>
Result<raft::Input> asked(raft::Ticket ticket, ApiVersion version, std::string listener,
                          const SharedBytes& body) {
  TRY(Request request, Request::decode(body.view(), version));
  return raft::Input{raft::Asked<Request>{.ticket = ticket,
                                          .version = version,
                                          .listener = std::move(listener),
                                          .request = std::move(request)}};
}

// Before version 13, whoever fetches looks at the error of each partition.
void refuse_partitions(const protocol::FetchRequest& request, Errc error,
                       protocol::FetchResponse& response) {
  for (const auto& topic : request.topics) {
    auto& answer = response.responses.emplace_back();
    answer.topic = topic.topic;
    for (const auto& partition : topic.partitions) {
      auto& data = answer.partitions.emplace_back();
      data.partition_index = partition.partition;
      data.error_code = error;
      data.high_watermark = k_no_offset;
    }
  }
}

template <class Request, class Response>
Result<SharedBytes> refused(ApiVersion version, const SharedBytes& body, Errc error) {
  constexpr ApiVersion k_first_of_whole_fetches{13};
  TRY(const Request request, Request::decode(body.view(), version));
  Response response;
  response.error_code = error;
  if constexpr (requires { response.error_message; }) {
    response.error_message = std::string(facts(error).text);
  }
  if constexpr (std::is_same_v<Request, protocol::FetchRequest>) {
    if (version < k_first_of_whole_fetches) refuse_partitions(request, error, response);
  }
  return protocol::encoded(Response::k_message, &response, version);
}

struct Row {
  ApiKey api;
  Operation needs;
  Result<raft::Input> (*input)(raft::Ticket, ApiVersion, std::string, const SharedBytes&);
  Result<SharedBytes> (*refusal)(ApiVersion, const SharedBytes&, Errc);
};

template <class Request, class Response>
constexpr Row row(Operation needs) {
  return {Request::k_key, needs, &asked<Request>, &refused<Request, Response>};
}

constexpr auto k_rows = std::to_array<Row>({
    row<protocol::VoteRequest, protocol::VoteResponse>(Operation::cluster_action),
    row<protocol::BeginQuorumEpochRequest, protocol::BeginQuorumEpochResponse>(
        Operation::cluster_action),
    row<protocol::EndQuorumEpochRequest, protocol::EndQuorumEpochResponse>(
        Operation::cluster_action),
    row<protocol::FetchRequest, protocol::FetchResponse>(Operation::cluster_action),
    row<protocol::FetchSnapshotRequest, protocol::FetchSnapshotResponse>(Operation::cluster_action),
    row<protocol::DescribeQuorumRequest, protocol::DescribeQuorumResponse>(Operation::describe),
    row<protocol::AddRaftVoterRequest, protocol::AddRaftVoterResponse>(Operation::alter),
    row<protocol::RemoveRaftVoterRequest, protocol::RemoveRaftVoterResponse>(Operation::alter),
    row<protocol::UpdateRaftVoterRequest, protocol::UpdateRaftVoterResponse>(
        Operation::cluster_action),
});

const Row* row_of(ApiKey api) {
  const auto* const found = std::ranges::find(k_rows, api, &Row::api);
  return found == k_rows.end() ? nullptr : found;
}

std::unexpected<Error> not_of_the_quorum() {
  return fail(Errc::unsupported_version, "not an API of the quorum");
}

}  // namespace

bool is_quorum_api(ApiKey api) { return row_of(api) != nullptr; }

Operation quorum_operation(ApiKey api) {
  const Row* row = row_of(api);
  CHECK(row != nullptr);
  return row->needs;
}

Result<raft::Input> raft_input(ApiKey api, raft::Ticket ticket, ApiVersion version,
                               std::string listener, const SharedBytes& body) {
  const Row* row = row_of(api);
  if (row == nullptr) return not_of_the_quorum();
  return row->input(ticket, version, std::move(listener), body);
}

Result<SharedBytes> raft_refusal(ApiKey api, ApiVersion version, const SharedBytes& body,
                                 Errc error) {
  const Row* row = row_of(api);
  if (row == nullptr) return not_of_the_quorum();
  return row->refusal(version, body, error);
}

}  // namespace moldau::node
