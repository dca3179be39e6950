#include "harness/broker_program.h"

#include "unit/harness/cluster_world.h"

namespace moldau::harness {
namespace {

using BrokerProgramTest = ClusterWorld;

TEST_F(BrokerProgramTest, NodeBecomesReadyAndStopsWhenAsked) {
  start();
  EXPECT_FALSE(program->at_rest());
  program->request_stop();
  EXPECT_TRUE(until([this] { return program->at_rest(); }));
  EXPECT_FALSE(program->failure().has_value());
  EXPECT_TRUE(*broker.volume().exists("data/.kafka_cleanshutdown"));
}

TEST_F(BrokerProgramTest, NodeThatWasKilledComesToRestAndStartsAgainOnItsVolume) {
  start();
  bury();
  EXPECT_FALSE(*broker.volume().exists("data/.kafka_cleanshutdown"));
  said.clear();
  start();
  EXPECT_NE(said.find("leader epoch 2"), std::string::npos) << said;
}

TEST_F(BrokerProgramTest, OverridesReachTheNode) {
  program = std::make_unique<BrokerProgram>(broker.boot(), sink,
                                            std::vector<std::string>{"log.dirs=elsewhere"});
  EXPECT_TRUE(until([this] { return program->ready(); })) << said;
  EXPECT_TRUE(*broker.volume().exists("elsewhere/meta.properties"));
  EXPECT_FALSE(*broker.volume().exists("data/meta.properties"));
}

}  // namespace
}  // namespace moldau::harness
