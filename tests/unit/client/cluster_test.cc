#include "client/cluster.h"

#include <gtest/gtest.h>

#include "unit/client/fake_broker.h"

namespace moldau::client {
namespace {

std::vector<std::string> topic_t() { return {"t"}; }

TEST(ParseEndpoints, TakesWhatKafkaTakes) {
  const auto three = parse_endpoints("a:1, [::1]:9092 ,b.example:65535,");
  ASSERT_TRUE(three.has_value());
  ASSERT_EQ(three->size(), 3U);
  EXPECT_EQ((*three)[0], (env::Endpoint{"a", 1}));
  EXPECT_EQ((*three)[1], (env::Endpoint{"::1", 9092}));
  EXPECT_EQ((*three)[2], (env::Endpoint{"b.example", 65535}));
}

TEST(ParseEndpoints, PassesOverTheNameOfAProtocol) {
  const auto two = parse_endpoints("PLAINTEXT://a:1,SASL_SSL://[::1]:9092");
  ASSERT_TRUE(two.has_value());
  ASSERT_EQ(two->size(), 2U);
  EXPECT_EQ((*two)[0], (env::Endpoint{"a", 1}));
  EXPECT_EQ((*two)[1], (env::Endpoint{"::1", 9092}));
  for (const char* text : {"PLAIN TEXT://a:1", "a/b://a:1", "PLAINTEXT://:1", "x://y://a:1"}) {
    EXPECT_FALSE(parse_endpoints(text).has_value()) << text;
  }
}

TEST(ParseEndpoints, RefusesWhatNamesNoPort) {
  for (const char* text :
       {"", " , ", "host", "host:", ":9092", "host:0", "host:65536", "host:9x"}) {
    const auto refused = parse_endpoints(text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(refused.error().code(), Errc::bad_configuration) << text;
  }
}

TEST(EndpointOfAnswer, HasAPort) {
  EXPECT_EQ(*endpoint_of_answer("a", 1), (env::Endpoint{"a", 1}));
  EXPECT_EQ(*endpoint_of_answer("a", 65535), (env::Endpoint{"a", 65535}));
  for (const std::int32_t port : {0, -1, 65536, 65537, 65536 + 9092}) {
    EXPECT_EQ(endpoint_of_answer("a", port).error().code(), Errc::bad_frame) << port;
  }
}

env::Task<void> port_that_is_none(ClientWorld& world) {
  world.broker.port_offset = 65536;  // would be the right one if it were cut to 16 bits
  Cluster cluster(world.env, world.settings);
  EXPECT_EQ((co_await cluster.to(FakeBroker::k_id)).error().code(), Errc::leader_not_available);
  EXPECT_FALSE(cluster.endpoint_of(FakeBroker::k_id).has_value());
  co_await cluster.close();
}

TEST(Cluster, BrokerAtAPortThatIsNoneIsNotThere) { with_broker(&port_that_is_none); }

env::Task<void> remember_places(ClientWorld& world) {
  Cluster cluster(world.env, world.settings);
  EXPECT_EQ(cluster.partition_count("t"), 0);
  EXPECT_FALSE(cluster.place_of("t", PartitionIndex{0}).has_value());
  CHECK_OK(co_await cluster.refresh(topic_t()));
  EXPECT_EQ(cluster.partition_count("t"), 2);
  EXPECT_EQ(cluster.topic_id("t"), FakeBroker::topic_id());
  EXPECT_EQ(cluster.place_of("t", PartitionIndex{1})->leader, FakeBroker::k_id);
  EXPECT_EQ(cluster.place_of("t", PartitionIndex{1})->leader_epoch, LeaderEpoch{4});
  EXPECT_FALSE(cluster.place_of("t", PartitionIndex{2}).has_value());
  EXPECT_FALSE(cluster.place_of("t", PartitionIndex{-1}).has_value());
  cluster.forget("t");
  EXPECT_EQ(cluster.partition_count("t"), 0);
  co_await cluster.close();
}

TEST(Cluster, RemembersAndForgetsWhereATopicIs) { with_broker(&remember_places); }

env::Task<void> replicas(ClientWorld& world) {
  world.broker.replicas = {FakeBroker::k_id, BrokerId{9}};
  Cluster cluster(world.env, world.settings);
  EXPECT_TRUE(cluster.replicas_of("t").empty());
  CHECK_OK(co_await cluster.refresh(topic_t()));
  EXPECT_EQ(cluster.replicas_of("t").size(), 2U);
  EXPECT_TRUE(cluster.replicas_of("t").at(1).racks.empty()) << "the broker has no rack";
  EXPECT_EQ(cluster.replicas_of("t").at(1).away, std::set{BrokerId{9}});
  world.broker.rack = "a";
  cluster.learn(BrokerId{9}, world.broker.at);
  CHECK_OK(co_await cluster.refresh(std::vector<std::string>{}));
  EXPECT_EQ(cluster.replicas_of("t").at(1).racks.at(FakeBroker::k_id), "a");
  EXPECT_EQ(cluster.replicas_of("t").at(1).away, std::set{BrokerId{9}}) << "not in the metadata";
  co_await cluster.close();
}

TEST(Cluster, KnowsTheRacksOfReplicasAndWhichBrokersAreAway) { with_broker(&replicas); }

env::Task<void> unknown_topic(ClientWorld& world) {
  world.broker.knows_topic = false;
  Cluster cluster(world.env, world.settings);
  const auto answer = co_await cluster.refresh(topic_t());
  CHECK_OK(answer);
  EXPECT_EQ(answer->topics.at(0).error_code, Errc::unknown_topic_or_partition);
  EXPECT_EQ(cluster.partition_count("t"), 0);
  EXPECT_FALSE(cluster.topic_id("t").has_value());
  co_await cluster.close();
}

TEST(Cluster, UnknownTopicIsInTheAnswerAndNotRemembered) { with_broker(&unknown_topic); }

env::Task<void> too_old(ClientWorld& world) {
  world.broker.greatest_metadata = 1;
  Cluster cluster(world.env, world.settings);
  EXPECT_EQ((co_await cluster.refresh(topic_t())).error().code(), Errc::unsupported_version);
  const auto again = co_await cluster.refresh(topic_t(), true);
  CHECK_OK(again);
  co_await cluster.close();
}

TEST(Cluster, BrokerThatCannotBeAskedIsAnErrorAndNoMore) { with_broker(&too_old); }

env::Task<void> one_connection_each(ClientWorld& world) {
  Cluster cluster(world.env, world.settings);
  const auto first = co_await cluster.to(FakeBroker::k_id);
  CHECK_OK(first);
  const auto second = co_await cluster.to(FakeBroker::k_id);
  CHECK_OK(second);
  EXPECT_EQ(first->get(), second->get());
  // The bootstrap connection and the broker's.
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::api_versions], 2);
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::metadata], 1);
  (*first)->close();
  const auto third = co_await cluster.to(FakeBroker::k_id);
  CHECK_OK(third);
  EXPECT_NE(first->get(), third->get());
  EXPECT_TRUE((*third)->usable());
  co_await cluster.close();
}

