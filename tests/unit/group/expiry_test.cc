#include "group/expiry.h"

#include <gtest/gtest.h>

#include "unit/group/host.h"

namespace moldau::group {
namespace {

using std::chrono::minutes;
using test::Host;

constexpr ProducerId k_producer{11};
// A day of retention, looked at every ten minutes.
const Settings k_day{.group_max_session_timeout = std::chrono::hours{100},
                     .offsets_retention = minutes{1440}};

class ExpiryTest : public testing::Test {
 protected:
  Errc delete_offset(const std::string& topic, Errc* of_all = nullptr) {
    protocol::OffsetDeleteRequest request{.group_id = host.group};
    request.topics.push_back({.name = topic, .partitions = {{}}});
    const auto response = host.answer<protocol::OffsetDeleteResponse>(
        host.ask(ApiVersion{0}, [&](const Ask& ask, Step& out) {
          host.machine().delete_offsets(ask, request, host.now(), out);
        }));
    if (of_all != nullptr) *of_all = response.value().error_code;
    return response.value().topics.empty() ? response->error_code
                                           : response->topics[0].partitions.at(0).error_code;
  }
  void topic_deleted(const std::string& topic, Uuid id) {
    host.ask(ApiVersion{0}, [&](const Ask&, Step& out) {
      host.machine().topics_deleted({{topic, id}}, host.now(), out);
    });
  }
  std::string patient_member(std::vector<std::string> topics, std::string type = "consumer") {
    return host.stable_member({.topics = std::move(topics),
                               .protocol_type = std::move(type),
                               .session_timeout = std::chrono::hours{99}});
  }
  Host host{k_day};
};

TEST_F(ExpiryTest, AnOffsetOfASimpleGroupGoesTheTimeOfRetentionAfterItsCommit) {
  ASSERT_EQ(host.commit({}), Errc::none);
  host.pass(minutes{1430});
  EXPECT_EQ(host.committed(), 7);
  host.pass(minutes{10});
  EXPECT_EQ(host.committed(), -1);
  EXPECT_TRUE(host.list().empty());
  host.reload();
  EXPECT_EQ(host.committed(), -1);
}

TEST_F(ExpiryTest, AnOffsetOfAnEmptyGroupGoesTheTimeOfRetentionAfterTheLastMember) {
  const std::string id = patient_member({"t"});
  ASSERT_EQ(host.commit({.member = id, .generation = 1}), Errc::none);
  host.pass(minutes{3000});
  EXPECT_EQ(host.committed(), 7);
  host.leave({{.member_id = id}});
  host.pass(minutes{1435});
  EXPECT_EQ(host.committed(), 7);
  host.pass(minutes{15});
  EXPECT_EQ(host.committed(), -1);
  EXPECT_TRUE(host.list().empty());
}

TEST_F(ExpiryTest, OfAConsumerGroupThoseGoWhoseTopicNobodySubscribes) {
  const std::string id = patient_member({"t"});
  ASSERT_EQ(host.commit({.member = id, .generation = 1}), Errc::none);
  ASSERT_EQ(host.commit({.member = id, .generation = 1, .topic = "u"}), Errc::none);
  host.pass(minutes{1450});
  EXPECT_EQ(host.committed("t"), 7);
  EXPECT_EQ(host.committed("u"), -1);
  EXPECT_EQ(host.describe().group_state, "Stable");
}

TEST_F(ExpiryTest, AnOffsetWithAnExpiryOfItsOwnGoesThen) {
  ASSERT_EQ(host.commit({.retention = minutes{15}}, ApiVersion{4}), Errc::none);
  host.pass(minutes{10});
  EXPECT_EQ(host.committed(), 7);
  host.pass(minutes{10});
  EXPECT_EQ(host.committed(), -1);
}

TEST_F(ExpiryTest, AnOffsetStaysWhileATransactionMayChangeIt) {
  ASSERT_EQ(host.commit({}), Errc::none);
  ASSERT_EQ(host.commit_in_transaction(k_producer, {.offset = 8}), Errc::none);
  host.pass(minutes{1500});
  EXPECT_EQ(host.committed(), 7);
  host.end_transaction(k_producer, false);
  host.pass(minutes{10});
  EXPECT_EQ(host.committed(), -1);
}

TEST_F(ExpiryTest, AGroupWithoutOffsetsAndMembersGoes) {
  const std::string id = patient_member({"t"});
  host.leave({{.member_id = id}});
  EXPECT_EQ(host.list().size(), 1U);
  host.pass(minutes{10});
  EXPECT_TRUE(host.list().empty());
  host.reload();
  EXPECT_TRUE(host.list().empty());
}

TEST_F(ExpiryTest, ManyTombstonesAreWrittenInBatchesOfLimitedSize) {
  for (int i = 0; i < 1200; ++i) ASSERT_EQ(host.commit({.partition = i}), Errc::none);
  std::size_t batches = 0;
  std::size_t records = 0;
  host.ask(ApiVersion{0}, [&](const Ask& ask, Step& out) {
    host.machine().remove(ask, {"g"}, host.now(), out);
    for (const auto& batch : out.batches) {
      ++batches;
      records += batch.records.size();
      EXPECT_LE(batch.records.size(), 500U);
    }
  });
  EXPECT_EQ(batches, 3U);
  EXPECT_EQ(records, 1201U);
}

TEST_F(ExpiryTest, AGroupIsDeletedWithItsOffsetsIfItHasNoMembers) {
  EXPECT_EQ(host.remove(), Errc::group_id_not_found);
  const std::string id = patient_member({"t"});
  ASSERT_EQ(host.commit({.member = id, .generation = 1}), Errc::none);
  ASSERT_EQ(host.commit_in_transaction(k_producer, {.topic = "u"}), Errc::none);
  EXPECT_EQ(host.remove(), Errc::non_empty_group);
  host.leave({{.member_id = id}});
  EXPECT_EQ(host.remove(), Errc::none);
  host.end_transaction(k_producer, true);
  EXPECT_TRUE(host.list().empty());
  EXPECT_TRUE(host.fetch_all().topics.empty());
  host.reload();
  EXPECT_TRUE(host.list().empty());
}

TEST_F(ExpiryTest, OffsetsAreDeletedUnlessTheirTopicIsSubscribed) {
  Errc of_all = Errc::none;
  EXPECT_EQ(delete_offset("t", &of_all), Errc::group_id_not_found);
  EXPECT_EQ(of_all, Errc::group_id_not_found);
  const std::string id = patient_member({"t"});
  ASSERT_EQ(host.commit({.member = id, .generation = 1}), Errc::none);
  ASSERT_EQ(host.commit({.member = id, .generation = 1, .topic = "u"}), Errc::none);
  EXPECT_EQ(delete_offset("t"), Errc::group_subscribed_to_topic);
  EXPECT_EQ(delete_offset("u"), Errc::none);
  EXPECT_EQ(delete_offset("never committed"), Errc::none);
  EXPECT_EQ(host.committed("t"), 7);
  EXPECT_EQ(host.committed("u"), -1);
}

TEST_F(ExpiryTest, OffsetsOfAGroupWhoseUseOfTopicsIsNotKnownAreKept) {
  host.group = "connect";
  std::string id;
  AskId joined;
  host.join_as_new(&id, &joined, {.protocol_type = "connect"});
  EXPECT_EQ(delete_offset("t"), Errc::non_empty_group);
}

TEST_F(ExpiryTest, WhenATopicIsDeletedItsOffsetsGo) {
  const Uuid deleted{1, 1};
  ASSERT_EQ(host.commit({.partition = 0}), Errc::none);
  ASSERT_EQ(host.commit({.partition = 1, .topic_id = deleted}), Errc::none);
  ASSERT_EQ(host.commit({.partition = 2, .topic_id = {2, 2}}), Errc::none);
  topic_deleted("other", deleted);
  EXPECT_EQ(host.fetch_all().topics.at(0).partitions.size(), 3U);
  topic_deleted("t", deleted);
  const auto left = host.fetch_all().topics.at(0).partitions;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].partition_index, PartitionIndex{2});
}

}  // namespace
}  // namespace moldau::group
