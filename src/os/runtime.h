#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "base/ids.h"
#include "base/result.h"
#include "env/env.h"
#include "env/task.h"
#include "telemetry/log.h"

namespace moldau::os {

struct RuntimeSettings {
  std::int32_t shards = 1;           // threads, each with a loop; 0: one per core
  std::int32_t reader_threads = 4;   // for file calls that could block; started when needed
  std::int32_t flusher_threads = 4;  // for fdatasync; started when needed
  bool catch_signals = false;        // SIGTERM and SIGINT end termination() instead of the process
};

// Wall and monotonic time of the system, for what runs beside the shards (the log's sink).
[[nodiscard]] Timestamp wall_now();
[[nodiscard]] Instant monotonic_now();
[[nodiscard]] std::int32_t core_count();

// The real world: N shards, each an epoll loop in a thread of its own with an env::Env. Shard 0 is
// the thread that calls run(), so that a tool with one shard starts no thread at all.
// A process has one Runtime at a time: it ignores SIGPIPE, raises the limit of open descriptors to
// what is allowed, and sets malloc to give memory back.
//
//   Runtime runtime(settings);
//   ... make what lives on the shards with runtime.env(shard) (ports, task groups) ...
//   runtime.run([&](env::Env& env) { return node.run(env); });   // once per shard, on its thread
//
// Context: constructed, run and destroyed by one thread. What was made with env(shard) before run()
// belongs to that shard from then on, until run() returns.
class Runtime {
 public:
  explicit Runtime(RuntimeSettings settings = {});
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  [[nodiscard]] std::int32_t shard_count() const;
  [[nodiscard]] env::Env& env(ShardId shard);

  // Starts `shard_main(env)` on every shard and runs the loops until all of these tasks have ended;
  // a shard whose task has ended still answers the others until then. A shard_main that is a lambda
  // calls a named coroutine and returns its task.
  void run(std::function<env::Task<void>(env::Env&)> shard_main);

  // Completes when the process is asked to end: SIGTERM or SIGINT (with catch_signals), or
  // request_stop(). A second signal ends the process at once. At most one waiter; on shard 0.
  [[nodiscard]] env::Task<void> termination();
  // Which signal ended it; 0: none did.
  [[nodiscard]] int termination_signal() const;
  // From any thread.
  void request_stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace moldau::os
