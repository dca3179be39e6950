#include "broker/coordinator_host.h"

#include <gtest/gtest.h>

#include "broker/txn_markers.h"
#include "record/batch.h"
#include "unit/broker/second_replica.h"

namespace moldau::broker {
namespace {

// Keeps texts: an ask appends one and is answered with how many there are; the text "later" is
// answered by the next tick, and "bad" cannot be replayed. "effect" wants something of the world.
class TextMachine {
 public:
  using Step = coordinator::Step<std::size_t, std::string>;
  Result<void> replay(Offset /*offset*/, const coordinator::Record& record,
                      const std::optional<coordinator::Producer>& /*producer*/) {
    std::string text{as_text(Bytes{record.key})};
    if (text == "bad") return fail(Errc::corrupt_data, "a bad text");
    texts.push_back(std::move(text));
    return {};
  }
  void replay_end_transaction(const coordinator::Producer& producer, bool committed) {
    texts.push_back((committed ? "commit " : "abort ") + std::to_string(producer.id.value()));
  }
  void loaded(coordinator::Now /*now*/, Step& /*out*/) { told += "loaded "; }
  [[nodiscard]] std::optional<Instant> next_deadline() const { return deadline; }
  void tick(coordinator::Now /*now*/, Step& out) {
    deadline.reset();
    out.answer(*late, texts.size());
  }
  void add_in_transaction(const std::string& text, coordinator::AskId ask,
                          const coordinator::Producer& producer, Step& out) {
    const Bytes bytes = as_bytes(text);
    out.batches.push_back(
        {.records = {{.key = {bytes.begin(), bytes.end()}}}, .producer = producer});
    out.answer(ask, texts.size());
  }
  void add(const std::string& text, coordinator::AskId ask, coordinator::Now now, Step& out) {
    const Bytes bytes = as_bytes(text);
    out.append({.key = {bytes.begin(), bytes.end()}, .value = std::nullopt});
    if (text == "later") {
      late = ask;
      deadline = now.instant + Milliseconds{50};
    } else {
      out.answer(ask, texts.size());
    }
    if (text == "effect") out.effects.push_back("of " + std::to_string(texts.size()));
  }
  std::vector<std::string> texts;
  std::string told;
  std::optional<Instant> deadline;
  std::optional<coordinator::AskId> late;
};

using Host = CoordinatorHost<TextMachine, std::size_t, std::string>;

class CoordinatorHostTest : public testing::Test {
 protected:
  CoordinatorHostTest() { broker.add_topic("c"); }
  ~CoordinatorHostTest() override { end(); }
  void start() {
    host.emplace(
        broker.shard(0).env, broker.partition("c"),
        Host::Settings{.linger = linger,
                       .write_timeout = write_timeout,
                       .perform =
                           [this](Host& it, std::string effect) {
                             performed.push_back(std::move(effect));
                             it.spawn(wait_for_end_of_effect());
                           }},
        [this] {
          auto made = std::make_unique<TextMachine>();
          machine = made.get();
          ++machines;
          return made;
        },
        [](TextMachine& it, coordinator::Now, TextMachine::Step&) { it.told += "first "; },
        telemetry::Logger(broker.sink, "test"));
  }
  void wait_until_loaded() {
    ASSERT_TRUE(broker.world.run_until([this] { return host->active(); }));
  }
  // Both in sync, and the other never comes: nothing more is committed.
  std::shared_ptr<Partition> start_with_two_replicas() {
    start();
    wait_until_loaded();
    auto partition = broker.partition("c");
    lead_with_another(broker, *partition);
    return partition;
  }
  void end() {
    if (!host) return;
    host->stop(Errc::not_coordinator);
    auto joined = host->join();
    broker.world.run_until([&] { return joined.done(); });
    host.reset();
  }
  env::Task<Result<std::size_t>> begin(const std::string& text) {
    return host->ask([text](TextMachine& it, coordinator::AskId ask, coordinator::Now now,
                            TextMachine::Step& out) { it.add(text, ask, now, out); });
  }
  Result<std::size_t> add(const std::string& text) { return broker.run(begin(text)); }

  Result<std::size_t> add_in_transaction(const std::string& text, std::int16_t epoch) {
    const coordinator::Producer producer{ProducerId{7}, ProducerEpoch{epoch}};
    return broker.run(host->ask([text, producer](TextMachine& it, coordinator::AskId ask,
                                                 coordinator::Now, TextMachine::Step& out) {
      it.add_in_transaction(text, ask, producer, out);
    }));
  }
  env::Task<AppendAnswer> begin_end(std::int16_t epoch, bool commit) {
    const Marker marker{.id = ProducerId{7}, .epoch = ProducerEpoch{epoch}, .commit = commit};
    return host->end_transaction({.producer = {marker.id, marker.epoch},
                                  .commit = commit,
                                  .batch = SharedBytes::take(encode_marker(marker, Timestamp{}))});
  }

