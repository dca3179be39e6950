#pragma once
#include <coroutine>
#include <utility>
#include <vector>

#include "env/scheduler.h"

namespace moldau::env {

// A bell for several waiters: each ring wakes all who wait then. It remembers nothing: look at what
// you wait for, then await it with nothing in between, then look again.
// Context: one shard. Outlives its waiters.
class Broadcast {
 public:
  explicit Broadcast(Scheduler& scheduler) : scheduler_(&scheduler) {}
  Broadcast(const Broadcast&) = delete;
  Broadcast& operator=(const Broadcast&) = delete;
  void ring() {
    for (const std::coroutine_handle<> waiter : std::exchange(waiters_, {})) {
      scheduler_->post(waiter);
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { waiters_.push_back(waiter); }
  void await_resume() const noexcept {}

 private:
  Scheduler* scheduler_;
  std::vector<std::coroutine_handle<>> waiters_;
};

}  // namespace moldau::env
