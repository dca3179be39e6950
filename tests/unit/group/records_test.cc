#include "group/records.h"

#include <gtest/gtest.h>

namespace moldau::group {
namespace {

using coordinator::Record;

std::vector<std::byte> unhex(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}
Record record(std::string_view key, std::optional<std::string_view> value) {
  return {unhex(key), value ? std::optional(unhex(*value)) : std::nullopt};
}

// Made by Kafka's own classes (golden/records of the protocol's facts).
constexpr std::string_view k_group_key = "000200026131";
constexpr std::string_view k_group_value =
    "000300026131000111720002613300026134000000012a05f2050000000200026136000261370002613800026139"
    "0001117a0001117b000000030c0dff000000030d0eff000361313400036131350003613136000361313700011182"
    "00011183000000031415ff000000031516ff";
constexpr std::string_view k_offset_key = "0001000261310002613200011173";
constexpr std::string_view k_legacy_offset_key = "0000000261310002613200011173";
constexpr std::string_view k_offset_value_4 =
    "0004000000012a05f20100011172036133000000012a05f20401001001020304050607080000000000001005";
constexpr std::string_view k_offset_value_1 =
    "0001000000012a05f20100026132000000012a05f203000000012a05f204";
constexpr std::string_view k_offset_value_0 = "0000000000012a05f20100026132000000012a05f203";

template <class E>
E read(const Record& from) {
  auto read = read_record(from);
  CHECK_OK(read);
  return std::get<E>(std::move(*read));
}

TEST(Records, AGroupReadsAndIsWrittenAsKafkaWritesIt) {
  const Record kafkas = record(k_group_key, k_group_value);
  const auto entry = read<GroupMetadataEntry>(kafkas);
  EXPECT_EQ(entry.key.group, "a1");
  EXPECT_EQ(entry.value.value().generation, 70002);
  EXPECT_EQ(entry.value->members.at(1).group_instance_id, "a15");
  EXPECT_EQ(group_metadata_record("a1", *entry.value), kafkas);
}

TEST(Records, AnOffsetReadsAndIsWrittenAsKafkaWritesIt) {
  const Record kafkas = record(k_offset_key, k_offset_value_4);
  const auto entry = read<OffsetCommitEntry>(kafkas);
  EXPECT_EQ(entry.key.partition, PartitionIndex{70003});
  EXPECT_EQ(entry.value.value().leader_epoch, LeaderEpoch{70002});
  EXPECT_FALSE(entry.value->topic_id.is_zero());
  EXPECT_EQ(offset_commit_record(entry.key, *entry.value), kafkas);
}

TEST(Records, AnOffsetWithAnExpiryOfItsOwnIsWrittenInTheVersionThatHasOne) {
  const Record kafkas = record(k_offset_key, k_offset_value_1);
  const auto entry = read<OffsetCommitEntry>(kafkas);
  EXPECT_EQ(entry.value.value().expire_timestamp, timestamp_of(5'000'000'004));
  EXPECT_EQ(offset_commit_record(entry.key, *entry.value), kafkas);
}

TEST(Records, AnOffsetUnderTheOldKeyReadsAsOneUnderTheNew) {
  const auto entry = read<OffsetCommitEntry>(record(k_legacy_offset_key, k_offset_value_0));
  EXPECT_EQ(entry.key.topic, "a2");
  EXPECT_EQ(entry.value.value().metadata, "a2");
  EXPECT_EQ(entry.value->leader_epoch, k_no_leader_epoch);
}

TEST(Records, WithoutAValueTheyAreTombstones) {
  EXPECT_FALSE(read<GroupMetadataEntry>(record(k_group_key, std::nullopt)).value.has_value());
  EXPECT_EQ(group_metadata_tombstone("a1"), record(k_group_key, std::nullopt));
  EXPECT_EQ(offset_commit_tombstone("a1", "a2", PartitionIndex{70003}),
            record(k_offset_key, std::nullopt));
}

TEST(Records, OfTypesThatAreNotKnownAreNotRead) {
  for (const std::string_view key : {"00110002", "7fff0000", "000a00026131"}) {
    const auto read = read_record(record(key, "0000"));
    ASSERT_TRUE(read.has_value()) << key;
    EXPECT_TRUE(std::holds_alternative<std::monostate>(*read)) << key;
  }
}

TEST(Records, OfKnownTypesThatCannotBeReadAreErrors) {
  const std::pair<std::string_view, std::string_view> bad[] = {
      {"", ""},                         // no type
      {"00", "0000"},                   // half a type
      {"0002000561", "0000"},           // the key breaks off
      {k_group_key, ""},                // a value without version
      {k_group_key, "7fff"},            // of a version that does not exist
      {k_group_key, "ffff"},            //
      {k_group_key, "00030002613100"},  // the value breaks off
      {"0003000261", "0000"},           // a consumer group's
  };
  for (const auto& [key, value] : bad) {
    const auto read = read_record(record(key, value));
    ASSERT_FALSE(read.has_value()) << key << " " << value;
    EXPECT_EQ(read.error().code(), Errc::corrupt_data);
  }
}

}  // namespace
}  // namespace moldau::group
