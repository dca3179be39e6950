#include "client/producer.h"

#include <gtest/gtest.h>

#include "unit/client/fake_transactions.h"

namespace moldau::client {
namespace {

OutgoingRecord record_of(const std::string& value) {
  OutgoingRecord record;
  const Bytes bytes = as_bytes(value);
  record.value.emplace(bytes.begin(), bytes.end());
  return record;
}

ProducerSettings quick() {
  ProducerSettings settings;
  settings.accumulator.linger = Milliseconds{1};
  settings.accumulator.retry_backoff = Milliseconds{1};
  settings.max_block = Milliseconds{60};
  return settings;
}

// A producer and what it reported, by token.
struct Sender {
  Sender(ClientWorld& world, ProducerSettings settings)
      : cluster(world.env, world.settings),
        producer(cluster, settings, [this](DeliveryToken token, const Result<Delivery>& delivery) {
          reports.emplace(token.value(), delivery);
        }) {}
  env::Task<Result<DeliveryToken>> send(const std::string& value, std::int32_t partition = 0) {
    return producer.send("t", PartitionIndex{partition}, record_of(value));
  }
  env::Task<void> close() {
    co_await producer.close();
    co_await cluster.close();
  }
  [[nodiscard]] Errc code_of(const DeliveryToken& token) const {
    const auto& report = reports.at(token.value());
    return report ? Errc::none : report.error().code();
  }
  Cluster cluster;
  std::map<std::uint64_t, Result<Delivery>> reports;
  Producer producer;
};

env::Task<void> deliver(ClientWorld& world) {
  Sender sender(world, quick());
  const auto first = co_await sender.send("a");
  const auto second = co_await sender.send("b");
  const auto other = co_await sender.send("c", 1);
  CHECK_OK(first);
  CHECK_OK(second);
  CHECK_OK(other);
  co_await sender.producer.flush();
  EXPECT_EQ(sender.reports.size(), 3U);
  EXPECT_EQ(sender.reports.at(second->value())->offset, Offset{1});
  EXPECT_EQ(sender.reports.at(other->value())->offset, Offset{0});
  EXPECT_EQ(world.broker.values(0), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(world.broker.values(1), std::vector<std::string>{"c"});
  EXPECT_EQ(record::BatchView::read(world.broker.logs[0][0])->producer_id(), ProducerId{1});
  co_await sender.close();
}

TEST(Producer, ReportsWhereEachRecordIs) { with_broker(&deliver); }

env::Task<void> deliver_by_name(ClientWorld& world) {
  world.broker.greatest_produce = 9;  // topics by name
  return deliver(world);
}

TEST(Producer, OlderBrokerIsToldTopicsByName) { with_broker(&deliver_by_name); }

env::Task<void> retry(ClientWorld& world) {
  world.broker.produce_errors = {Errc::not_leader_or_follower, Errc::request_timed_out};
  Sender sender(world, quick());
  const auto token = co_await sender.send("a");
  CHECK_OK(token);
  const int before = world.broker.asked[protocol::ApiKey::metadata];
  co_await sender.producer.flush();
  EXPECT_EQ(sender.code_of(*token), Errc::none);
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::produce], 3);
  EXPECT_GT(world.broker.asked[protocol::ApiKey::metadata], before);
  EXPECT_EQ(world.broker.values(0), std::vector<std::string>{"a"});
  co_await sender.close();
}

TEST(Producer, RetriesWhatMayPassAndAsksForTheLeaderAgain) { with_broker(&retry); }

env::Task<void> no_leader(ClientWorld& world) {
  world.broker.leader = k_no_broker;
  world.settings.retry_backoff = Milliseconds{100};
  Sender sender(world, quick());
  CHECK_OK(co_await sender.send("a"));
  co_await env::sleep_for(world.env, std::chrono::seconds{10});
  // After 0.1, 0.2, 0.4 and 0.8 seconds, then each second.
  EXPECT_GE(world.broker.asked[protocol::ApiKey::metadata], 10);
  EXPECT_LE(world.broker.asked[protocol::ApiKey::metadata], 15);
  world.broker.leader = FakeBroker::k_id;
  const Instant begun = world.env.clock.now();
  co_await sender.producer.flush();
  EXPECT_LT(world.env.clock.now() - begun, Milliseconds{1100});
  EXPECT_EQ(world.broker.values(0), std::vector<std::string>{"a"});
  co_await sender.close();
}

TEST(Producer, LeaderThatIsMissingIsAskedForEverLessOften) { simulated_with_broker(&no_leader); }

env::Task<void> never_a_leader(ClientWorld& world) {
  world.broker.leader = k_no_broker;
  ProducerSettings settings = quick();
  settings.accumulator.delivery_timeout = std::chrono::seconds{5};
  Sender sender(world, settings);
  const auto token = co_await sender.send("a");
  CHECK_OK(token);
  const Instant begun = world.env.clock.now();
  co_await sender.producer.flush();
  EXPECT_EQ(sender.code_of(*token), Errc::timed_out);
  EXPECT_LT(world.env.clock.now() - begun, Milliseconds{6100});
  co_await sender.close();
}

TEST(Producer, RecordWithoutLeaderExpires) { simulated_with_broker(&never_a_leader); }

env::Task<void> give_up(ClientWorld& world) {
  world.broker.produce_errors = {Errc::topic_authorization_failed};
  Sender sender(world, quick());
  const auto token = co_await sender.send("a");
  CHECK_OK(token);
  co_await sender.producer.flush();
  EXPECT_EQ(sender.code_of(*token), Errc::topic_authorization_failed);
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::produce], 1);
  co_await sender.close();
}

