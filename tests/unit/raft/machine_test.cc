#include "raft/machine.h"

#include <gtest/gtest.h>

#include "protocol/data/leader_change_message.h"
#include "raft/control_scan.h"
#include "record/records.h"
#include "unit/raft/node.h"

namespace moldau::raft {
namespace {

using namespace std::chrono_literals;
using test::Node;

TEST(MachineOpen, RefusesAQuorumOfWhichItIsNotTheOnlyVoter) {
  Settings two = test::settings();
  two.static_voters = test::voters({test::voter(1), test::voter(2)});
  EXPECT_EQ(Machine::open(two, {}).error().code(), Errc::bad_configuration);
  Settings other = test::settings();
  other.static_voters = test::voters({test::voter(7)});
  EXPECT_EQ(Machine::open(other, {}).error().code(), Errc::bad_configuration);
  EXPECT_EQ(Machine::open(test::dynamic_settings(), {}).error().code(), Errc::bad_configuration);
}

TEST(MachineOpen, RefusesTheDirectoryOfAnotherVoterIncarnation) {
  const auto opened =
      Machine::open(test::dynamic_settings(),
                    {.control = test::dynamic_control(-1, {test::voter(1, Uuid{9, 9})})});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().text().find("directory id"), std::string_view::npos);
}

TEST(MachineOpen, RefusesKraftVersionOneWithoutVoters) {
  EXPECT_EQ(
      Machine::open(test::settings(),
                    {.control = {{Offset{0}, protocol::KRaftVersionRecord{.version = 0,
                                                                          .k_raft_version = 1}}}})
          .error()
          .code(),
      Errc::corrupt_data);
}

TEST(Machine, ElectsItselfInTheEpochAfterTheOneItKnew) {
  Node node(test::settings(), {.quorum_state = protocol::QuorumStateData{
                                   .leader_id = BrokerId{1}, .leader_epoch = LeaderEpoch{4}}});
  const Outputs out = node.step(Tick{});
  ASSERT_EQ(node.persisted.size(), 1U);
  EXPECT_EQ(node.persisted[0].data.leader_epoch, LeaderEpoch{5});
  EXPECT_EQ(node.persisted[0].data.leader_id, BrokerId{1});
  EXPECT_EQ(node.persisted[0].version, ApiVersion{0});
  EXPECT_TRUE(node.machine.is_leader());
  ASSERT_EQ(out.appends.size(), 1U);
  EXPECT_TRUE(out.appends[0].is_control);
  EXPECT_EQ(out.appends[0].epoch, LeaderEpoch{5});
}

TEST(Machine, EpochOfTheLogCountsWhenQuorumStateIsOlder) {
  Node node(test::settings(),
            {.quorum_state = protocol::QuorumStateData{.leader_epoch = LeaderEpoch{2}},
             .log_end_offset = Offset{10},
             .epochs = {{LeaderEpoch{6}, Offset{0}}}});
  (void)node.step(Tick{});
  EXPECT_EQ(node.machine.epoch(), LeaderEpoch{7});
}

TEST(Machine, DoesNothingElseUntilItsStateIsDurable) {
  auto machine = *Machine::open(test::settings(), {});
  const Instant now{1s};
  const Outputs first = machine.step(Tick{}, now, test::k_wall);
  ASSERT_TRUE(first.persist.has_value());
  EXPECT_TRUE(first.appends.empty());
  EXPECT_FALSE(machine.is_leader());
  EXPECT_TRUE(machine.step(Tick{}, now, test::k_wall).empty());
  const Outputs done = machine.step(PersistDone{}, now, test::k_wall);
  EXPECT_TRUE(machine.is_leader());
  EXPECT_EQ(done.appends.size(), 1U);
}

TEST(Machine, LeadsOnlyWhenTheRecordOfItsEpochIsDurable) {
  Node node(test::settings(),
            {.log_end_offset = Offset{10}, .epochs = {{LeaderEpoch{1}, Offset{0}}}});
  const Outputs elected = node.step(Tick{});
  EXPECT_FALSE(elected.gained || elected.high_watermark);
  const Outputs synced = node.sync();
  ASSERT_TRUE(synced.gained.has_value());
  EXPECT_EQ(synced.gained->start_offset, Offset{10});
  EXPECT_EQ(synced.high_watermark, Offset{11});
}

TEST(Machine, FirstBatchIsByteForByteThatOfAKafkaLeader) {
  // From tests/data/metadata/static, batch 0: LeaderChange of node 1 in epoch 1.
  Node node;
  const Outputs out = node.step(Tick{});
  const auto batch = record::BatchView::read(out.appends[0].batch.view());
  ASSERT_TRUE(batch.has_value() && batch->crc_matches());
  EXPECT_EQ(batch->size(), 91U);
  const auto records = record::Records::read(*batch, 1000);
  ASSERT_TRUE(records.has_value());
  const auto message =
      protocol::LeaderChangeMessage::decode(*records->all()[0].value, ApiVersion{0});
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->leader_id, BrokerId{1});
  EXPECT_EQ(message->voters.size(), 1U);
  EXPECT_EQ(message->granting_voters.size(), 1U);
}

TEST(Machine, VotersOfTheBootstrapSnapshotAreWrittenToTheLogOnce) {
  Node node(test::dynamic_settings(),
            {.control = test::dynamic_control(-1, {test::voter(1, test::k_dir)})});
  const Outputs out = node.step(Tick{});
  ControlScan scan;
  ASSERT_TRUE(scan.log_batch(*record::BatchView::read(out.appends[0].batch.view())).has_value());
  ASSERT_EQ(scan.found().size(), 2U);
  EXPECT_EQ(scan.found()[1].offset, Offset{2});
  EXPECT_EQ(node.persisted[0].version, ApiVersion{1});

  Node again(test::dynamic_settings(), {.log_end_offset = Offset{3},
                                        .epochs = {{LeaderEpoch{1}, Offset{0}}},
                                        .control = scan.found()});
  EXPECT_EQ(again.step(Tick{}).appends[0].end_offset, Offset{4});  // LeaderChange alone
}

TEST(Machine, MovedListenersAreWrittenToTheVoters) {
  Settings moved = test::dynamic_settings();
  moved.endpoints[0].port = 9999;
  Node node(moved, {.log_end_offset = Offset{3},
                    .epochs = {{LeaderEpoch{1}, Offset{0}}},
                    .control = test::dynamic_control(2, {test::voter(1, test::k_dir)})});
  EXPECT_EQ(node.step(Tick{}).appends[0].end_offset, Offset{6});
  EXPECT_EQ(node.machine.voters().all()[0].endpoints[0].port, 9999);
}

}  // namespace
}  // namespace moldau::raft
