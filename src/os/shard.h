#pragma once
#include <atomic>
#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "env/clock.h"
#include "env/scheduler.h"
#include "env/task.h"
#include "os/inbox.h"
#include "os/poller.h"
#include "os/process_memory.h"
#include "os/thread_pool.h"
#include "os/timer_heap.h"

namespace moldau::os {

[[nodiscard]] Instant monotonic_now();
[[nodiscard]] Timestamp wall_now();

// One core's loop: run what is ready, fire what is due, take in what other threads brought, wait
// for descriptors; again. The clock is read once a turn. Context: made anywhere, then everything
// but inbox().push() belongs to the thread in run().
class Shard final : public env::Scheduler, public env::Clock {
 public:
  Shard(ShardId id, std::int32_t shard_count);

  [[nodiscard]] ShardId id() const { return id_; }
  void post(std::coroutine_handle<> ready) override { ready_.push_back(ready); }
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Timestamp wall() const override { return wall_; }
  [[nodiscard]] TimerHeap& timers() { return timers_; }
  [[nodiscard]] Poller& poller() { return poller_; }
  [[nodiscard]] Inbox& inbox() { return inbox_; }

  // The shard whose loop this thread runs; nullptr on other threads.
  [[nodiscard]] static Shard* current();
  // Makes it current() for this thread, for what is called before the loop turns.
  void enter();

  // Turns the loop until `stop` is seen; wake it (inbox().wake()) after setting it.
  void run(const std::atomic<bool>& stop);

 private:
  void turn();
  void run_ready();
  [[nodiscard]] Milliseconds time_to_sleep() const;
  void read_clock();

  ShardId id_;
  Instant now_;
  Timestamp wall_;
  std::vector<std::coroutine_handle<>> ready_;
  std::vector<std::coroutine_handle<>> running_;
  TimerHeap timers_;
  Poller poller_;
  Inbox inbox_;
  QuietWatch quiet_;
};

// Runs `job` on the pool and goes on with its result on `shard`. What `job` touches must live until
// then; it is not cancelled.
template <class Job, class T = std::invoke_result_t<Job&>>
[[nodiscard]] env::Task<T> on_pool(Shard& shard, ThreadPool& pool, Job job) {
  struct Wait {
    Shard& shard;
    ThreadPool& pool;
    Job& job;
    std::optional<T> result;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      pool.submit([this, waiter] {
        result.emplace(job());
        shard.inbox().push([waiter] { waiter.resume(); });
      });
    }
    [[nodiscard]] T await_resume() { return *std::move(result); }
  };
  co_return co_await Wait{shard, pool, job, std::nullopt};
}

}  // namespace moldau::os
