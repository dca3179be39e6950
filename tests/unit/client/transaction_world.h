#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "client/transaction_state.h"

namespace moldau::client {

// A transactional producer's state and short ways to bring it somewhere.
class TransactionStateTest : public testing::Test {
 protected:
  using State = TransactionState::State;
  using Ticket = TransactionState::Ticket;

  explicit TransactionStateTest(bool v2 = true) {
    state.learn({.transactions_v2 = v2, .bumps_epochs = true});
  }

  // The question that it asks now; REQUIRES: it asks one of this kind.
  template <class Question>
  Question question(bool all_sent = true) {
    const auto asked = state.next(all_sent, now);
    EXPECT_TRUE(asked && std::holds_alternative<Question>(*asked));
    return asked && std::holds_alternative<Question>(*asked) ? std::get<Question>(*asked)
                                                             : Question{};
  }
  void answer(TransactionAnswer answer) { state.answered(answer, now); }
  void answer_init(Errc code, std::int16_t epoch = 0) {
    protocol::InitProducerIdResponse told;
    told.error_code = code;
    told.producer_id = ProducerId{7};
    told.producer_epoch = ProducerEpoch{epoch};
    answer(told);
  }
  void answer_end(Errc code, std::int16_t epoch = -1) {
    protocol::EndTxnResponse told;
    told.error_code = code;
    if (epoch >= 0) told.producer_id = ProducerId{7};
    told.producer_epoch = ProducerEpoch{epoch};
    answer(told);
  }
  void answer_partitions(Errc code) {
    protocol::AddPartitionsToTxnResponse told;
    auto& topic = told.results_by_topic_v3_and_below.emplace_back();
    topic.name = "t";
    topic.results_by_partition.emplace_back().partition_error_code = code;
    answer(told);
  }
  void answer_group(Errc code) {
    protocol::AddOffsetsToTxnResponse told;
    told.error_code = code;
    answer(told);
  }
  void answer_offsets(std::vector<Errc> codes) {
    protocol::TxnOffsetCommitResponse told;
    auto& topic = told.topics.emplace_back();
    topic.name = "t";
    for (std::size_t i = 0; i < codes.size(); ++i) {
      auto& one = topic.partitions.emplace_back();
      one.partition_index = PartitionIndex{static_cast<std::int32_t>(i)};
      one.error_code = codes[i];
    }
    answer(told);
  }
  void initialise() {
    const auto ticket = state.init();
    ASSERT_TRUE(ticket);
    (void)question<protocol::InitProducerIdRequest>();
    answer_init(Errc::none);
    EXPECT_EQ(code_of(*ticket), Errc::none);
  }
  void begin() {
    initialise();
    EXPECT_TRUE(state.begin());
  }
  // A record went to t-0, and what the coordinator must know of it, it knows.
  void send() {
    EXPECT_TRUE(state.sending({"t", PartitionIndex{0}}));
    if (state.transactions_v2()) return;
    (void)question<protocol::AddPartitionsToTxnRequest>(false);
    answer_partitions(Errc::none);
  }
  // none: it went well; nullopt: it has not ended.
  std::optional<Errc> code_of(Ticket ticket) {
    const auto outcome = state.outcome(ticket);
    if (!outcome) return std::nullopt;
    return *outcome ? Errc::none : outcome->error().code();
  }
  static Errc refusal(const auto& result) { return result ? Errc::none : result.error().code(); }
  [[nodiscard]] bool asks_nothing() { return !state.next(true, now); }

  TransactionState state{TransactionSettings{.transactional_id = "x"}};
  Instant now{std::chrono::seconds{1}};
};

class OldTransactionStateTest : public TransactionStateTest {
 protected:
  OldTransactionStateTest() : TransactionStateTest(false) {}
};

}  // namespace moldau::client
