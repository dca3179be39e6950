#include "sim/world.h"

#include "unit/sim/network_vocabulary.h"

namespace moldau::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

env::Task<void> scribble(env::Env& env, int count) {
  for (int i = 0; i < count; ++i) {
    auto file = co_await env.disk.open("f" + std::to_string(i), env::OpenMode::create);
    if (!file) co_return;
    const auto bytes = SharedBytes::take(std::vector<std::byte>(100, std::byte{1}));
    if (!co_await (*file)->write_at(0, {bytes})) co_return;
    if (!co_await (*file)->sync()) co_return;
    co_await env::sleep_for(env, Duration{env.entropy.next() % 1'000'000});
  }
}

struct Outcome {
  std::uint64_t hash;
  std::uint64_t events;
  std::size_t files;
};

Outcome run(std::uint64_t seed) {
  World world(seed);
  Host& host = world.add_host({.name = "a"});
  {
    Boot& boot = host.boot();
    env::TaskGroup tasks(boot.env(0).scheduler);
    tasks.spawn(scribble(boot.env(0), 10));
    world.run_for(milliseconds(8));
    host.cut_power(PowerCut::any(world.rng()));
    EXPECT_TRUE(host.unwind());
  }
  host.bury();
  return {world.hash().value(), world.events(), host.volume().list(".")->size()};
}

TEST(World, TheSameSeedGivesTheSameHashTwice) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Outcome first = run(seed);
    const Outcome second = run(seed);
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.events, second.events);
    EXPECT_EQ(first.files, second.files);
  }
}

TEST(World, AnotherSeedGivesAnotherHash) { EXPECT_NE(run(1).hash, run(2).hash); }

TEST(World, TheHashIsTheSameOnEveryMachine) {
  World world(42);
  for (int i = 0; i < 10; ++i) (void)world.script(milliseconds(i), [] {});
  world.run_for(seconds(1));
  EXPECT_EQ(world.events(), 10U);
  EXPECT_EQ(world.hash().value(), 14254747506915276324U);
}

TEST(World, AHostBootsAgainWithWhatItsVolumeKept) {
  World world(1);
  Host& host = world.add_host({.name = "a"});
  for (int life = 0; life < 3; ++life) {
    Boot& boot = host.boot();
    env::TaskGroup tasks(boot.env(0).scheduler);
    tasks.spawn(scribble(boot.env(0), life + 1));
    EXPECT_TRUE(world.run_until([&] { return tasks.running() == 0; }));
    host.kill();
    EXPECT_TRUE(host.unwind());
    EXPECT_FALSE(host.running());
    EXPECT_EQ(host.volume().list(".")->size(), static_cast<std::size_t>(life) + 1);
    host.bury();
  }
}

env::Task<void> sleep_for_ever(env::Env& env, bool& stop) {
  while (!stop) co_await env::sleep_for(env, seconds(1));
}

TEST(World, AProgramThatDoesNotComeToRestIsReported) {
  World world(1);
  Host& host = world.add_host({.name = "a"});
  Boot& boot = host.boot();
  bool stop = false;
  env::TaskGroup tasks(boot.env(0).scheduler);
  tasks.spawn(sleep_for_ever(boot.env(0), stop));
  host.kill();
  EXPECT_FALSE(host.unwind(1000));
  stop = true;
  EXPECT_TRUE(host.unwind(1000));
}

TEST(World, TheCheckRunsAfterEveryEvent) {
  World world(1);
  int checks = 0;
  world.set_after_event([&] { ++checks; });
  for (int i = 0; i < 5; ++i) (void)world.script(milliseconds(i), [] {});
  world.run_for(seconds(1));
  EXPECT_EQ(checks, 5);
}

TEST(World, RunUntilStopsAtItsEventLimit) {
  World world(1);
  for (int i = 0; i < 5; ++i) (void)world.script(milliseconds(i), [] {});
  EXPECT_FALSE(world.run_until([] { return false; }, 3));
  EXPECT_EQ(world.events(), 3U);
}

}  // namespace
}  // namespace moldau::sim
