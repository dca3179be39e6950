#include "broker/coordinator_log.h"

#include <gtest/gtest.h>

#include "record/control.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// Writes down what it is shown.
class Notes final : public RecordSink {
 public:
  [[nodiscard]] Result<void> record(Offset offset, coordinator::Record record,
                                    const std::optional<coordinator::Producer>& producer) override {
    if (as_text(Bytes{record.key}) == refused) return fail(Errc::corrupt_data);
    lines.push_back(fmt::format("{} {}={}{}", offset, as_text(Bytes{record.key}),
                                record.value ? as_text(Bytes{*record.value}) : "null",
                                producer ? fmt::format(" by {}", producer->id) : ""));
    return {};
  }
  void end_transaction(const coordinator::Producer& producer, bool committed) override {
    lines.push_back(fmt::format("{} {}", producer.id, committed ? "commit" : "abort"));
  }
  std::vector<std::string> lines;
  std::string refused = "none";
};

class CoordinatorLogTest : public testing::Test {
 protected:
  CoordinatorLogTest() { broker.add_topic("c"); }
  void append(const coordinator::Batch& batch, compress::Codec codec = compress::Codec::none) {
    const auto done = broker.run(broker.partition("c")->append_own(
        SharedBytes::take(encode_batch(batch, timestamp_of(9), compress::Compression::of(codec)))));
    ASSERT_EQ(done.error, Errc::none);
  }
  Result<void> load(std::int32_t buffer_bytes = 1 << 20) {
    return broker.run(
        load_records(broker.shard(0).env, broker.partition("c"), buffer_bytes, notes));
  }
  BrokerWorld broker;
  Notes notes;
};

TEST_F(CoordinatorLogTest, RecordsComeBackInOrderHoweverSmallTheBuffer) {
  append({.records = {{bytes_of("a"), bytes_of("1")}, {bytes_of("b"), std::nullopt}}});
  append({.records = {{bytes_of("c"), bytes_of("3")}}}, compress::Codec::lz4);
  ASSERT_TRUE(load(1).has_value());
  EXPECT_EQ(notes.lines, (std::vector<std::string>{"0 a=1", "1 b=null", "2 c=3"}));
}

TEST_F(CoordinatorLogTest, TransactionsAreShownWithTheirProducerAndTheirEnd) {
  const coordinator::Producer producer{ProducerId{8}, ProducerEpoch{0}};
  append({.records = {{bytes_of("a"), bytes_of("1")}}, .producer = producer});
  const std::array<std::byte, 6> value{};  // version 0, coordinator epoch 0
  std::vector<std::byte> marker =
      record::control_batch({.producer_id = producer.id,
                             .producer_epoch = producer.epoch,
                             .is_transactional = true,
                             .is_control = true},
                            record::ControlType::abort, timestamp_of(9), value);
  ASSERT_EQ(
      broker.run(broker.partition("c")->append_own(SharedBytes::take(std::move(marker)))).error,
      Errc::none);
  ASSERT_TRUE(load().has_value());
  EXPECT_EQ(notes.lines, (std::vector<std::string>{"0 a=1 by 8", "8 abort"}));
}

TEST_F(CoordinatorLogTest, ErrorOfTheSinkEndsTheLoading) {
  append({.records = {{bytes_of("a"), bytes_of("1")}, {bytes_of("b"), bytes_of("2")}}});
  notes.refused = "b";
  EXPECT_EQ(load().error().code(), Errc::corrupt_data);
  EXPECT_EQ(notes.lines, std::vector<std::string>{"0 a=1"});
}

TEST_F(CoordinatorLogTest, EmptyLogIsLoadedAtOnce) {
  EXPECT_TRUE(load().has_value());
  EXPECT_TRUE(notes.lines.empty());
}

}  // namespace
}  // namespace moldau::broker
