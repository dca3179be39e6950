#include "protocol/primitives.h"

#include <gtest/gtest.h>

#include <functional>

#include "bytes/reader.h"
#include "bytes/writer.h"
#include "protocol/utf16.h"
#include "support/golden.h"

namespace moldau::protocol {
namespace {

// Checks `output_of(input)` on each golden row of one kind.
void expect_kind(const std::string& kind,
                 const std::function<std::string(const std::string&)>& output_of) {
  int rows = 0;
  for (const auto& row : test::read_tsv_gz("golden/primitives.tsv.gz")) {
    if (row[0] != kind) continue;
    ++rows;
    EXPECT_EQ(output_of(row[1]), row[2]) << kind << " of " << row[1];
  }
  EXPECT_GT(rows, 0) << kind;
}

std::string text_of(const std::string& hex) {
  return std::string(as_text(Bytes(test::from_hex(hex))));
}
std::string hex_of(const Writer& out) { return test::to_hex(out.view()); }
Uuid uuid_of(const std::string& hex) {
  const auto bytes = test::from_hex(hex);
  return Reader(bytes).uuid();
}

TEST(Primitives, Murmur2IsKafkas) {
  expect_kind("murmur2",
              [](const std::string& in) { return std::to_string(murmur2(test::from_hex(in))); });
}

TEST(Primitives, KeysGoToThePartitionThatTheJavaProducerChooses) {
  expect_kind("key-partition-of-12", [](const std::string& in) {
    return std::to_string(partition_of_key(test::from_hex(in), 12).value());
  });
}

TEST(Primitives, StringsHashAsInJava) {
  expect_kind("java-string-hash",
              [](const std::string& in) { return std::to_string(java_string_hash(text_of(in))); });
}

TEST(Primitives, CoordinatorsAreWhereKafkaPutsThem) {
  expect_kind("coordinator-partition-of-50", [](const std::string& in) {
    return std::to_string(coordinator_partition(text_of(in), 50).value());
  });
  expect_kind("share-coordinator-partition-of-50", [](const std::string& in) {
    return std::to_string(coordinator_partition(in, 50).value());
  });
  expect_kind("share-coordinator-key", [](const std::string&) {
    const Uuid topic = Uuid::parse("AQIDBAUGBwgJCgsMDQ4PEA").value();
    return share_coordinator_key("share-1", topic, PartitionIndex{3});
  });
}

TEST(Primitives, SignsAreTakenAwayInKafkasTwoWays) {
  expect_kind("to-positive",
              [](const std::string& in) { return std::to_string(to_positive(std::stoi(in))); });
  expect_kind("abs", [](const std::string& in) { return std::to_string(java_abs(std::stoi(in))); });
}

TEST(Primitives, UuidsAreKafkas) {
  expect_kind("uuid", [](const std::string& in) {
    return Uuid::parse(uuid_of(in).to_string()).value().to_string();
  });
  expect_kind("uuid-hash",
              [](const std::string& in) { return std::to_string(java_uuid_hash(uuid_of(in))); });
}

TEST(Primitives, VarintsAreKafkas) {
  expect_kind("uvarint", [](const std::string& in) {
    Writer out;
    out.uvarint(static_cast<std::uint32_t>(std::stoll(in)));
    return hex_of(out);
  });
  expect_kind("varint", [](const std::string& in) {
    Writer out;
    out.varint(static_cast<std::int32_t>(std::stoll(in)));
    return hex_of(out);
  });
  expect_kind("varlong", [](const std::string& in) {
    Writer out;
    out.varlong(std::stoll(in));
    return hex_of(out);
  });
}

template <class F>
std::string read_or_error(const std::string& hex, F&& read) {
  const auto bytes = test::from_hex(hex);
  Reader in(bytes);
  const auto value = read(in);
  return in.ok() ? std::to_string(value) : "error";
}

TEST(Primitives, VarintsThatOverflowAreReadAsKafkaReadsThem) {
  expect_kind("uvarint-decode", [](const std::string& in) {
    return read_or_error(in, [](Reader& reader) { return reader.uvarint(); });
  });
  expect_kind("varint-decode", [](const std::string& in) {
    return read_or_error(in, [](Reader& reader) { return reader.varint(); });
  });
  expect_kind("varlong-decode", [](const std::string& in) {
    return read_or_error(in, [](Reader& reader) { return reader.varlong(); });
  });
}

std::vector<std::uint16_t> units(std::string_view text) {
  std::vector<std::uint16_t> out;
  for_each_utf16_unit(text, [&](std::uint16_t unit) { out.push_back(unit); });
  return out;
}

TEST(Primitives, CharactersBeyondTheFirstPlaneAreTwoUnits) {
  EXPECT_EQ(units("a\xf0\x9d\x84\x9e"), (std::vector<std::uint16_t>{0x61, 0xd834, 0xdd1e}));
}

TEST(Primitives, MalformedUtf8IsReplacedAsInJava) {
  constexpr std::uint16_t k_bad = 0xfffd;
  EXPECT_EQ(units("\xff"), std::vector{k_bad});
  EXPECT_EQ(units("\xc0\x80"), (std::vector{k_bad, k_bad}));             // overlong
  EXPECT_EQ(units("\xe2\x82"), std::vector{k_bad});                      // breaks off
  EXPECT_EQ(units("\xed\xa0\x80"), (std::vector{k_bad, k_bad, k_bad}));  // a surrogate
  EXPECT_EQ(units("\xf0\x9d\x84z"), (std::vector<std::uint16_t>{k_bad, 'z'}));
}

}  // namespace
}  // namespace moldau::protocol
