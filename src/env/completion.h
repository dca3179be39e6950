#pragma once
#include <coroutine>
#include <optional>
#include <utility>

#include "base/check.h"
#include "env/scheduler.h"

namespace moldau::env {

// A value that comes later: one side completes it, one coroutine awaits it. The waiter is posted
// to the scheduler, never run inside complete(). Lives as long as both sides need it; the waiter
// may be destroyed only after it has run.
// Context: one shard.
template <class T>
class Completion {
 public:
  explicit Completion(Scheduler& scheduler) : scheduler_(&scheduler) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  [[nodiscard]] bool completed() const { return value_.has_value(); }
  // The first value counts; later ones are dropped, so that a timer and an answer may race.
  void complete(T value) {
    if (value_) return;
    value_.emplace(std::move(value));
    if (waiter_) scheduler_->post(std::exchange(waiter_, nullptr));
  }

  // co_await completion: the value, moved out. Await it once.
  [[nodiscard]] bool await_ready() const noexcept { return value_.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    CHECK(!waiter_);
    waiter_ = waiter;
  }
  [[nodiscard]] T await_resume() { return *std::move(value_); }

 private:
  Scheduler* scheduler_;
  std::optional<T> value_;
  std::coroutine_handle<> waiter_;
};

// A bell that may ring many times: wait() completes at the next ring, or at once when it has rung
// since the last wait. Rings do not count up.
class Signal {
 public:
  explicit Signal(Scheduler& scheduler) : scheduler_(&scheduler) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  void ring() {
    rung_ = true;
    if (waiter_) scheduler_->post(std::exchange(waiter_, nullptr));
  }
  [[nodiscard]] bool await_ready() const noexcept { return rung_; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    CHECK(!waiter_);
    waiter_ = waiter;
  }
  void await_resume() { rung_ = false; }

 private:
  Scheduler* scheduler_;
  std::coroutine_handle<> waiter_;
  bool rung_ = false;
};

}  // namespace moldau::env
