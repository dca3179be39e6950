#include "os/termination.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "unit/os/world.h"

namespace moldau::os {
namespace {

env::Task<void> until_asked(Runtime& runtime) { co_await runtime.termination(); }
env::Task<void> raise_then_wait(Runtime& runtime, int signal) {
  ::kill(::getpid(), signal);
  co_await runtime.termination();
}

env::Task<void> raise_twice(Runtime& runtime) {
  co_await raise_then_wait(runtime, SIGTERM);
  ::kill(::getpid(), SIGTERM);
}

TEST(Termination, RequestFromAnotherThreadIsHeard) {
  Runtime runtime;
  const std::jthread asker([&runtime] { runtime.request_stop(); });
  runtime.run([&](env::Env&) { return until_asked(runtime); });
  EXPECT_EQ(runtime.termination_signal(), 0) << "nobody sent one";
}

TEST(Termination, CaughtSignalIsHeard) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Runtime runtime({.catch_signals = true});
    runtime.run([&](env::Env&) { return raise_then_wait(runtime, signal); });
    EXPECT_EQ(runtime.termination_signal(), signal);
  }
}

TEST(TerminationDeathTest, SecondSignalEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Runtime runtime({.shards = 2, .catch_signals = true});
        runtime.run([&](env::Env& env) {
          return env.mailbox.self() == ShardId{0} ? raise_twice(runtime)
                                                  : env::sleep_for(env, std::chrono::seconds{30});
        });
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace moldau::os
