#include "os/runtime.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "os/acceptor.h"
#include "os/disk.h"
#include "os/entropy.h"
#include "os/mailbox.h"
#include "os/network.h"
#include "os/process_memory.h"
#include "os/shard.h"
#include "os/termination.h"
#include "os/thread_pool.h"

namespace moldau::os {
namespace {

constexpr std::size_t k_shard_stack_size = std::size_t{1} << 20U;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  // Refused in some containers: then what is there has to do.
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<std::unique_ptr<Shard>> make_shards(std::int32_t count) {
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::int32_t i = 0; i < count; ++i) {
    shards.push_back(std::make_unique<Shard>(ShardId{i}, count));
  }
  return shards;
}

std::vector<Shard*> pointers_of(const std::vector<std::unique_ptr<Shard>>& shards) {
  std::vector<Shard*> pointers;
  for (const auto& shard : shards) pointers.push_back(shard.get());
  return pointers;
}

// The env of one shard with all that it refers to.
struct World {
  World(Shard& its_shard, const std::vector<Shard*>& shards, ThreadPool& readers,
        ThreadPool& flushers, Acceptors& acceptors)
      : shard(its_shard),
        disk({its_shard, readers, flushers}),
        network(its_shard, readers, acceptors),
        mailbox(its_shard, shards) {}
  Shard& shard;
  PosixDisk disk;
  PosixNetwork network;
  SystemEntropy entropy;
  ShardMailbox mailbox;
  env::Env env{shard, shard, shard.timers(), disk, network, entropy, mailbox};
};

}  // namespace

struct Runtime::Parts {
  explicit Parts(const RuntimeSettings& settings)
      : readers(settings.reader_threads, "reader"),
        flushers(settings.flusher_threads, "flusher"),
        shards(make_shards(settings.shards)),
        termination(*shards.front(), settings.catch_signals) {
    const std::vector<Shard*> pointers = pointers_of(shards);
    for (Shard* shard : pointers) {
      worlds.push_back(std::make_unique<World>(*shard, pointers, readers, flushers, acceptors));
    }
  }

  // What the pools still do may leave messages to the shards, and these may hold files.
  ~Parts() {
    flushers.finish();
    readers.finish();
  }

  struct ShardThread {
    Parts* parts;
    World* world;
    std::function<env::Task<void>(env::Env&)>* shard_main;
  };
  static void* thread_main(void* start) {
    const auto* thread = static_cast<const ShardThread*>(start);
    thread->parts->run_shard(*thread->world, *thread->shard_main);
    return nullptr;
  }
  env::Task<void> watch(env::Task<void> main) {
    co_await main;
    if (--running > 0) co_return;
    stop = true;
    for (const auto& shard : shards) shard->inbox().wake();
  }
  void run_shard(World& world, const std::function<env::Task<void>(env::Env&)>& shard_main) {
    world.shard.enter();
    const env::Task<void> main = watch(shard_main(world.env));
    world.shard.run(stop);
    CHECK(main.done());
  }

  ThreadPool readers;
  ThreadPool flushers;
  std::vector<std::unique_ptr<Shard>> shards;
  Termination termination;
  Acceptors acceptors;
  std::vector<std::unique_ptr<World>> worlds;
  std::atomic<std::int32_t> running = 0;
  std::atomic<bool> stop = false;
};

std::int32_t core_count() {
  return std::max<std::int32_t>(1, static_cast<std::int32_t>(std::thread::hardware_concurrency()));
}

Runtime::Runtime(RuntimeSettings settings) {
  CHECK_OP(settings.shards, >=, 0);
  if (settings.shards == 0) settings.shards = core_count();
  tune_malloc(settings.shards);
  raise_descriptor_limit();
  // sendfile has no flag against it.
  ::signal(SIGPIPE, SIG_IGN);
  parts_ = std::make_unique<Parts>(settings);
}

Runtime::~Runtime() = default;

std::int32_t Runtime::shard_count() const {
  return static_cast<std::int32_t>(parts_->shards.size());
}

env::Env& Runtime::env(ShardId shard) {
  return parts_->worlds[static_cast<std::size_t>(shard.value())]->env;
}

void Runtime::run(std::function<env::Task<void>(env::Env&)> shard_main) {
  Parts& parts = *parts_;
  parts.running = shard_count();
  parts.stop = false;
  std::vector<Parts::ShardThread> starts;
  for (const auto& world : parts.worlds) starts.push_back({&parts, world.get(), &shard_main});
  std::vector<pthread_t> threads(starts.size() - 1);
  pthread_attr_t attributes;
  CHECK_OP(::pthread_attr_init(&attributes), ==, 0);
  CHECK_OP(::pthread_attr_setstacksize(&attributes, k_shard_stack_size), ==, 0);
  for (std::size_t i = 0; i < threads.size(); ++i) {
    CHECK_OP(::pthread_create(&threads[i], &attributes, &Parts::thread_main, &starts[i + 1]), ==,
             0);
    ::pthread_setname_np(threads[i], "shard");
  }
  ::pthread_attr_destroy(&attributes);
  parts.run_shard(*parts.worlds.front(), shard_main);
  for (const pthread_t thread : threads) CHECK_OP(::pthread_join(thread, nullptr), ==, 0);
}

env::Task<void> Runtime::termination() { return parts_->termination.requested(); }

int Runtime::termination_signal() const { return parts_->termination.signal(); }

void Runtime::request_stop() { parts_->termination.request(); }

}  // namespace moldau::os
