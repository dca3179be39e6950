#include "cli/endpoint_kind.h"

#include "unit/cli/tool_on_node.h"

namespace moldau::cli {
namespace {

class EndpointKindTest : public ToolOnNode {
 protected:
  Result<void> told_of(std::uint16_t port, EndpointKind kind) {
    Result<void> told;
    run(ask(env(), port, kind, told));
    return told;
  }

 private:
  static env::Task<void> ask(env::Env& env, std::uint16_t port, EndpointKind kind,
                             Result<void>& told) {
    client::ClusterSettings settings;
    settings.bootstrap = {{"127.0.0.1", port}};
    client::Cluster cluster(env, std::move(settings));
    told = co_await expect_endpoint(cluster, kind);
    co_await cluster.close();
  }
};

TEST_F(EndpointKindTest, TheRightOneIsNoError) {
  EXPECT_TRUE(told_of(9092, EndpointKind::broker).has_value());
  EXPECT_TRUE(told_of(9093, EndpointKind::controller).has_value());
}

TEST_F(EndpointKindTest, TheOtherOneIsRefused) {
  const auto broker = told_of(9092, EndpointKind::controller);
  ASSERT_FALSE(broker.has_value());
  EXPECT_EQ(broker.error().code(), Errc::mismatched_endpoint_type);
  const auto controller = told_of(9093, EndpointKind::broker);
  ASSERT_FALSE(controller.has_value());
  EXPECT_EQ(controller.error().code(), Errc::unsupported_version);
  EXPECT_EQ(controller.error().text(), "The node does not support METADATA");
}

TEST_F(EndpointKindTest, AnEndpointThatDoesNotAnswerIsAnotherMatter) {
  const auto away = told_of(9999, EndpointKind::broker);
  ASSERT_FALSE(away.has_value());
  EXPECT_EQ(away.error().code(), Errc::connection_refused);
}

}  // namespace
}  // namespace moldau::cli
