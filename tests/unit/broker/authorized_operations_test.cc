#include "broker/authorized_operations.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

TEST(AuthorizedOperations, ForbiddenOnesHaveNoBit) {
  BrokerWorld broker;
  rpc::Request request;
  RequestContext context{.shard = broker.shard(0),
                         .connection = broker.connection,
                         .request = request,
                         .principal = {},
                         .view = broker.shard(0).view};
  EXPECT_EQ(authorized_topic_operations(context, "t"), 3576);
  EXPECT_EQ(authorized_cluster_operations(context), 8096);
  broker.authorizer.forbids = [](security::Operation operation, security::ResourceType,
                                 std::string_view) {
    return operation == security::Operation::alter;
  };
  EXPECT_EQ(authorized_topic_operations(context, "t"), 3576 - (1 << 7));
  EXPECT_EQ(authorized_cluster_operations(context), 8096 - (1 << 7));
}

}  // namespace
}  // namespace moldau::broker
