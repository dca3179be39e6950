#include "harness/cluster_client.h"

#include <set>

#include "protocol/api/describe_cluster.h"
#include "protocol/api/metadata.h"
#include "unit/harness/cluster_world.h"

namespace moldau::harness {
namespace {

class ClusterClientTest : public ClusterWorld {
 protected:
  template <class Req, class Resp>
  static env::Task<Result<Resp>> asking(ClusterClient& who, Req request, ApiVersion least) {
    co_return co_await who.ask<Req, Resp>(std::move(request), least);
  }
  template <class Req, class Resp>
  Result<Resp> ask(ClusterClient& who, Req request, ApiVersion least = ApiVersion{0}) {
    auto asked = asking<Req, Resp>(who, std::move(request), least);
    EXPECT_TRUE(until([&] { return asked.done(); }));
    return asked.take_result();
  }
  Result<protocol::DescribeClusterResponse> ask_for_cluster(ClusterClient& who) {
    return ask<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse>(who, {});
  }
  void close(ClusterClient& who) {
    auto closed = who.close();
    EXPECT_TRUE(until([&] { return closed.done(); }));
  }
};

TEST_F(ClusterClientTest, EveryVersionItDrawsIsAnswered) {
  start();
  ClusterClient& who = client();
  for (int i = 0; i < 30; ++i) {
    const auto answer = ask_for_cluster(who);
    ASSERT_TRUE(answer.has_value()) << answer.error().describe();
    EXPECT_EQ(answer->brokers.size(), 1U);
  }
  close(who);
}

TEST_F(ClusterClientTest, ItDrawsNoVersionBelowTheLeast) {
  start();
  ClusterClient& who = client();
  for (int i = 0; i < 30; ++i) {
    protocol::MetadataRequest request;
    request.allow_auto_topic_creation = false;  // versions 0 to 3 cannot say it
    EXPECT_TRUE((ask<protocol::MetadataRequest, protocol::MetadataResponse>(who, std::move(request),
                                                                            ApiVersion{4}))
                    .has_value());
  }
  close(who);
}

TEST_F(ClusterClientTest, AfterItsConnectionBrokeItMakesAnother) {
  start();
  ClusterClient& who = client();
  ASSERT_TRUE(ask_for_cluster(who).has_value());
  EXPECT_EQ(world.network().cut_all("broker"), 1U);
  world.run_for(std::chrono::seconds(1));
  EXPECT_FALSE(ask_for_cluster(who).has_value());
  EXPECT_TRUE(ask_for_cluster(who).has_value());
  close(who);
}

TEST_F(ClusterClientTest, WithoutABrokerItSaysSo) {
  ClusterClient& who = client();
  EXPECT_FALSE(ask_for_cluster(who).has_value());
}

}  // namespace
}  // namespace moldau::harness
