#include "unit/client/transaction_world.h"

namespace moldau::client {
namespace {

using namespace protocol;

TEST_F(TransactionStateTest, InitIsTriedAgainAfterTheBackoffWhileAnotherTransactionEnds) {
  const auto ticket = state.init();
  ASSERT_TRUE(ticket);
  (void)question<InitProducerIdRequest>();
  answer_init(Errc::concurrent_transactions);
  EXPECT_TRUE(asks_nothing());
  EXPECT_EQ(state.wake_at(), now + Milliseconds{100});
  now += Milliseconds{100};
  (void)question<InitProducerIdRequest>();
  answer_init(Errc::none);
  EXPECT_EQ(code_of(*ticket), Errc::none);
}

TEST_F(TransactionStateTest, ProducerWithoutTheRightMayAskAgain) {
  const auto ticket = state.init();
  ASSERT_TRUE(ticket);
  (void)question<InitProducerIdRequest>();
  answer_init(Errc::transactional_id_authorization_failed);
  EXPECT_EQ(code_of(*ticket), Errc::transactional_id_authorization_failed);
  EXPECT_EQ(state.state(), State::uninitialized);
  initialise();
}

TEST_F(TransactionStateTest, TimeoutThatTheBrokerRefusesIsFatal) {
  const auto ticket = state.init();
  ASSERT_TRUE(ticket);
  (void)question<InitProducerIdRequest>();
  answer_init(Errc::invalid_transaction_timeout);
  EXPECT_EQ(code_of(*ticket), Errc::invalid_transaction_timeout);
  EXPECT_EQ(state.state(), State::fatal_error);
}

TEST_F(TransactionStateTest, FencedProducerIsOfNoUse) {
  begin();
  send();
  const auto ticket = state.commit();
  ASSERT_TRUE(ticket);
  (void)question<EndTxnRequest>();
  answer_end(Errc::invalid_producer_epoch);
  EXPECT_EQ(code_of(*ticket), Errc::producer_fenced);
  const auto refused = state.abort();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(),
            "Producer with transactionalId 'x' and ProducerIdAndEpoch(producerId=7, epoch=0) has "
            "been fenced by another producer with the same transactionalId");
  EXPECT_EQ(refusal(state.init()), Errc::producer_fenced);
  EXPECT_TRUE(asks_nothing());
}

TEST_F(OldTransactionStateTest, FirstPartitionsWaitLessForTheTransactionBefore) {
  begin();
  EXPECT_TRUE(state.sending({"t", PartitionIndex{0}}));
  (void)question<AddPartitionsToTxnRequest>();
  answer_partitions(Errc::concurrent_transactions);
  EXPECT_EQ(state.wake_at(), now + Milliseconds{20});
  now += Milliseconds{20};
  (void)question<AddPartitionsToTxnRequest>();
  answer_partitions(Errc::none);
}

struct PartitionRow {
  Errc code;
  TransactionState::State leads_to;
};
class OldPartitionRows : public OldTransactionStateTest,
                         public testing::WithParamInterface<PartitionRow> {};

TEST_P(OldPartitionRows, AnswerLeadsTo) {
  begin();
  EXPECT_TRUE(state.sending({"t", PartitionIndex{0}}));
  (void)question<AddPartitionsToTxnRequest>();
  answer_partitions(GetParam().code);
  EXPECT_EQ(state.state(), GetParam().leads_to);
}

using enum TransactionState::State;
INSTANTIATE_TEST_SUITE_P(
    AddPartitions, OldPartitionRows,
    testing::Values(PartitionRow{Errc::not_coordinator, in_transaction},
                    PartitionRow{Errc::producer_fenced, fatal_error},
                    PartitionRow{Errc::invalid_txn_state, fatal_error},
                    PartitionRow{Errc::invalid_producer_id_mapping, fatal_error},
                    PartitionRow{Errc::topic_authorization_failed, abortable_error},
                    PartitionRow{Errc::unknown_producer_id, abortable_error},
                    PartitionRow{Errc::transaction_abortable, abortable_error},
                    PartitionRow{Errc::operation_not_attempted, abortable_error}));

class OffsetRows : public TransactionStateTest, public testing::WithParamInterface<PartitionRow> {};

TEST_P(OffsetRows, AnswerLeadsTo) {
  begin();
  const auto ticket = state.send_offsets({"g", {}}, {{{"t", PartitionIndex{0}}, {Offset{1}}}});
  ASSERT_TRUE(ticket);
  (void)question<TxnOffsetCommitRequest>();
  answer_offsets({GetParam().code});
  EXPECT_EQ(state.state(), GetParam().leads_to);
  EXPECT_TRUE(asks_nothing());
  EXPECT_EQ(code_of(*ticket).has_value(), GetParam().leads_to != in_transaction);
}

INSTANTIATE_TEST_SUITE_P(
    TxnOffsetCommit, OffsetRows,
    testing::Values(PartitionRow{Errc::coordinator_load_in_progress, in_transaction},
                    PartitionRow{Errc::group_authorization_failed, abortable_error},
                    PartitionRow{Errc::fenced_instance_id, abortable_error},
                    PartitionRow{Errc::illegal_generation, abortable_error},
                    PartitionRow{Errc::stale_member_epoch, abortable_error},
                    PartitionRow{Errc::invalid_producer_epoch, fatal_error},
                    PartitionRow{Errc::unsupported_for_message_format, fatal_error},
                    PartitionRow{Errc::unknown_server_error, fatal_error}));

TEST_F(TransactionStateTest, OnlyOffsetsThatWereNotTakenGoAgain) {
  begin();
  const auto ticket = state.send_offsets({"g", {}}, {{{"t", PartitionIndex{0}}, {Offset{1}}},
                                                     {{"t", PartitionIndex{1}}, {Offset{2}}}});
  ASSERT_TRUE(ticket);
  (void)question<TxnOffsetCommitRequest>();
  answer_offsets({Errc::none, Errc::unknown_topic_or_partition});
  now += Milliseconds{100};
  const auto again = question<TxnOffsetCommitRequest>();
  ASSERT_EQ(again.topics.at(0).partitions.size(), 1U);
  EXPECT_EQ(again.topics.at(0).partitions.at(0).partition_index, PartitionIndex{1});
  answer_offsets({Errc::none, Errc::none});
  EXPECT_EQ(code_of(*ticket), Errc::none);
}

TEST_F(TransactionStateTest, AbortThatCannotBeIsFatal) {
  begin();
  send();
  ASSERT_TRUE(state.abort());
  (void)question<EndTxnRequest>();
  answer_end(Errc::transaction_abortable);
  EXPECT_EQ(state.state(), State::fatal_error);
}

TEST_F(TransactionStateTest, LostConnectionIsTriedAgain) {
  begin();
  send();
  const auto ticket = state.commit();
  ASSERT_TRUE(ticket);
  (void)question<EndTxnRequest>();
  answer(Error(Errc::connection_closed));
  now += Milliseconds{100};
  (void)question<EndTxnRequest>();
  answer_end(Errc::none, 1);
  EXPECT_EQ(code_of(*ticket), Errc::none);
}

TEST_F(TransactionStateTest, CoordinatorThatMayNotBeFoundIsFatal) {
  const auto ticket = state.init();
  ASSERT_TRUE(ticket);
  (void)question<InitProducerIdRequest>();
  answer(Error(Errc::transactional_id_authorization_failed));
  EXPECT_EQ(code_of(*ticket), Errc::transactional_id_authorization_failed);
  EXPECT_EQ(state.state(), State::fatal_error);
}

}  // namespace
}  // namespace moldau::client
