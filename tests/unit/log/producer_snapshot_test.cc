#include "log/producer_snapshot.h"

#include <gtest/gtest.h>

#include "unit/log/log_world.h"

namespace moldau::log {
namespace {

TEST(ProducerSnapshot, KafkasFileIsWrittenBackByteForByte) {
  for (const auto& [folder, name] : std::vector<std::pair<const char*, const char*>>{
           {"one/idem-0", "00000000000000000090.snapshot"},
           {"one/txn-0", "00000000000000000049.snapshot"},
           {"one/plain-0", "00000000000000000060.snapshot"}}) {
    const std::string file = LogWorld::golden_folder(folder).at(name);
    const auto entries = parse_producer_snapshot(as_bytes(file));
    ASSERT_TRUE(entries.has_value()) << name;
    EXPECT_EQ(as_text(write_producer_snapshot(*entries)), file) << name;
  }
}

TEST(ProducerSnapshot, OpenTransactionIsKept) {
  const std::string file = LogWorld::golden_folder("one/txn-0").at("00000000000000000049.snapshot");
  const auto entries = *parse_producer_snapshot(as_bytes(file));
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].txn_first_offset.has_value() + entries[1].txn_first_offset.has_value(), 1);
}

TEST(ProducerSnapshot, WithoutProducersHasTenBytes) {
  EXPECT_EQ(write_producer_snapshot({}).size(), k_empty_snapshot_size);
}

TEST(ProducerSnapshot, AnyFlippedBitOrMissingByteIsRefused) {
  const std::string file = LogWorld::golden_folder("one/txn-0").at("00000000000000000049.snapshot");
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string bad = file;
    bad[i] = static_cast<char>(bad[i] ^ 4);
    EXPECT_FALSE(parse_producer_snapshot(as_bytes(bad)).has_value()) << i;
    EXPECT_FALSE(parse_producer_snapshot(as_bytes(file.substr(0, i))).has_value()) << i;
  }
}

TEST(ProducerSnapshot, OneProducerTwiceIsRefused) {
  const std::vector entries{ProducerEntry{ProducerId{1}}, ProducerEntry{ProducerId{1}}};
  EXPECT_FALSE(parse_producer_snapshot(write_producer_snapshot(entries)).has_value());
}

}  // namespace
}  // namespace moldau::log