  env::Task<void> wait_for_end_of_effect() {
    while (effect_lasts) co_await env::sleep_for(broker.shard(0).env, Milliseconds{1});
  }

  // How many batches the log has.
  std::size_t batches() {
    const auto partition = broker.partition("c");
    const auto bytes =
        broker.run(partition->log().read_batches({.from = Offset{0},
                                                  .bytes_max = 1 << 20,
                                                  .limit = partition->log().log_end_offset(),
                                                  .at_least_one_batch = true}));
    record::BatchesView view(bytes->view());
    std::size_t count = 0;
    while (*view.next()) ++count;
    return count;
  }

  BrokerWorld broker;
  std::optional<Milliseconds> linger{0};
  std::optional<Milliseconds> write_timeout;
  TextMachine* machine = nullptr;
  int machines = 0;  // that were made
  bool effect_lasts = false;
  std::vector<std::string> performed;
  std::optional<Host> host;
};

TEST_F(CoordinatorHostTest, AnswerComesWhenWhatWasDecidedIsInTheLogAndReplayed) {
  start();
  wait_until_loaded();
  EXPECT_EQ(machine->told, "first loaded ");
  EXPECT_EQ(*add("a"), 0U);  // decided before it was replayed
  EXPECT_EQ(*add("b"), 1U);
  EXPECT_EQ(machine->texts, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(broker.partition("c")->log().log_end_offset(), Offset{2});
}

TEST_F(CoordinatorHostTest, LoadsWhatAnEarlierHostAppended) {
  start();
  wait_until_loaded();
  ASSERT_TRUE(add("a").has_value());
  ASSERT_TRUE(add("b").has_value());
  end();
  start();
  EXPECT_EQ(add("c").error().code(), Errc::coordinator_load_in_progress);
  wait_until_loaded();
  EXPECT_EQ(machine->texts, (std::vector<std::string>{"a", "b"}));
}

TEST_F(CoordinatorHostTest, AnswerMayComeWithALaterTick) {
  start();
  wait_until_loaded();
  const Instant begun = broker.world.now();
  EXPECT_EQ(*add("later"), 1U);
  EXPECT_GE(broker.world.now() - begun, Milliseconds{50});
}

TEST_F(CoordinatorHostTest, EffectIsCarriedOutWithTheAnswer) {
  start();
  wait_until_loaded();
  ASSERT_TRUE(add("a").has_value());
  auto answer = begin("effect");
  ASSERT_TRUE(broker.run(std::move(answer)).has_value());
  EXPECT_EQ(performed, std::vector<std::string>{"of 1"});
}

TEST_F(CoordinatorHostTest, EffectWaitsUntilWhatWasDecidedIsCommitted) {
  const auto partition = start_with_two_replicas();
  auto answer = begin("effect");
  broker.world.run_for(Milliseconds{100});
  EXPECT_EQ(machine->texts.size(), 1U);
  EXPECT_TRUE(performed.empty());
  EXPECT_FALSE(answer.done());
  // The leadership is over before the other got it: nobody carries it out.
  partition->follow(LeaderEpoch{5});
  EXPECT_EQ(broker.run(std::move(answer)).error().code(), Errc::not_coordinator);
  EXPECT_TRUE(performed.empty());
}

// This broker leads under the next epoch too, so that nobody stops the host.
TEST_F(CoordinatorHostTest, EffectThatALeaderEpochTookAlongIsLeftToAnotherMachine) {
  const auto partition = start_with_two_replicas();
  auto answer = begin("effect");
  broker.world.run_for(Milliseconds{10});
  CHECK_OK(broker.run(partition->lead(LeaderEpoch{5}, {k_self}, {k_self}, Offset{0})));
  EXPECT_EQ(broker.run(std::move(answer)).error().code(), Errc::not_coordinator);
  EXPECT_TRUE(performed.empty());
  broker.world.run_for(Milliseconds{200});
  EXPECT_EQ(machines, 2);
  EXPECT_EQ(*add("a"), 1U);
}

TEST_F(CoordinatorHostTest, AnotherMachineIsLoadedWhenTheEffectsOfTheOneBeforeHaveEnded) {
  start();
  wait_until_loaded();
  effect_lasts = true;
  ASSERT_TRUE(add("effect").has_value());
  const auto partition = broker.partition("c");
  partition->follow(LeaderEpoch{4});
  EXPECT_EQ(add("a").error().code(), Errc::coordinator_not_available);
  CHECK_OK(broker.run(partition->lead(LeaderEpoch{5}, {k_self}, {k_self}, Offset{0})));
  broker.world.run_for(Milliseconds{500});
  EXPECT_EQ(machines, 1);
  EXPECT_EQ(add("b").error().code(), Errc::coordinator_load_in_progress);
  effect_lasts = false;
  wait_until_loaded();
  EXPECT_EQ(machines, 2);
  EXPECT_EQ(*add("c"), 1U);
}

TEST_F(CoordinatorHostTest, WhoWaitsIsToldWhenTheHostStops) {
  start();
  wait_until_loaded();
  auto waiting = begin("later");
  broker.world.run_until([this] { return !machine->texts.empty(); });
  EXPECT_FALSE(waiting.done());
  host->stop(Errc::not_coordinator);
  EXPECT_EQ(broker.run(std::move(waiting)).error().code(), Errc::not_coordinator);
  EXPECT_EQ(add("a").error().code(), Errc::not_coordinator);
}

TEST_F(CoordinatorHostTest, WhatCannotBeAppendedIsRefusedAndTheMachineLoadedAnew) {
  start();
  wait_until_loaded();
  ASSERT_TRUE(add("a").has_value());
  broker.partition("c")->follow(LeaderEpoch{4});
  EXPECT_EQ(add("b").error().code(), Errc::coordinator_not_available);
  wait_until_loaded();
  EXPECT_EQ(machine->texts, std::vector<std::string>{"a"});
}

TEST_F(CoordinatorHostTest, RecordThatCannotBeReplayedIsNotWritten) {
  start();
  wait_until_loaded();
  ASSERT_TRUE(add("a").has_value());
  EXPECT_EQ(add("bad").error().code(), Errc::coordinator_not_available);
  EXPECT_EQ(broker.partition("c")->log().log_end_offset(), Offset{1});
  EXPECT_EQ(add("b").error().code(), Errc::coordinator_load_in_progress);
  broker.world.run_for(std::chrono::seconds{11});
  EXPECT_EQ(*add("b"), 1U);
}

TEST_F(CoordinatorHostTest, RecordInTheLogThatCannotBeReplayedKeepsItFromLoading) {
  const coordinator::Batch bad{.records = {{.key = {std::byte{'b'}, std::byte{'a'}, std::byte{'d'}},
                                            .value = std::nullopt}}};
  ASSERT_EQ(broker
                .run(broker.partition("c")->append_own(SharedBytes::take(encode_batch(
                    bad, Timestamp{}, compress::Compression::of(compress::Codec::none)))))
                .error,
            Errc::none);
  start();
  broker.world.run_for(Milliseconds{100});
  EXPECT_FALSE(host->active());
  EXPECT_EQ(add("a").error().code(), Errc::coordinator_load_in_progress);
  EXPECT_TRUE(std::ranges::any_of(broker.sink.lines(), [](const std::string& line) {
    return line.find("c-0 cannot be loaded") != std::string::npos;
  }));
}

TEST_F(CoordinatorHostTest, WhatIsAskedAtOnceIsOneWriteWhenItAdapts) {
  linger.reset();
  start();
  wait_until_loaded();
  auto first = begin("a");
  auto second = begin("b");
  auto third = begin("c");
  EXPECT_EQ(*broker.run(std::move(first)), 0U);
  EXPECT_EQ(*broker.run(std::move(second)), 1U) << "it saw the first";
  EXPECT_EQ(*broker.run(std::move(third)), 2U);
  EXPECT_EQ(batches(), 1U);
  EXPECT_EQ(*add("d"), 3U);
  EXPECT_EQ(batches(), 2U);
}

TEST_F(CoordinatorHostTest, WithoutLingerEachDecisionIsAWrite) {
  start();
  wait_until_loaded();
  auto first = begin("a");
  auto second = begin("b");
  EXPECT_TRUE(broker.run(std::move(first)).has_value());
  EXPECT_TRUE(broker.run(std::move(second)).has_value());
  EXPECT_EQ(batches(), 2U);
}

TEST_F(CoordinatorHostTest, LingerGathersForItsTime) {
  linger = Milliseconds{20};
  start();
  wait_until_loaded();
  const Instant begun = broker.world.now();
  auto first = begin("a");
  broker.world.run_for(Milliseconds{10});
  EXPECT_FALSE(first.done());
  auto second = begin("b");
  EXPECT_TRUE(broker.run(std::move(first)).has_value());
  EXPECT_TRUE(broker.run(std::move(second)).has_value());
  EXPECT_GE(broker.world.now() - begun, Milliseconds{20});
  EXPECT_LT(broker.world.now() - begun, Milliseconds{30});
  EXPECT_EQ(batches(), 1U);
}

TEST_F(CoordinatorHostTest, WhoWaitsForAGatheredWriteIsToldWhenTheHostStops) {
  linger = Milliseconds{1'000};
  start();
  wait_until_loaded();
  auto waiting = begin("a");
  broker.world.run_for(Milliseconds{10});
  host->stop(Errc::not_coordinator);
  EXPECT_EQ(broker.run(std::move(waiting)).error().code(), Errc::not_coordinator);
  EXPECT_EQ(broker.partition("c")->log().log_end_offset(), Offset{0});
}

TEST_F(CoordinatorHostTest, GatheredWriteIsNoLargerThanABatchOfTheTopicMayBe) {
  linger = Milliseconds{20};
  start();
  wait_until_loaded();
  const auto max = broker.partition("c")->settings().log->message_bytes_max;
  auto first = begin(std::string(static_cast<std::size_t>(max) * 2 / 3, 'x'));
  auto second = begin(std::string(static_cast<std::size_t>(max) * 2 / 3, 'y'));
  EXPECT_TRUE(broker.run(std::move(first)).has_value());
  EXPECT_TRUE(broker.run(std::move(second)).has_value());
  EXPECT_EQ(broker.partition("c")->log().log_end_offset(), Offset{2});
}

TEST_F(CoordinatorHostTest, SomebodyElsesRecordsBetweenHaveItLoadAnew) {
  linger = Milliseconds{20};
  start();
  wait_until_loaded();
  auto waiting = begin("a");
  broker.world.run_for(Milliseconds{5});
  const coordinator::Batch other{.records = {{.key = {std::byte{'o'}}, .value = std::nullopt}}};
  ASSERT_EQ(broker
                .run(broker.partition("c")->append_own(SharedBytes::take(encode_batch(
                    other, Timestamp{}, compress::Compression::of(compress::Codec::none)))))
                .error,
            Errc::none);
  EXPECT_EQ(broker.run(std::move(waiting)).error().code(), Errc::coordinator_not_available);
  wait_until_loaded();
  EXPECT_EQ(machine->texts, (std::vector<std::string>{"o", "a"}));
}

TEST_F(CoordinatorHostTest, AnswerWaitsForTheReplicasNoLongerThanTheTimeout) {
  write_timeout = Milliseconds{5'000};
  start_with_two_replicas();
  auto answer = begin("a");
  auto effect = begin("effect");
  broker.world.run_for(Milliseconds{4'990});
  EXPECT_FALSE(answer.done());
  broker.world.run_for(Milliseconds{20});
  EXPECT_EQ(broker.run(std::move(answer)).error().code(), Errc::coordinator_not_available);
  EXPECT_EQ(broker.run(std::move(effect)).error().code(), Errc::coordinator_not_available);
  EXPECT_EQ(machine->texts.size(), 2U) << "the records stay";
  EXPECT_TRUE(performed.empty());
}

TEST_F(CoordinatorHostTest, MarkerIsShownInTheOrderOfTheLog) {
  start();
  wait_until_loaded();
  ASSERT_TRUE(add_in_transaction("pending", 3).has_value());
  auto first = begin("a");
  auto ending = begin_end(3, true);
  auto last = begin("b");
  const AppendAnswer answer = broker.run(std::move(ending));
  EXPECT_EQ(answer.error, Errc::none);
  EXPECT_EQ(answer.base_offset, Offset{2});
  EXPECT_TRUE(broker.run(std::move(first)).has_value());
  EXPECT_TRUE(broker.run(std::move(last)).has_value());
  const std::vector<std::string> expected{"pending", "a", "commit 7", "b"};
  EXPECT_EQ(machine->texts, expected);
  end();
  start();
  wait_until_loaded();
  EXPECT_EQ(machine->texts, expected);
}

TEST_F(CoordinatorHostTest, ProducerThatTheLogRefusesIsToldAndTheMachineGoesOn) {
  start();
  wait_until_loaded();
  ASSERT_TRUE(add_in_transaction("pending", 3).has_value());
  const TextMachine* const before = machine;
  EXPECT_EQ(add_in_transaction("older", 2).error().code(), Errc::invalid_producer_epoch);
  EXPECT_EQ(broker.run(begin_end(2, true)).error, Errc::invalid_producer_epoch);
  EXPECT_EQ(*add("a"), 1U);
  EXPECT_EQ(machine, before);
  EXPECT_EQ(machine->texts, (std::vector<std::string>{"pending", "a"}));
}

TEST_F(CoordinatorHostTest, MarkerIsRefusedWhileLoadingAndAfterTheEnd) {
  start();
  wait_until_loaded();
  ASSERT_TRUE(add("a").has_value());
  end();
  start();
  EXPECT_EQ(broker.run(begin_end(0, true)).error, Errc::coordinator_load_in_progress);
  wait_until_loaded();
  host->stop(Errc::not_coordinator);
  EXPECT_EQ(broker.run(begin_end(0, true)).error, Errc::not_coordinator);
}

}  // namespace
}  // namespace moldau::broker
