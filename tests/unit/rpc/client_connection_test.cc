#include "rpc/client_connection.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "env/task_group.h"
#include "protocol/api/api_versions.h"
#include "protocol/api/metadata.h"
#include "protocol/api_table.h"
#include "unit/rpc/rpc_world.h"
#include "unit/rpc/text_handler.h"

namespace moldau::rpc {
namespace {

using protocol::ApiKey;

// A broker that knows ApiVersions up to `greatest` and Metadata 0 to 12.
class SmallBroker final : public RequestHandler {
 public:
  explicit SmallBroker(std::int16_t greatest) : greatest_(greatest) {}
  [[nodiscard]] env::Task<Result<Response>> handle(RequestContext& context,
                                                   Request& request) override {
    co_await env::sleep_for(context.env, delay);
    if (request.header.api == ApiKey::metadata) co_return metadata(request);
    if (request.header.version > greatest_) co_return refusal();
    co_return versions(request.header.version);
  }
  Milliseconds delay{0};
  bool names_its_range = true;
  int refused = 0;

 private:
  static Response encoded(const auto& message, ApiVersion version) {
    Writer body;
    message.encode(body, version);
    return Response::of(std::move(body));
  }
  Response refusal() {
    ++refused;
    protocol::ApiVersionsResponse response;
    response.error_code = Errc::unsupported_version;
    if (names_its_range) response.api_keys = {range(ApiKey::api_versions, greatest_.value())};
    return encoded(response, ApiVersion{0});
  }
  [[nodiscard]] Response versions(ApiVersion version) const {
    protocol::ApiVersionsResponse response;
    response.api_keys = {range(ApiKey::metadata, 12),
                         range(ApiKey::api_versions, greatest_.value())};
    auto& feature = response.finalized_features.emplace_back();
    feature.name = "transaction.version";
    feature.max_version_level = feature.min_version_level = 2;
    response.finalized_features_epoch = 7;
    return encoded(response, version);
  }
  static Result<Response> metadata(const Request& request) {
    TRY_OK(protocol::MetadataRequest::decode(request.body(), request.header.version));
    protocol::MetadataResponse response;
    response.cluster_id = "the-cluster";
    return encoded(response, request.header.version);
  }
  static protocol::api_versions_response::ApiVersion range(ApiKey key, std::int16_t last) {
    protocol::api_versions_response::ApiVersion range;
    range.api_key = key;
    range.min_version = ApiVersion{0};
    range.max_version = ApiVersion{last};
    return range;
  }
  ApiVersion greatest_;
};

struct World {
  World(env::Env& its_env, std::unique_ptr<env::Listener> listener, std::int16_t greatest)
      : env(its_env),
        parts(its_env),
        broker(greatest),
        at(listener->local()),
        server(parts.server, {.listener = "PLAINTEXT"}, broker),
        group(its_env.scheduler) {
    group.spawn(server.serve(std::move(listener)));
  }
  env::Env& env;
  ShardParts parts;
  SmallBroker broker;
  env::Endpoint at;
  Server server;
  env::TaskGroup group;
};

using Body = env::Task<void> (*)(World&);

env::Task<void> run_world(env::Env& env, Body body, std::int16_t greatest) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  World world(env, *std::move(listener), greatest);
  co_await body(world);
  world.server.stop();
  co_await world.group.join();
}
void with_broker(Body body, std::int16_t greatest = 5) {
  os::on_one_shard([&](env::Env& env) { return run_world(env, body, greatest); });
}

env::Task<void> ask_metadata(World& world) {
  auto connected = co_await ClientConnection::connect(world.env, world.parts.memory, world.at, {});
  CHECK_OK(connected);
  ClientConnection& client = **connected;
  EXPECT_EQ(*client.version_of(ApiKey::metadata), ApiVersion{12});
  EXPECT_FALSE(client.advertised(ApiKey::produce).has_value());
  EXPECT_EQ(client.finalized_level("transaction.version"), 2);
  EXPECT_EQ(client.finalized_level("group.version"), 0);
  EXPECT_EQ(client.version_of(ApiKey::produce).error().code(), Errc::unsupported_version);
  for (const std::int16_t version : std::initializer_list<std::int16_t>{0, 8, 9, 12}) {
    const auto answer =
        co_await client.request<protocol::MetadataRequest, protocol::MetadataResponse>(
            protocol::MetadataRequest{}, ApiVersion{version});
    CHECK_OK(answer);
    if (version > 1) EXPECT_EQ(answer->cluster_id, "the-cluster");
  }
  client.close();
  co_await client.join();
}

TEST(ClientConnection, NegotiatesVersionsAndAsks) { with_broker(&ask_metadata); }

env::Task<void> ask_an_old_one(World& world) {
  auto connected = co_await ClientConnection::connect(world.env, world.parts.memory, world.at, {});
  CHECK_OK(connected);
  EXPECT_EQ(world.broker.refused, 1);
  EXPECT_EQ((*connected)->advertised(ApiKey::metadata)->greatest, ApiVersion{12});
  (*connected)->close();
  co_await (*connected)->join();
}

TEST(ClientConnection, OlderBrokerIsAskedAgainInItsVersion) { with_broker(&ask_an_old_one, 2); }

env::Task<void> ask_a_very_old_one(World& world) {
  world.broker.names_its_range = false;
  return ask_an_old_one(world);
}

TEST(ClientConnection, BrokerThatNamesNoRangeIsAskedInVersionZero) {
  with_broker(&ask_a_very_old_one, 0);
}

env::Task<void> too_late(World& world) {
  auto connected = co_await ClientConnection::connect(world.env, world.parts.memory, world.at, {});
  CHECK_OK(connected);
  ClientConnection& client = **connected;
  world.broker.delay = Milliseconds{40};
  const auto first = co_await client.request<protocol::MetadataRequest, protocol::MetadataResponse>(
      protocol::MetadataRequest{}, ApiVersion{9}, Milliseconds{5});
  EXPECT_EQ(first.error().code(), Errc::timed_out);
  EXPECT_EQ(client.inflight(), 1U);
  // The late answer is dropped and the connection goes on.
  const auto second =
      co_await client.request<protocol::MetadataRequest, protocol::MetadataResponse>(
          protocol::MetadataRequest{}, ApiVersion{9});
  CHECK_OK(second);
  EXPECT_EQ(client.inflight(), 0U);
  client.close();
  co_await client.join();
}

TEST(ClientConnection, LateAnswerIsTimedOutAndDropped) { with_broker(&too_late); }

env::Task<void> ask_once(ClientConnection& client, Errc& outcome) {
  const auto answer =
      co_await client.request<protocol::MetadataRequest, protocol::MetadataResponse>(
          protocol::MetadataRequest{}, ApiVersion{9});
  outcome = answer ? Errc::none : answer.error().code();
}
env::Task<void> broken_off(World& world) {
  auto connected = co_await ClientConnection::connect(world.env, world.parts.memory, world.at, {});
  CHECK_OK(connected);
  ClientConnection& client = **connected;
  world.broker.delay = Milliseconds{10};
  Errc first = Errc::none;
  Errc second = Errc::none;
  env::TaskGroup group(world.env.scheduler);
  group.spawn(ask_once(client, first));
  group.spawn(ask_once(client, second));
  world.server.stop();
  co_await group.join();
  EXPECT_EQ(first, Errc::connection_closed);
  EXPECT_EQ(second, Errc::connection_closed);
  EXPECT_FALSE(client.usable());
  Errc third = Errc::none;
  co_await ask_once(client, third);
  EXPECT_EQ(third, Errc::connection_closed);
  co_await client.join();
}

TEST(ClientConnection, AllWaitingRequestsHearOfTheEnd) { with_broker(&broken_off); }

env::Task<void> closed_here(World& world) {
  auto connected = co_await ClientConnection::connect(world.env, world.parts.memory, world.at, {});
  CHECK_OK(connected);
  world.broker.delay = Milliseconds{10};
  Errc outcome = Errc::none;
  env::TaskGroup group(world.env.scheduler);
  group.spawn(ask_once(**connected, outcome));
  (*connected)->close();
  co_await (*connected)->join();
  connected->reset();  // before the asker has run
  co_await group.join();
  EXPECT_EQ(outcome, Errc::cancelled);
}

TEST(ClientConnection, ClosingCancelsWaitingRequests) { with_broker(&closed_here); }

env::Task<void> answer_oddly(env::Listener& listener) {
  auto stream = co_await listener.accept();
  CHECK_OK(stream);
  (void)co_await os::read_some(**stream, 20);
  co_await os::write_all(**stream, framed(std::string("\0\0\0\x63", 4)));
  (void)co_await os::read_some(**stream, 100);
}
env::Task<void> odd_peer(env::Env& env) {
  ShardParts parts(env);
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  env::TaskGroup group(env.scheduler);
  group.spawn(answer_oddly(**listener));
  const auto client =
      co_await ClientConnection::connect(env, parts.memory, (*listener)->local(), {});
  EXPECT_EQ(client.error().code(), Errc::bad_frame);
  co_await group.join();
}

TEST(ClientConnection, AnswerToNoRequestBreaksTheConnection) { os::on_one_shard(&odd_peer); }

}  // namespace
}  // namespace moldau::rpc
