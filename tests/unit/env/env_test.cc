#include "env/env.h"

#include <gtest/gtest.h>

#include <optional>

#include "env/call_on.h"
#include "unit/env/manual_scheduler.h"

namespace moldau::env {
namespace {

// One timer and a clock that the test moves; what a sleep does not use is absent.
class OneTimer final : public Timers {
 public:
  TimerId arm(Instant at, std::move_only_function<void()> what) override {
    when = at;
    fire = std::move(what);
    return TimerId{1};
  }
  void cancel(TimerId /*timer*/) override { fire = nullptr; }
  Instant when;
  std::move_only_function<void()> fire;
};
class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{Duration{100}}; }
  [[nodiscard]] Timestamp wall() const override { return timestamp_of(5); }
};
class NoDisk final : public Disk {
  Task<Result<std::shared_ptr<File>>> open(std::string path, OpenMode) override {
    co_return fail(Errc::not_found, "{}", path);
  }
  Task<Result<void>> rename(std::string, std::string) override { co_return Result<void>{}; }
  Task<Result<void>> remove(std::string) override { co_return Result<void>{}; }
  Task<Result<void>> remove_directory(std::string) override { co_return Result<void>{}; }
  Task<Result<void>> make_directory(std::string) override { co_return Result<void>{}; }
  Task<Result<void>> sync_directory(std::string) override { co_return Result<void>{}; }
  Task<Result<std::vector<DirectoryEntry>>> list(std::string) override {
    co_return std::vector<DirectoryEntry>{};
  }
  Task<Result<bool>> exists(std::string) override { co_return false; }
  Task<Result<DiskSpace>> space_of(std::string) override { co_return DiskSpace{}; }
  Task<Result<std::shared_ptr<void>>> lock(std::string) override {
    co_return std::shared_ptr<void>{};
  }
};
class NoNetwork final : public Network {
  Task<Result<std::unique_ptr<Listener>>> listen(Endpoint) override {
    co_return fail(Errc::bad_configuration);
  }
  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint) override {
    co_return fail(Errc::connection_refused);
  }
};
class CountingEntropy final : public Entropy {
 public:
  std::uint64_t next() override { return ++drawn_; }

 private:
  std::uint64_t drawn_ = 0;
};
// Two shards on one thread: a message waits until the test delivers it.
class TwoShards final : public Mailbox {
 public:
  explicit TwoShards(ShardId self, std::deque<Message>& messages)
      : self_(self), messages_(&messages) {}
  [[nodiscard]] ShardId self() const override { return self_; }
  [[nodiscard]] std::int32_t shard_count() const override { return 2; }
  Task<void> send(ShardId /*to*/, Message message) override {
    messages_->push_back(std::move(message));
    co_return;
  }
  void reply(ShardId /*to*/, Message message) override { messages_->push_back(std::move(message)); }

 private:
  ShardId self_;
  std::deque<Message>* messages_;
};

struct World {
  ManualScheduler scheduler;
  StillClock clock;
  OneTimer timers;
  NoDisk disk;
  NoNetwork network;
  CountingEntropy entropy;
  std::deque<Mailbox::Message> messages;
  TwoShards mailbox;
  Env env{scheduler, clock, timers, disk, network, entropy, mailbox};
  explicit World(ShardId self) : mailbox(self, messages) {}
};

Task<> sleep_then(Env& env, bool& woken) {
  co_await sleep_for(env, Duration{7});
  woken = true;
}

TEST(Sleep, EndsWhenTheTimerFiresAndNotBefore) {
  World world(ShardId{0});
  bool woken = false;
  TaskGroup group(world.scheduler);
  group.spawn(sleep_then(world.env, woken));
  world.scheduler.run();
  EXPECT_FALSE(woken);
  EXPECT_EQ(world.timers.when, Instant{Duration{107}});
  world.timers.fire();
  world.scheduler.run();
  EXPECT_TRUE(woken);
}

Task<int> answer(int value) { co_return value + 1; }
Task<> ask(Env& here, ShardPort& there, int& into) {
  into = co_await call_on<int>(here, there, [] { return answer(41); });
}

TEST(CallOn, AnotherShardAnswersByMailAndTheOwnAtOnce) {
  World here(ShardId{0});
  World there(ShardId{1});
  TaskGroup there_tasks(there.scheduler);
  ShardPort port{there.env, there_tasks};
  TaskGroup group(here.scheduler);
  int result = 0;
  group.spawn(ask(here.env, port, result));
  ASSERT_EQ(here.messages.size(), 1U);
  here.messages.front()();
  ASSERT_EQ(there.messages.size(), 1U);
  EXPECT_EQ(result, 0);
  there.messages.front()();
  here.scheduler.run();
  EXPECT_EQ(result, 42);

  TaskGroup own_tasks(here.scheduler);
  ShardPort own{here.env, own_tasks};
  int direct = 0;
  group.spawn(ask(here.env, own, direct));
  EXPECT_EQ(direct, 42);
}

}  // namespace
}  // namespace moldau::env
