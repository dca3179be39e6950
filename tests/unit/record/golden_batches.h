#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/base64.h"
#include "bytes/crc32c.h"
#include "record/batch.h"
#include "record/records.h"
#include "support/golden.h"

namespace moldau::record::test {

// A row of golden/batches.tsv: bytes that Kafka 4.4.0's classes wrote and what they read in them.
struct GoldenBatches {
  std::string name;
  std::vector<std::byte> bytes;
  nlohmann::json entries;  // one object for each batch or message, always an array here
  [[nodiscard]] bool is_legacy() const {
    return name.starts_with("v0-") || name.starts_with("v1-");
  }
};

inline std::vector<GoldenBatches> golden_batches() {
  std::vector<GoldenBatches> all;
  for (const auto& row : moldau::test::read_tsv_gz("golden/batches.tsv.gz")) {
    nlohmann::json json = nlohmann::json::parse(row.at(2));
    if (!json.is_array()) json = nlohmann::json::array({json});
    all.push_back({row.at(0), moldau::test::from_hex(row.at(1)), std::move(json)});
  }
  EXPECT_GT(all.size(), 40U);
  return all;
}

// The one of this name; the test fails when there is none.
inline GoldenBatches golden_batch(std::string_view name) {
  for (GoldenBatches& golden : golden_batches()) {
    if (golden.name == name) return std::move(golden);
  }
  ADD_FAILURE() << "no golden batch " << name;
  return {};
}

inline std::optional<std::string> text_of(const std::optional<Bytes>& bytes) {
  return bytes ? std::optional{std::string(as_text(*bytes))} : std::nullopt;
}

inline std::optional<std::string> base64_of(const nlohmann::json& value) {
  if (value.is_null()) return std::nullopt;
  return std::string(as_text(base64_decode(value.get<std::string>()).value()));
}

inline void expect_same_record(const RecordView& got, const nlohmann::json& expected) {
  EXPECT_EQ(got.offset.value(), expected["offset"]);
  EXPECT_EQ(to_millis(got.timestamp), expected["timestamp"]);
  EXPECT_EQ(got.sequence.value(), expected.value("sequence", -1));
  EXPECT_EQ(text_of(got.key), base64_of(expected["key"]));
  if (expected.contains("valueLength")) {  // too long for the table
    EXPECT_EQ(got.value.value().size(), expected["valueLength"]);
    EXPECT_EQ(crc32c(got.value.value()), expected["valueCrc32c"]);
  } else {
    EXPECT_EQ(text_of(got.value), base64_of(expected["value"]));
  }
  const auto headers = got.headers.all();
  const auto& wanted = expected.value("headers", nlohmann::json::array());
  ASSERT_EQ(headers.size(), wanted.size());
  for (std::size_t i = 0; i < headers.size(); ++i) {
    EXPECT_EQ(headers[i].key, wanted[i]["key"].get<std::string>());
    EXPECT_EQ(text_of(headers[i].value), base64_of(wanted[i]["value"]));
  }
}

}  // namespace moldau::record::test
