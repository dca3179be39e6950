#include "node/raft_answers.h"

#include <utility>

#include "node/raft_driver.h"
#include "protocol/api_key.h"

namespace moldau::node {
namespace {

template <class Request>
Result<raft::Input> asked(raft::Ticket ticket, ApiVersion version, std::string listener,
                          const SharedBytes& body) {
  TRY(Request request, Request::decode(body.view(), version));
  return raft::Input{raft::Asked<Request>{.ticket = ticket,
                                          .version = version,
                                          .listener = std::move(listener),
                                          .request = std::move(request)}};
}

}  // namespace

Result<raft::Input> raft_input(protocol::ApiKey api, raft::Ticket ticket, ApiVersion version,
                               std::string listener, const SharedBytes& body) {
  using protocol::ApiKey;
  if (api == ApiKey::vote) {
    return asked<protocol::VoteRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::begin_quorum_epoch) {
    return asked<protocol::BeginQuorumEpochRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::end_quorum_epoch) {
    return asked<protocol::EndQuorumEpochRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::fetch) {
    return asked<protocol::FetchRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::fetch_snapshot) {
    return asked<protocol::FetchSnapshotRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::describe_quorum) {
    return asked<protocol::DescribeQuorumRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::add_raft_voter) {
    return asked<protocol::AddRaftVoterRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::remove_raft_voter) {
    return asked<protocol::RemoveRaftVoterRequest>(ticket, version, std::move(listener), body);
  }
  if (api == ApiKey::update_raft_voter) {
    return asked<protocol::UpdateRaftVoterRequest>(ticket, version, std::move(listener), body);
  }
  return fail(Errc::unsupported_version, "not an API of the quorum");
}

}  // namespace moldau::node
