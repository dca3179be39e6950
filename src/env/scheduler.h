#pragma once
#include <coroutine>

namespace moldau::env {

// The ready queue of one shard. Whoever completes a wait posts the waiter; it runs later, from the
// shard's loop, first in first out. So completing never runs foreign code in the middle of a step.
// Context: only the shard that owns it.
class Scheduler {
 public:
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() = default;
  virtual void post(std::coroutine_handle<> ready) = 0;
};

}  // namespace moldau::env
