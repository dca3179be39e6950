#include "cli/coordinator_text.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

// Every kind of key and value, from Kafka's own bytes, is in DumpedByKafka (dump_log_test.cc).

record::RecordView with(std::string_view key, std::optional<std::string_view> value) {
  record::RecordView out{.offset = Offset{5}, .timestamp = {}, .key = as_bytes(key)};
  if (value) out.value = as_bytes(*value);
  return out;
}
constexpr std::string_view k_transaction_key{"\0\0\0\1x", 5};

TEST(CoordinatorTextTest, ATombstoneIsWrittenAsDelete) {
  const KeyAndPayload text = transaction_text(with(k_transaction_key, std::nullopt));
  EXPECT_EQ(text.key, R"({"type":"0","data":{"transactionalId":"x"}})");
  EXPECT_EQ(text.payload, "<DELETE>");
}

TEST(CoordinatorTextTest, AKeyOfALaterReleaseIsPassedOver) {
  const KeyAndPayload text = group_text(with("\x03\x99 whatever", "y"));
  EXPECT_EQ(text.key, "Unknown record type 921 at offset 5, skipping.");
  EXPECT_FALSE(text.payload.has_value());
}

TEST(CoordinatorTextTest, AValueThatDoesNotDecodeIsTold) {
  const KeyAndPayload text = transaction_text(with(k_transaction_key, std::string_view{"\0", 1}));
  EXPECT_EQ(text.key, "Error at offset 5, skipping. Could not read version from value's buffer.");
}

TEST(CoordinatorTextTest, StatesOfTransactionsHaveNames) {
  EXPECT_EQ(transaction_state_name(1), "Ongoing");
  EXPECT_EQ(transaction_state_name(42), "42");
}

}  // namespace
}  // namespace moldau::cli