TEST(Producer, ReportsAnErrorThatNoRetryMends) { with_broker(&give_up); }

env::Task<void> not_acknowledged(ClientWorld& world) {
  ProducerSettings settings = quick();
  settings.acks = Acks::none;
  settings.accumulator.idempotent = false;
  Sender sender(world, settings);
  const auto token = co_await sender.send("a");
  CHECK_OK(token);
  co_await sender.producer.flush();
  EXPECT_EQ(sender.reports.at(token->value())->offset, k_no_offset);
  // Its bytes are on their way, and no answer says when they are there.
  while (world.broker.logs[0].empty()) co_await env::sleep_for(world.env, Milliseconds{1});
  EXPECT_EQ(world.broker.values(0), std::vector<std::string>{"a"});
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::init_producer_id], 0);
  co_await sender.close();
}

TEST(Producer, WithoutAcksARecordIsReportedWithoutOffset) { with_broker(&not_acknowledged); }

ProducerSettings without_acks() {
  ProducerSettings settings = quick();
  settings.acks = Acks::none;
  settings.accumulator.idempotent = false;
  return settings;
}

env::Task<void> not_taken(ClientWorld& world) {
  constexpr std::size_t k_record = 10'000;
  ProducerSettings settings = without_acks();
  settings.accumulator.memory_bytes = 30 * k_record;
  world.broker.produce_delay = std::chrono::seconds{2};  // after a few of them it reads no more
  Sender sender(world, settings);
  std::size_t taken = 0;
  Errc refused = Errc::none;
  while (refused == Errc::none && taken < 500) {
    const auto token = co_await sender.send(std::string(k_record, 'x'));
    refused = token ? Errc::none : token.error().code();
    if (token) ++taken;
  }
  EXPECT_EQ(refused, Errc::timed_out) << "memory is bounded";
  EXPECT_LE(taken - sender.reports.size(), 30U);
  EXPECT_GE(taken - sender.reports.size(), 20U) << "what has not left is not delivered";
  co_await sender.close();
  EXPECT_EQ(sender.reports.size(), taken);
  co_await env::sleep_for(world.env, std::chrono::seconds{20});
  EXPECT_EQ(world.broker.values(0).size(), taken);
}

TEST(Producer, WithoutAcksAPeerThatReadsNothingHoldsUpWhatIsSent) {
  simulated_with_broker(&not_taken);
}

