#include "client/transaction_state.h"

#include "unit/client/transaction_world.h"

namespace moldau::client {
namespace {

using namespace protocol;
const TopicPartition k_partition{"t", PartitionIndex{0}};

TEST_F(TransactionStateTest, CallsThatDoNotFitAreRefusedAndChangeNothing) {
  EXPECT_EQ(refusal(state.begin()), Errc::invalid_txn_state);
  EXPECT_EQ(refusal(state.commit()), Errc::invalid_txn_state);
  EXPECT_EQ(refusal(state.sending(k_partition)), Errc::invalid_txn_state);
  initialise();
  const auto refused = state.commit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(),
            "TransactionalId x: Invalid transition attempted from state READY to state "
            "COMMITTING_TRANSACTION");
  EXPECT_EQ(refusal(state.send_offsets({"g", {}}, {})), Errc::invalid_txn_state);
  EXPECT_EQ(state.state(), State::ready);
  EXPECT_TRUE(state.begin());
  EXPECT_EQ(refusal(state.begin()), Errc::invalid_txn_state);
  EXPECT_EQ(refusal(state.init()), Errc::invalid_txn_state);
}

TEST_F(TransactionStateTest, InVersion2PartitionsAreNotAddedAndTheEndBringsTheNextEpoch) {
  begin();
  EXPECT_FALSE(state.may_send_to(k_partition));
  EXPECT_TRUE(state.sending(k_partition));
  EXPECT_TRUE(state.may_send_to(k_partition));
  EXPECT_TRUE(asks_nothing());
  const auto ticket = state.commit();
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(state.next(false, now));  // records are on their way
  const auto end = question<EndTxnRequest>();
  EXPECT_TRUE(end.committed);
  EXPECT_EQ(end.producer_epoch, ProducerEpoch{0});
  EXPECT_EQ(state.version_max(end), ApiVersion{5});
  answer_end(Errc::none, 1);
  EXPECT_EQ(code_of(*ticket), Errc::none);
  EXPECT_EQ(state.stamp(), (ProducerStamp{ProducerId{7}, ProducerEpoch{1}}));
  EXPECT_FALSE(state.may_send_to(k_partition));
  EXPECT_EQ(state.state(), State::ready);
}

TEST_F(OldTransactionStateTest, InVersion1PartitionsAreAddedOnceBeforeRecordsGo) {
  begin();
  EXPECT_TRUE(state.sending(k_partition));
  EXPECT_FALSE(state.may_send_to(k_partition));
  const auto add = question<AddPartitionsToTxnRequest>(false);
  EXPECT_EQ(add.v3_and_below_topics.at(0).partitions,
            std::vector<PartitionIndex>{PartitionIndex{0}});
  EXPECT_EQ(state.version_max(add), ApiVersion{3});
  answer_partitions(Errc::none);
  EXPECT_TRUE(state.may_send_to(k_partition));
  EXPECT_TRUE(state.sending(k_partition));
  EXPECT_TRUE(asks_nothing());
  const auto ticket = state.abort();
  ASSERT_TRUE(ticket);
  const auto end = question<EndTxnRequest>();
  EXPECT_FALSE(end.committed);
  EXPECT_EQ(state.version_max(end), ApiVersion{4});
  answer_end(Errc::none);
  EXPECT_EQ(code_of(*ticket), Errc::none);
  EXPECT_EQ(state.stamp().epoch, ProducerEpoch{0});
}

TEST_F(TransactionStateTest, EmptyTransactionEndsWithoutTheCoordinator) {
  begin();
  const auto ticket = state.commit();
  ASSERT_TRUE(ticket);
  EXPECT_TRUE(asks_nothing());
  EXPECT_EQ(code_of(*ticket), Errc::none);
  EXPECT_TRUE(state.begin());
}

TEST_F(OldTransactionStateTest, OffsetsGoToTheGroupOnceTheTransactionHasIt) {
  begin();
  const auto ticket =
      state.send_offsets({"g", MemberIdentity{"m", 3, {}}}, {{k_partition, {Offset{5}}}});
  ASSERT_TRUE(ticket);
  EXPECT_EQ(question<AddOffsetsToTxnRequest>().group_id, "g");
  answer_group(Errc::none);
  const auto commit = question<TxnOffsetCommitRequest>();
  EXPECT_EQ(commit.member_id, "m");
  EXPECT_EQ(commit.generation_id_or_member_epoch, 3);
  EXPECT_EQ(commit.topics.at(0).partitions.at(0).committed_offset, Offset{5});
  EXPECT_EQ(state.version_max(commit), ApiVersion{4});
  EXPECT_EQ(code_of(*ticket), std::nullopt);
  answer_offsets({Errc::none});
  EXPECT_EQ(code_of(*ticket), Errc::none);
}

TEST_F(TransactionStateTest, InVersion2OffsetsGoAtOnceAndAloneMakeATransaction) {
  begin();
  const auto ticket = state.send_offsets({"g", {}}, {{k_partition, {Offset{5}}}});
  ASSERT_TRUE(ticket);
  EXPECT_EQ(state.version_max(question<TxnOffsetCommitRequest>()), ApiVersion{5});
  answer_offsets({Errc::none});
  EXPECT_EQ(code_of(*ticket), Errc::none);
  ASSERT_TRUE(state.commit());
  (void)question<EndTxnRequest>();
}

TEST_F(TransactionStateTest, RefusedRecordLeavesOnlyTheAbort) {
  begin();
  send();
  state.failed(Error(Errc::message_too_large));
  EXPECT_EQ(state.state(), State::abortable_error);
  EXPECT_EQ(refusal(state.commit()), Errc::message_too_large);
  EXPECT_EQ(refusal(state.sending(k_partition)), Errc::message_too_large);
  EXPECT_EQ(refusal(state.begin()), Errc::message_too_large);
  EXPECT_EQ(state.why_not_sent()->code(), Errc::message_too_large);
  const auto ticket = state.abort();
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(question<EndTxnRequest>().committed);
  answer_end(Errc::none, 1);
  EXPECT_EQ(code_of(*ticket), Errc::none);
  EXPECT_TRUE(state.begin());
}

TEST_F(TransactionStateTest, RecordThatWasTriedInVainIsNoErrorToTryAgainAfter) {
  begin();
  send();
  state.failed(Error(Errc::request_timed_out));
  EXPECT_EQ(refusal(state.commit()), Errc::transaction_abortable);
}

TEST_F(OldTransactionStateTest, AfterAnAbortableErrorTheEpochRisesBehindTheAbort) {
  begin();
  send();
  state.failed(Error(Errc::out_of_order_sequence_number));
  const auto ticket = state.abort();
  ASSERT_TRUE(ticket);
  (void)question<EndTxnRequest>();
  answer_end(Errc::none);
  EXPECT_EQ(code_of(*ticket), std::nullopt);
  const auto bump = question<InitProducerIdRequest>();
  EXPECT_EQ(bump.producer_id, ProducerId{7});
  EXPECT_EQ(bump.producer_epoch, ProducerEpoch{0});
  answer_init(Errc::none, 1);
  EXPECT_EQ(code_of(*ticket), Errc::none);
  EXPECT_EQ(state.stamp().epoch, ProducerEpoch{1});
  EXPECT_TRUE(state.begin());
}

TEST_F(OldTransactionStateTest, ClusterThatMovesToVersion2GetsANewEpochFirst) {
  begin();
  send();
  state.learn({.transactions_v2 = true, .bumps_epochs = true});
  const auto ticket = state.commit();
  ASSERT_TRUE(ticket);
  const auto end = question<EndTxnRequest>();
  EXPECT_EQ(state.version_max(end), ApiVersion{4});  // it ends as it began
  answer_end(Errc::none);
  (void)question<InitProducerIdRequest>();
  answer_init(Errc::none, 1);
  EXPECT_EQ(code_of(*ticket), Errc::none);
  EXPECT_TRUE(state.transactions_v2());
}

TEST_F(TransactionStateTest, CallThatWasGivenUpMustBeMadeAgain) {
  begin();
  send();
  const auto ticket = state.commit();
  ASSERT_TRUE(ticket);
  (void)question<EndTxnRequest>();
  const auto other = state.abort();
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().text(),
            "Cannot attempt operation `abortTransaction` because the previous call to "
            "`commitTransaction` timed out and must be retried");
  EXPECT_EQ(refusal(state.begin()), Errc::invalid_txn_state);
  EXPECT_EQ(*state.commit(), *ticket);
  answer_end(Errc::none, 1);
  EXPECT_EQ(code_of(*state.commit()), Errc::none);
  EXPECT_TRUE(state.begin());
}

TEST_F(TransactionStateTest, RecordRefusedDuringTheCommitFailsIt) {
  begin();
  send();
  const auto ticket = state.commit();
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(state.next(false, now));
  state.failed(Error(Errc::message_too_large));
  EXPECT_TRUE(asks_nothing());
  EXPECT_EQ(code_of(*ticket), Errc::message_too_large);
  EXPECT_TRUE(state.abort());
}

TEST_F(TransactionStateTest, RecordRefusedOutsideOfATransactionHarmsNone) {
  initialise();
  state.failed(Error(Errc::timed_out));
  EXPECT_EQ(state.state(), State::ready);
}

}  // namespace
}  // namespace moldau::client
