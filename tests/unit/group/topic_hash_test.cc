#include "group/topic_hash.h"

#include <gtest/gtest.h>

#include "support/golden.h"
#include "unit/group/topics.h"

namespace moldau::group {
namespace {

std::int64_t hash_of(const test::TopicsBuilder& builder, const std::string& topic) {
  const auto image = builder.build();
  return topic_hash(*image->topics.find(topic), image->cluster);
}

// What hash4j 0.22, which Kafka uses, gives for bytes i * 131 + 7, around each change of method.
TEST(TopicHash, Xxh3GivesKafkasNumbersForEverySize) {
  const std::pair<std::size_t, std::int64_t> rows[] = {
      {0, 3244421341483603138},    {1, 5502495245947142431},     {3, 7943829059066201772},
      {4, 6650799683851767871},    {8, -433104430451296011},     {9, 8944394699905593055},
      {16, -8742622969447446440},  {17, -5364924204495744911},   {128, 1211889905577015873},
      {129, 1605741916052902306},  {240, -5273803999686196762},  {241, -7679571566553258082},
      {256, -5665997791763767380}, {1023, -6246496178641082140}, {1024, 8123710315364152507},
      {1025, 7405123385822357415}, {2500, -6377008667298713556}};
  for (const auto& [size, expected] : rows) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 131 + 7);
    EXPECT_EQ(static_cast<std::int64_t>(xxh3_64(bytes)), expected) << size;
  }
}

TEST(TopicHash, OfGoldenInputsIsKafkas) {
  int checked = 0;
  for (const auto& row : moldau::test::read_tsv_gz("golden/primitives.tsv.gz")) {
    if (!row[0].ends_with("-metadata-hash") || row[1] == "no topics") continue;
    EXPECT_EQ(std::to_string(static_cast<std::int64_t>(xxh3_64(moldau::test::from_hex(row[1])))),
              row[2]);
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

TEST(TopicHash, IsMadeOfIdNamePartitionsAndSortedRacks) {  // topics of the golden vectors
  test::TopicsBuilder topics;
  topics.broker(1, "r2").broker(2, "r1").broker(3, std::nullopt);
  topics.topic("orders", {0x0102030405060708, 0x090a0b0c0d0e0f10}, {{3}, {}});
  topics.topic("racks", {0x0102030405060708, 0x090a0b0c0d0e0f10}, {{1, 2}, {1, 3}, {}});
  topics.topic("z", {}, 0);
  EXPECT_EQ(hash_of(topics, "orders"), -3245243751620751385);
  EXPECT_EQ(hash_of(topics, "racks"), -6206417786740294055);
  EXPECT_EQ(hash_of(topics, "z"), 2029633332268785090);
}

TEST(TopicHash, OfAGroupDependsOnTheOrderOfNamesOnly) {
  EXPECT_EQ(group_hash({}), 0);
  const std::int64_t hash = group_hash({{"a", 1}, {"b", 2}});
  EXPECT_NE(hash, group_hash({{"a", 2}, {"b", 1}}));
  EXPECT_EQ(hash, group_hash({{"b", 2}, {"a", 1}}));
}

}  // namespace
}  // namespace moldau::group
