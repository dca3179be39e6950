#include "sim/network.h"

#include <algorithm>

#include "unit/sim/network_vocabulary.h"

namespace moldau::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(NetworkTest, ConnectingToAPortWhereNobodyListensIsRefused) {
  std::unique_ptr<env::Stream> stream;
  client_tasks_.spawn(
      connect_to(client_boot_.env(0), {.host = "server", .port = 1}, stream, connect_end_));
  settle();
  EXPECT_EQ(connect_end_, Errc::connection_refused);
}

TEST_F(NetworkTest, AHostToldToRefuseRefusesUntilAllowed) {
  world_.network().refuse("server", true);
  EXPECT_EQ(connect(), nullptr);
  EXPECT_EQ(connect_end_, Errc::connection_refused);
  world_.network().refuse("server", false);
  connect_end_ = Errc::none;
  EXPECT_NE(connect(), nullptr);
}

TEST_F(NetworkTest, AClosedListenerCancelsItsAcceptAndFreesThePort) {
  listener_->close();
  settle();
  EXPECT_EQ(accept_end_, Errc::cancelled);
  EXPECT_EQ(connect(), nullptr);
  auto again = server_boot_.env(0).network.listen({.host = "server", .port = 9092}).take_result();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ((*again)->local().port, 9092);
}

TEST_F(NetworkTest, APortInUseAndAForeignAddressAreRefusedWithWhatToChange) {
  auto& network = server_boot_.env(0).network;
  EXPECT_EQ(network.listen({.host = "", .port = 9092}).take_result().error().code(),
            Errc::bad_configuration);
  EXPECT_EQ(network.listen({.host = "elsewhere", .port = 1}).take_result().error().code(),
            Errc::bad_configuration);
  EXPECT_NE((*network.listen({.host = "", .port = 0}).take_result())->local().port, 0);
}

TEST_F(NetworkTest, ACutConnectionIsClosedOnBothSides) {
  env::Stream* stream = connect();
  Ear& server_ear = ear_at(server_tasks_, *accepted_[0]);
  Ear& client_ear = ear_at(client_tasks_, *stream);
  EXPECT_EQ(world_.network().open_connections("client"), 1U);
  EXPECT_TRUE(world_.network().cut_one("server"));
  settle();
  EXPECT_EQ(server_ear.end, Errc::connection_closed);
  EXPECT_EQ(client_ear.end, Errc::connection_closed);
  EXPECT_EQ(world_.network().open_connections("client"), 0U);
  EXPECT_FALSE(world_.network().cut_one("server"));
}

TEST_F(NetworkTest, APartitionHoldsBytesBackAndHealingDeliversThemInOrder) {
  env::Stream* stream = connect();
  Ear& ear = ear_at(server_tasks_, *accepted_[0]);
  world_.network().partition("client", "server");
  speak(client_tasks_, *stream, "first ");
  settle();
  speak(client_tasks_, *stream, "second ");
  settle();
  EXPECT_EQ(ear.heard, "");
  world_.network().heal_all();
  speak(client_tasks_, *stream, "third");
  settle();
  EXPECT_EQ(ear.heard, "first second third");
}

TEST_F(NetworkTest, ConnectingAcrossAPartitionGivesUpAfterAWhile) {
  world_.network().partition("client", "server");
  const Instant start = world_.now();
  EXPECT_EQ(connect(), nullptr);
  EXPECT_EQ(connect_end_, Errc::connection_refused);
  EXPECT_GE(world_.now() - start, seconds(3));
}

TEST_F(NetworkTest, ADeadProcessIsNoticedAtOnceAndItsLastWordsArrive) {
  env::Stream* stream = connect();
  Ear& ear = ear_at(client_tasks_, *stream);
  speak(server_tasks_, *accepted_[0], "last words");
  server_.kill();
  settle();
  EXPECT_EQ(ear.heard, "last words");
  EXPECT_EQ(ear.end, Errc::connection_closed);
}

TEST_F(NetworkTest, ADeadMachineIsNoticedLaterAndDoesNotAnswer) {
  env::Stream* stream = connect();
  Ear& ear = ear_at(client_tasks_, *stream);
  server_.cut_power(PowerCut::lose_all());
  EXPECT_EQ(connect(), nullptr);
  EXPECT_EQ(connect_end_, Errc::connection_refused);
  world_.run_for(seconds(3));
  EXPECT_EQ(ear.end, Errc::connection_closed);
}

TEST_F(NetworkTest, ConnectionsOvertakeEachOther) {
  bool overtaken = false;
  for (int round = 0; round < 20 && !overtaken; ++round) {
    env::Stream* first = connect();
    env::Stream* second = connect();
    const std::size_t count = accepted_.size();
    Ear& one = ear_at(server_tasks_, *accepted_[count - 2]);
    Ear& two = ear_at(server_tasks_, *accepted_[count - 1]);
    speak(client_tasks_, *first, "1");
    speak(client_tasks_, *second, "2");
    world_.run_until([&] { return !one.heard.empty() || !two.heard.empty(); });
    overtaken = one.heard.empty();
    first->close();
    second->close();
    settle();
  }
  EXPECT_TRUE(overtaken);
}

TEST(NetworkShards, TheSystemSpreadsConnectionsOverTheShardsThatListen) {
  World world(9);
  Host& server = world.add_host({.name = "server", .shards = 2});
  Host& client = world.add_host({.name = "client"});
  Boot& boot = server.boot();
  Boot& client_boot = client.boot();
  env::TaskGroup tasks(client_boot.env(0).scheduler);
  env::TaskGroup zero(boot.env(0).scheduler);
  env::TaskGroup one(boot.env(1).scheduler);
  auto first = *boot.env(0).network.listen({.host = "", .port = 1}).take_result();
  auto second = *boot.env(1).network.listen({.host = "", .port = 1}).take_result();
  std::vector<std::unique_ptr<env::Stream>> at_zero;
  std::vector<std::unique_ptr<env::Stream>> at_one;
  Errc end = Errc::none;
  zero.spawn(accept_all(*first, at_zero, end));
  one.spawn(accept_all(*second, at_one, end));
  std::vector<std::unique_ptr<env::Stream>> streams(20);
  for (auto& stream : streams) {
    tasks.spawn(connect_to(client_boot.env(0), {.host = "server", .port = 1}, stream, end));
  }
  world.run_for(milliseconds(20));
  EXPECT_EQ(at_zero.size() + at_one.size(), 20U);
  EXPECT_GT(at_zero.size(), 2U);
  EXPECT_GT(at_one.size(), 2U);
  server.kill();
  client.kill();
  EXPECT_TRUE(server.unwind());
  EXPECT_TRUE(client.unwind());
}

}  // namespace
}  // namespace moldau::sim
