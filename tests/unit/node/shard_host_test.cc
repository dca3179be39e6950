#include "node/shard_host.h"

#include <gtest/gtest.h>

#include "protocol/api/api_versions.h"
#include "rpc/client_connection.h"
#include "unit/node/controller_world.h"

namespace moldau::node {
namespace {

using Audience = ShardHost::Audience;

class ShardHostTest : public ControllerWorld {
 protected:
  ShardHostTest() : client(world.add_host({.name = "client"}).boot().env(0)) {}
  Result<env::Endpoint> listen(std::uint16_t port, Audience audience = Audience::clients) {
    const char* name = audience == Audience::clients ? "PLAINTEXT" : "CONTROLLER";
    return run(shard->listen({.listener = name, .host = "node", .port = port}, audience));
  }
  // Connects and asks for ApiVersions; done when that is answered.
  auto begin_connect(std::uint16_t port) {
    return rpc::ClientConnection::connect(client, frames, {"node", port}, {});
  }
  std::unique_ptr<rpc::ClientConnection> connect(std::uint16_t port) {
    auto connected = run(begin_connect(port));
    EXPECT_TRUE(connected.has_value());
    return connected ? *std::move(connected) : nullptr;
  }
  void leave(rpc::ClientConnection& connection) {
    connection.close();
    auto joined = connection.join();
    EXPECT_TRUE(world.run_until([&] { return joined.done(); }));
  }
  void drain(Milliseconds patience = std::chrono::seconds{30}) {
    EXPECT_TRUE(run(shard->drain(patience)));
  }

  env::Env& client;
  telemetry::Counters counters;
  rpc::FrameMemory frames{client, counters};
};

TEST_F(ShardHostTest, ClientsListenerServesTheApisOfABroker) {
  const Result<env::Endpoint> bound = listen(9092);
  ASSERT_TRUE(bound.has_value());
  EXPECT_EQ(bound->port, 9092);
  EXPECT_TRUE(run(shard->serve(Audience::clients)));
  const auto connection = connect(9092);
  ASSERT_NE(connection, nullptr);
  EXPECT_TRUE(connection->advertised(protocol::ApiKey::fetch).has_value());
  EXPECT_TRUE(connection->advertised(protocol::ApiKey::produce).has_value());
  EXPECT_FALSE(connection->advertised(protocol::ApiKey::vote).has_value());
  leave(*connection);
  drain();
}

TEST_F(ShardHostTest, ControllersListenerServesTheApisOfAController) {
  ASSERT_TRUE(listen(9093, Audience::controllers).has_value());
  EXPECT_TRUE(run(shard->serve(Audience::controllers)));
  const auto connection = connect(9093);
  ASSERT_NE(connection, nullptr);
  EXPECT_TRUE(connection->advertised(protocol::ApiKey::broker_heartbeat).has_value());
  EXPECT_FALSE(connection->advertised(protocol::ApiKey::produce).has_value());
  leave(*connection);
  drain();
}

TEST_F(ShardHostTest, NobodyIsServedBeforeTheirTime) {
  ASSERT_TRUE(listen(9092, Audience::clients).has_value());
  ASSERT_TRUE(listen(9093, Audience::controllers).has_value());
  EXPECT_TRUE(run(shard->serve(Audience::controllers)));
  auto early = begin_connect(9092);
  world.run_for(std::chrono::seconds{2});
  EXPECT_FALSE(early.done()) << "the controllers' listeners serve, the clients' do not";
  EXPECT_TRUE(run(shard->serve(Audience::clients)));
  auto connected = run(std::move(early));
  ASSERT_TRUE(connected.has_value()) << "who came early was only waiting";
  leave(**connected);
  drain();
}

TEST_F(ShardHostTest, PortZeroGetsARealOne) {
  const Result<env::Endpoint> bound = listen(0);
  ASSERT_TRUE(bound.has_value());
  EXPECT_NE(bound->port, 0);
  EXPECT_TRUE(run(shard->serve(Audience::clients)));
  const auto connection = connect(bound->port);
  ASSERT_NE(connection, nullptr);
  leave(*connection);
  drain();
}

TEST_F(ShardHostTest, DrainingClosesIdleConnectionsAtOnceAndTheListeners) {
  ASSERT_TRUE(listen(9092).has_value());
  EXPECT_TRUE(run(shard->serve(Audience::clients)));
  const auto connection = connect(9092);
  ASSERT_NE(connection, nullptr);
  const Instant before = world.now();
  drain();
  EXPECT_LT(world.now() - before, std::chrono::seconds{1});
  EXPECT_FALSE(run(begin_connect(9092)).has_value()) << "nobody listens there any more";
  leave(*connection);
}

TEST_F(ShardHostTest, DrainingClosesListenersThatNeverServed) {
  ASSERT_TRUE(listen(9092).has_value());
  drain();
  EXPECT_FALSE(run(begin_connect(9092)).has_value());
}

// Sends the first bytes of a frame and never the rest.
TEST_F(ShardHostTest, DrainingDoesNotWaitForARequestThatIsNotThere) {
  ASSERT_TRUE(listen(9092).has_value());
  EXPECT_TRUE(run(shard->serve(Audience::clients)));
  auto stream = run(client.network.connect({"node", 9092}));
  ASSERT_TRUE(stream.has_value());
  const std::vector<std::byte> head{std::byte{0}, std::byte{0}, std::byte{1}, std::byte{0}};
  const std::vector<Bytes> parts{Bytes{head}};
  ASSERT_TRUE((*stream)->try_write(parts).has_value());
  world.run_for(std::chrono::seconds{1});
  const Instant before = world.now();
  drain(std::chrono::seconds{5});
  EXPECT_LE(world.now() - before, std::chrono::seconds{6});
}

TEST_F(ShardHostTest, PortThatIsTakenIsRefused) {
  ASSERT_TRUE(run(client.network.listen({"client", 9092})).has_value());
  auto other = run(env.network.listen({"node", 9092}));
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(listen(9092).error().code(), Errc::bad_configuration);
  drain();
}

TEST_F(ShardHostTest, NobodyToAskIsNoController) {
  const auto answer = run(shard->controller().send({.api = protocol::ApiKey::create_topics}));
  EXPECT_EQ(answer.error().code(), Errc::not_controller);
}

TEST_F(ShardHostTest, RunEndsWhenItIsFinishedAndNotBefore) {
  auto running = shard->run();
  world.run_for(std::chrono::seconds{5});
  EXPECT_FALSE(running.done());
  shard->finish();
  EXPECT_TRUE(world.run_until([&] { return running.done(); }));
  finished = true;
}

}  // namespace
}  // namespace moldau::node