env::Task<void> all_arrive(ClientWorld& world) {
  world.broker.produce_delay = Milliseconds{5};
  Sender sender(world, without_acks());
  for (int i = 0; i < 500; ++i) CHECK_OK(co_await sender.send(std::string(10'000, 'x')));
  co_await sender.close();
  co_await env::sleep_for(world.env, std::chrono::seconds{20});
  EXPECT_EQ(world.broker.values(0).size(), 500U);
}

TEST(Producer, WithoutAcksNothingIsLostByClosing) { simulated_with_broker(&all_arrive); }

env::Task<void> never_taken(ClientWorld& world) {
  ProducerSettings settings = without_acks();
  settings.accumulator.delivery_timeout = std::chrono::seconds{5};
  world.settings.request_timeout = std::chrono::seconds{2};
  world.broker.produce_delay = std::chrono::seconds{100};
  Sender sender(world, settings);
  for (int i = 0; i < 500; ++i) CHECK_OK(co_await sender.send(std::string(10'000, 'x')));
  const Instant begun = world.env.clock.now();
  co_await sender.close();
  EXPECT_LT(world.env.clock.now() - begun, std::chrono::seconds{20});
  const auto failed = std::ranges::count_if(
      sender.reports, [](const auto& report) { return !report.second.has_value(); });
  EXPECT_GT(failed, 0);
  co_await env::sleep_for(world.env, std::chrono::seconds{300});
}

TEST(Producer, WithoutAcksAPeerThatStaysSilentEndsInAnError) {
  simulated_with_broker(&never_taken);
}

env::Task<void> refuse_at_once(ClientWorld& world) {
  ProducerSettings settings = quick();
  settings.request_bytes_max = 1000;
  Sender sender(world, settings);
  EXPECT_EQ((co_await sender.send("a", 2)).error().code(), Errc::unknown_topic_or_partition);
  EXPECT_EQ((co_await sender.send("a", -1)).error().code(), Errc::unknown_topic_or_partition);
  EXPECT_EQ((co_await sender.send(std::string(1000, 'x'))).error().code(), Errc::message_too_large);
  OutgoingRecord record = record_of("a");
  record.headers.push_back({"h", std::vector<std::byte>(1000)});
  const auto refused = co_await sender.producer.send("t", PartitionIndex{0}, record);
  EXPECT_EQ(refused.error().code(), Errc::message_too_large) << "headers count";
  co_await sender.close();
  EXPECT_EQ((co_await sender.send("a")).error().code(), Errc::cancelled);
  EXPECT_TRUE(sender.reports.empty());
}

TEST(Producer, RefusesWhatCannotBeSentBeforeItTakesIt) { with_broker(&refuse_at_once); }

env::Task<void> topic_never_comes(ClientWorld& world) {
  world.broker.knows_topic = false;
  Sender sender(world, quick());
  const auto refused = co_await sender.send("a");
  EXPECT_EQ(refused.error().code(), Errc::timed_out);
  EXPECT_EQ(refused.error().text(), "Topic t not present in metadata after 60 ms.");
  co_await sender.close();
}

TEST(Producer, TopicThatStaysUnknownTimesOutAfterMaxBlock) { with_broker(&topic_never_comes); }

env::Task<void> no_room(ClientWorld& world) {
  ProducerSettings settings = quick();
  settings.accumulator.memory_bytes = 2000;
  world.broker.produce_delay = Milliseconds{400};
  Sender sender(world, settings);
  CHECK_OK(co_await sender.send(std::string(1500, 'x')));
  const Instant begun = world.env.clock.now();
  const auto refused = co_await sender.send(std::string(1500, 'y'));
  EXPECT_FALSE(refused.has_value());
  if (!refused) EXPECT_EQ(refused.error().code(), Errc::timed_out);
  EXPECT_GE(world.env.clock.now() - begun, settings.max_block);
  co_await sender.producer.flush();
  CHECK_OK(co_await sender.send(std::string(1500, 'z')));
  co_await sender.close();
  EXPECT_EQ(world.broker.values(0).size(), 2U);
}

TEST(Producer, RoomThatDoesNotComeTimesOutAfterMaxBlock) { with_broker(&no_room); }

env::Task<void> send_and_count(Sender& sender, int& taken) {
  if (co_await sender.send(std::string(1500, 'x'))) ++taken;
}
env::Task<void> flush_and_count(Sender& sender, int& flushed) {
  co_await sender.producer.flush();
  ++flushed;
}

env::Task<void> several_wait(ClientWorld& world) {
  ProducerSettings settings = quick();
  settings.accumulator.memory_bytes = 2000;
  settings.max_block = std::chrono::seconds{10};
  world.broker.produce_delay = Milliseconds{400};
  Sender sender(world, settings);
  int taken = 0;
  int flushed = 0;
  co_await send_and_count(sender, taken);
  env::TaskGroup tasks(world.env.scheduler);
  for (int i = 0; i < 3; ++i) tasks.spawn(send_and_count(sender, taken));
  for (int i = 0; i < 2; ++i) tasks.spawn(flush_and_count(sender, flushed));
  co_await tasks.join();
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(flushed, 2);
  co_await sender.close();
  EXPECT_EQ(world.broker.values(0).size(), 4U);
}

TEST(Producer, SeveralMayWaitForRoomAndForTheEnd) { simulated_with_broker(&several_wait); }

env::Task<void> next_epoch(ClientWorld& world) {
  world.broker.produce_errors = {Errc::out_of_order_sequence_number};
  Sender sender(world, quick());
  const auto token = co_await sender.send("a");
  CHECK_OK(token);
  co_await sender.producer.flush();
  EXPECT_EQ(sender.code_of(*token), Errc::none);
  EXPECT_EQ(world.broker.asked[protocol::ApiKey::init_producer_id], 1);
  EXPECT_EQ(record::BatchView::read(world.broker.logs[0][0])->producer_epoch(), ProducerEpoch{1});
  co_await sender.close();
}

TEST(Producer, HoleInTheSequencesIsMendedWithTheNextEpoch) { with_broker(&next_epoch); }

ProducerSettings transactional() {
  ProducerSettings settings = quick();
  settings.max_block = Milliseconds{2'000};
  settings.transactions =
      TransactionSettings{.transactional_id = "x", .retry_backoff = Milliseconds{1}};
  return settings;
}

env::Task<void> send_transaction(Sender& sender, std::string value) {
  CHECK_OK(sender.producer.begin_transaction());
  CHECK_OK(co_await sender.send(value));
}

env::Task<void> transactions_v2(ClientWorld& world) {
  FakeTransactions coordinator(world.broker);
  Sender sender(world, transactional());
  CHECK_OK(co_await sender.producer.init_transactions());
  co_await send_transaction(sender, "a");
  CHECK_OK(co_await sender.producer.commit_transaction());
  EXPECT_EQ(sender.reports.size(), 1U);
  CHECK_OK(sender.producer.begin_transaction());
  CHECK_OK(co_await sender.producer.send_offsets_to_transaction(
      {{{"t", PartitionIndex{1}}, {Offset{5}}}}, {"g", {}}));
  CHECK_OK(co_await sender.send("b"));
  CHECK_OK(co_await sender.producer.abort_transaction());
  EXPECT_EQ(coordinator.seen, (std::vector<std::string>{"commit v5", "offsets g 5", "abort v5"}));
  const auto first = *record::BatchView::read(world.broker.logs[0].at(0));
  EXPECT_TRUE(first.is_transactional());
  EXPECT_EQ(first.producer_epoch(), ProducerEpoch{0});
  co_await sender.close();
}

TEST(Producer, TransactionsOfVersion2) { with_broker(&transactions_v2); }

env::Task<void> transactions_v1(ClientWorld& world) {
  FakeTransactions coordinator(world.broker, false);
  coordinator.add_errors = {Errc::concurrent_transactions};
  Sender sender(world, transactional());
  CHECK_OK(co_await sender.producer.init_transactions());
  co_await send_transaction(sender, "a");
  CHECK_OK(co_await sender.producer.commit_transaction());
  co_await send_transaction(sender, "b");
  CHECK_OK(co_await sender.producer.send_offsets_to_transaction(
      {{{"t", PartitionIndex{1}}, {Offset{5}}}}, {"g", {}}));
  CHECK_OK(co_await sender.producer.commit_transaction());
  EXPECT_EQ(coordinator.seen,
            (std::vector<std::string>{"add t-0", "add t-0", "commit v4", "add t-0", "group g",
                                      "offsets g 5", "commit v4"}));
  EXPECT_EQ(world.broker.values(0), (std::vector<std::string>{"a", "b"}));
  // The epoch stays, and so do the sequences.
  EXPECT_EQ(record::BatchView::read(world.broker.logs[0].at(1))->base_sequence(), Sequence{1});
  co_await sender.close();
}

TEST(Producer, TransactionsOfVersion1AddPartitionsFirst) { with_broker(&transactions_v1); }

env::Task<void> refused_record(ClientWorld& world) {
  FakeTransactions coordinator(world.broker);
  world.broker.produce_errors = {Errc::topic_authorization_failed};
  Sender sender(world, transactional());
  CHECK_OK(co_await sender.producer.init_transactions());
  co_await send_transaction(sender, "a");
  const auto refused = co_await sender.producer.commit_transaction();
  EXPECT_EQ(refused.error().code(), Errc::topic_authorization_failed);
  EXPECT_EQ((co_await sender.send("b")).error().code(), Errc::topic_authorization_failed);
  EXPECT_FALSE(sender.producer.is_fatal_error());
  CHECK_OK(co_await sender.producer.abort_transaction());
  co_await send_transaction(sender, "c");
  CHECK_OK(co_await sender.producer.commit_transaction());
  EXPECT_EQ(coordinator.seen, (std::vector<std::string>{"abort v5", "commit v5"}));
  EXPECT_EQ(world.broker.values(0), std::vector<std::string>{"c"});
  EXPECT_EQ(record::BatchView::read(world.broker.logs[0].at(0))->producer_epoch(),
            ProducerEpoch{1});
  co_await sender.close();
}

TEST(Producer, RefusedRecordMustBeAborted) { with_broker(&refused_record); }

env::Task<void> unknown_topic(ClientWorld& world) {
  FakeTransactions coordinator(world.broker);
  ProducerSettings settings = transactional();
  settings.max_block = Milliseconds{100};
  Sender sender(world, settings);
  CHECK_OK(co_await sender.producer.init_transactions());
  CHECK_OK(sender.producer.begin_transaction());
  EXPECT_FALSE((co_await sender.producer.send("nowhere", {}, record_of("a"))).has_value());
  EXPECT_EQ((co_await sender.producer.commit_transaction()).error().code(),
            Errc::transaction_abortable);
  CHECK_OK(co_await sender.producer.abort_transaction());
  co_await sender.close();
}

TEST(Producer, RecordThatWasNotTakenMustBeAborted) { with_broker(&unknown_topic); }

env::Task<void> fenced(ClientWorld& world) {
  FakeTransactions coordinator(world.broker);
  coordinator.end_errors = {Errc::producer_fenced};
  Sender sender(world, transactional());
  CHECK_OK(co_await sender.producer.init_transactions());
  co_await send_transaction(sender, "a");
  EXPECT_EQ((co_await sender.producer.commit_transaction()).error().code(), Errc::producer_fenced);
  EXPECT_TRUE(sender.producer.is_fatal_error());
  EXPECT_EQ((co_await sender.producer.abort_transaction()).error().code(), Errc::producer_fenced);
  co_await sender.close();
}

TEST(Producer, FencedProducerCanOnlyBeClosed) { with_broker(&fenced); }

env::Task<void> left_open(ClientWorld& world) {
  FakeTransactions coordinator(world.broker);
  Sender sender(world, transactional());
  CHECK_OK(co_await sender.producer.init_transactions());
  co_await send_transaction(sender, "a");
  co_await sender.close();
  EXPECT_EQ(coordinator.seen, std::vector<std::string>{"abort v5"});
}

TEST(Producer, ClosingAbortsWhatIsOpen) { with_broker(&left_open); }

env::Task<void> no_transactions(ClientWorld& world) {
  Sender sender(world, quick());
  EXPECT_EQ((co_await sender.producer.init_transactions()).error().text(),
            "Transactional method invoked on a non-transactional producer.");
  EXPECT_EQ(sender.producer.begin_transaction().error().code(), Errc::invalid_txn_state);
  co_await sender.close();
}

TEST(Producer, WithoutTransactionalIdThereAreNoTransactions) { with_broker(&no_transactions); }

struct Marking final : ProducerInterceptor {
  explicit Marking(std::string its_mark) : mark(std::move(its_mark)) {}
  OutgoingRecord on_send(const std::string& topic, OutgoingRecord record) override {
    return record_of(topic + mark + std::string(as_text(*record.value)));
  }
  void on_acknowledgement(const Result<Delivery>& delivery) override {
    said.push_back(delivery ? Errc::none : delivery.error().code());
  }
  std::string mark;
  std::vector<Errc> said;
};

env::Task<void> intercepted(ClientWorld& world) {
  const auto first = std::make_shared<Marking>("1");
  const auto second = std::make_shared<Marking>("2");
  ProducerSettings settings = quick();
  settings.interceptors = {first, second};
  world.broker.produce_errors = {Errc::topic_authorization_failed};
  Sender sender(world, settings);
  CHECK_OK(co_await sender.send("a"));
  co_await sender.producer.flush();
  CHECK_OK(co_await sender.send("b"));
  co_await sender.producer.flush();
  EXPECT_FALSE((co_await sender.send("c", 9)).has_value());
  EXPECT_EQ(world.broker.values(0), std::vector<std::string>{"t2t1b"});
  EXPECT_EQ(first->said, (std::vector<Errc>{Errc::topic_authorization_failed, Errc::none,
                                            Errc::unknown_topic_or_partition}));
  EXPECT_EQ(second->said, first->said);
  co_await sender.close();
}

TEST(Producer, InterceptorsSeeWhatIsSentAndWhatBecameOfIt) { with_broker(&intercepted); }

}  // namespace
}  // namespace moldau::client
