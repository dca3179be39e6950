#include "harness/cluster_client.h"

namespace moldau::harness {

env::Task<Result<void>> ClusterClient::connect() {
  rpc::ClientSettings settings;
  settings.client_id = "sim";
  settings.request_timeout = std::chrono::seconds(5);
  CO_TRY(connection_,
         co_await rpc::ClientConnection::connect(env_, memory_, broker_, std::move(settings)));
  co_return Result<void>{};
}

env::Task<Result<rpc::Answer>> ClusterClient::call(rpc::AnyRequest request, ApiVersion least,
                                                   ApiVersion most) {
  if (!connection_) CO_TRY_OK(co_await connect());
  const auto version = draw_version(request.api(), least, most);
  if (!version) co_return fail(Errc::unsupported_version);
  Result<rpc::Answer> answer =
      co_await connection_->call(std::move(request), *version, std::nullopt);
  if (!answer || !connection_->usable()) co_await close();
  co_return answer;
}

env::Task<void> ClusterClient::close() {
  if (!connection_) co_return;
  const std::unique_ptr<rpc::ClientConnection> connection = std::move(connection_);
  connection->close();
  co_await connection->join();
}

std::optional<ApiVersion> ClusterClient::draw_version(protocol::ApiKey api, ApiVersion first,
                                                      ApiVersion last) {
  const auto theirs = connection_->advertised(api);
  if (!theirs) return std::nullopt;
  const auto low = std::max(first, theirs->least);
  const auto high = std::min(last, theirs->greatest);
  if (low > high) return std::nullopt;
  if (!rng_.one_in(4)) return high;
  const auto count = static_cast<std::uint64_t>(high.value() - low.value()) + 1;
  return ApiVersion(static_cast<std::int16_t>(low.value() + static_cast<int>(rng_.below(count))));
}

}  // namespace moldau::harness
