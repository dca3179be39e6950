#include "client/coordinator_link.h"

#include "protocol/api/find_coordinator.h"

namespace moldau::client {

env::Task<Result<BrokerId>> CoordinatorLink::find() {
  if (known_) co_return *known_;
  // Before version 4 a request names one key, in a field of its own.
  protocol::FindCoordinatorRequest request;
  request.key_type = static_cast<std::int8_t>(kind_);
  CO_TRY(const std::shared_ptr<rpc::ClientConnection> connection, co_await cluster_->any());
  CO_TRY(const ApiVersion version, connection->version_of(protocol::ApiKey::find_coordinator));
  constexpr ApiVersion k_many{4};
  if (version >= k_many) {
    request.coordinator_keys.push_back(key_);
  } else {
    request.key = key_;
  }
  CO_TRY(protocol::FindCoordinatorResponse answer,
         co_await connection
             ->request<protocol::FindCoordinatorRequest, protocol::FindCoordinatorResponse>(
                 std::move(request), version));
  Errc error = answer.error_code;
  std::optional<std::string> text = std::move(answer.error_message);
  if (version >= k_many) {
    if (answer.coordinators.empty()) co_return fail(Errc::unknown_server_error);
    auto& one = answer.coordinators.front();
    error = one.error_code;
    text = std::move(one.error_message);
    answer.node_id = one.node_id;
    answer.host = std::move(one.host);
    answer.port = one.port;
  }
  if (error != Errc::none) co_return fail(Error(error, text.value_or("")));
  CO_TRY(env::Endpoint at, endpoint_of_answer(std::move(answer.host), answer.port));
  cluster_->learn(answer.node_id, std::move(at));
  known_ = answer.node_id;
  co_return answer.node_id;
}

env::Task<Result<std::shared_ptr<rpc::ClientConnection>>> CoordinatorLink::connection() {
  CO_TRY(const BrokerId broker, co_await find());
  auto connection = co_await cluster_->to(broker, Line::coordination);
  if (!connection) heed(connection.error().code());
  co_return connection;
}

env::Task<Result<rpc::Answer>> CoordinatorLink::call(rpc::AnyRequest request,
                                                     std::optional<Milliseconds> timeout,
                                                     ApiVersion version_max) {
  CO_TRY(const std::shared_ptr<rpc::ClientConnection> to, co_await connection());
  CO_TRY(const ApiVersion version, to->version_of(request.api()));
  auto answer = co_await to->call(std::move(request), std::min(version, version_max), timeout);
  if (!answer) heed(answer.error().code());
  co_return answer;
}

void CoordinatorLink::heed(Errc code) {
  switch (code) {
    case Errc::not_coordinator:
    case Errc::coordinator_not_available:
    case Errc::connection_closed:
    case Errc::connection_refused:
    case Errc::timed_out:
    case Errc::request_timed_out:
    case Errc::leader_not_available:
      known_.reset();
      return;
    default:
      return;
  }
}

}  // namespace moldau::client
