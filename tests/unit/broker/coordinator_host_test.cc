#include "broker/coordinator_host.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

// Keeps texts: an ask appends one and is answered with how many there are; the text "later" is
// answered by the next tick, and "bad" cannot be replayed.
class TextMachine {
 public:
  using Step = coordinator::Step<std::size_t>;
  Result<void> replay(Offset /*offset*/, const coordinator::Record& record,
                      const std::optional<coordinator::Producer>& /*producer*/) {
    std::string text{as_text(Bytes{record.key})};
    if (text == "bad") return fail(Errc::corrupt_data, "a bad text");
    texts.push_back(std::move(text));
    return {};
  }
  void replay_end_transaction(const coordinator::Producer& /*producer*/, bool /*committed*/) {}
  void loaded(coordinator::Now /*now*/, Step& /*out*/) { told += "loaded "; }
  [[nodiscard]] std::optional<Instant> next_deadline() const { return deadline; }
  void tick(coordinator::Now /*now*/, Step& out) {
    deadline.reset();
    out.answer(*late, texts.size());
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
  }
  std::vector<std::string> texts;
  std::string told;
  std::optional<Instant> deadline;
  std::optional<coordinator::AskId> late;
};

using Host = CoordinatorHost<TextMachine, std::size_t>;

class CoordinatorHostTest : public testing::Test {
 protected:
  CoordinatorHostTest() { broker.add_topic("c"); }
  ~CoordinatorHostTest() override { end(); }
  void start() {
    host.emplace(
        broker.shard(0).env, broker.partition("c"), Host::Settings{},
        [this] {
          auto made = std::make_unique<TextMachine>();
          machine = made.get();
          return made;
        },
        [](TextMachine& it, coordinator::Now, TextMachine::Step&) { it.told += "first "; },
        telemetry::Logger(broker.sink, "test"));
  }
  void wait_until_loaded() {
    ASSERT_TRUE(broker.world.run_until([this] { return host->active(); }));
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

  BrokerWorld broker;
  TextMachine* machine = nullptr;
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

TEST_F(CoordinatorHostTest, RecordThatCannotBeReplayedKeepsItFromLoading) {
  start();
  wait_until_loaded();
  EXPECT_EQ(add("bad").error().code(), Errc::coordinator_not_available);
  broker.world.run_for(Milliseconds{100});
  EXPECT_FALSE(host->active());
  EXPECT_EQ(add("a").error().code(), Errc::coordinator_load_in_progress);
  EXPECT_TRUE(std::ranges::any_of(broker.sink.lines(), [](const std::string& line) {
    return line.find("c-0 cannot be loaded") != std::string::npos;
  }));
}

}  // namespace
}  // namespace moldau::broker