TEST(Cluster, ConnectionOfABrokerIsSharedUntilItFails) { with_broker(&one_connection_each); }

env::Task<void> reach(Cluster& cluster, std::weak_ptr<rpc::ClientConnection>& reached) {
  const auto connection = co_await cluster.to(FakeBroker::k_id);
  CHECK_OK(connection);
  reached = *connection;
}

env::Task<void> dropped_ones_go(ClientWorld& world) {
  Cluster cluster(world.env, world.settings);
  CHECK_OK(co_await cluster.refresh(topic_t()));
  std::weak_ptr<rpc::ClientConnection> broken, replaced, last;
  co_await reach(cluster, broken);
  broken.lock()->close();
  env::TaskGroup both(world.env.scheduler);
  both.spawn(reach(cluster, replaced));
  both.spawn(reach(cluster, last));
  co_await both.join();
  for (int i = 0; i < 3; ++i) {
    co_await env::sleep_for(world.env, Milliseconds{10});
    CHECK_OK(co_await cluster.any());
  }
  EXPECT_TRUE(broken.expired());
  EXPECT_NE(replaced.expired(), last.expired()) << "one of the two is in use";
  co_await cluster.close();
}

TEST(Cluster, ConnectionsThatWereDroppedGoWhenTheyHaveEnded) { with_broker(&dropped_ones_go); }

env::Task<void> broker_nobody_knows(ClientWorld& world) {
  Cluster cluster(world.env, world.settings);
  const auto refused = co_await cluster.to(BrokerId{7});
  EXPECT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::leader_not_available);
  co_await cluster.close();
}

TEST(Cluster, BrokerThatTheMetadataDoNotHaveIsAnError) { with_broker(&broker_nobody_knows); }

env::Task<void> first_endpoint_is_dead(ClientWorld& world) {
  // A port that was free a moment ago: nobody listens there.
  auto gone = co_await world.env.network.listen({"127.0.0.1", 0});
  CHECK_OK(gone);
  const env::Endpoint dead = (*gone)->local();
  gone->reset();
  ClusterSettings settings = world.settings;
  settings.bootstrap = {dead};
  Cluster alone(world.env, settings);
  EXPECT_FALSE((co_await alone.any()).has_value());
  co_await alone.close();
  settings.bootstrap = {dead, world.broker.at};
  Cluster both(world.env, settings);
  CHECK_OK(co_await both.any());
  co_await both.close();
}

TEST(Cluster, NextBootstrapEndpointIsTriedWhenOneIsDead) { with_broker(&first_endpoint_is_dead); }

env::Task<void> after_close(ClientWorld& world) {
  Cluster cluster(world.env, world.settings);
  CHECK_OK(co_await cluster.any());
  co_await cluster.close();
  co_await cluster.close();
  EXPECT_EQ((co_await cluster.any()).error().code(), Errc::cancelled);
}

TEST(Cluster, ClosedClusterOpensNothing) { with_broker(&after_close); }

}  // namespace
}  // namespace moldau::client
