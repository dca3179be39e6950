#include "client/fetched.h"

#include <gtest/gtest.h>

#include "record/builder.h"

namespace moldau::client {
namespace {

protocol::FetchResponse::PartitionData data_of(const std::vector<std::string>& values) {
  record::BatchBuilder builder(record::BatchFields{.base_offset = Offset{10}});
  for (const std::string& value : values) {
    builder.append({.timestamp = timestamp_of(5), .value = as_bytes(value)});
  }
  protocol::FetchResponse::PartitionData data;
  data.records = protocol::Records(SharedBytes::copy_of(builder.build()));
  return data;
}

TEST(Fetched, BeginsAtThePositionAndGoesOnBehindTheBatch) {
  const auto read = read_fetched(data_of({"a", "b", "c"}), Offset{11}, {});
  CHECK_OK(read);
  ASSERT_EQ(read->records.size(), 2U);
  EXPECT_EQ(read->records[0].offset, Offset{11});
  EXPECT_EQ(read->next, Offset{13});
}

TEST(Fetched, NothingLeavesThePosition) {
  protocol::FetchResponse::PartitionData nothing;
  const auto read = read_fetched(nothing, Offset{11}, {});
  CHECK_OK(read);
  EXPECT_TRUE(read->records.empty());
  EXPECT_EQ(read->next, Offset{11});
}

}  // namespace
}  // namespace moldau::client
