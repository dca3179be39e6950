#pragma once
#include <coroutine>
#include <utility>

#include "base/check.h"
#include "env/scheduler.h"

namespace moldau::env {

// Lets one coroutine at a time through, in the order of asking: `const Turn turn = co_await
// turns.next();` holds until `turn` goes. Free: no wait and no allocation.
// Context: one shard. Outlives its turns.
class Turns {
 public:
  explicit Turns(Scheduler& scheduler) : scheduler_(scheduler) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;
  ~Turns() { CHECK(!taken_); }

  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() { give_back(); }
    void give_back() {
      if (turns_ != nullptr) std::exchange(turns_, nullptr)->pass_on();
    }

   private:
    Turns* turns_;
  };

  class Next {
   public:
    explicit Next(Turns& turns) : turns_(turns) {}
    [[nodiscard]] bool await_ready() {
      if (turns_.taken_) return false;
      turns_.taken_ = true;
      return true;
    }
    void await_suspend(std::coroutine_handle<> waiter) {
      waiter_ = waiter;
      (turns_.last_ == nullptr ? turns_.first_ : turns_.last_->behind_) = this;
      turns_.last_ = this;
    }
    [[nodiscard]] Turn await_resume() { return Turn(turns_); }

   private:
    friend class Turns;
    Turns& turns_;
    std::coroutine_handle<> waiter_;
    Next* behind_ = nullptr;
  };
  [[nodiscard]] Next next() { return Next(*this); }

 private:
  void pass_on() {
    if (first_ == nullptr) {
      taken_ = false;
      return;
    }
    Next* next = first_;
    first_ = next->behind_;
    if (first_ == nullptr) last_ = nullptr;
    scheduler_.post(next->waiter_);  // taken_ stays: the turn is handed over
  }

  Scheduler& scheduler_;
  bool taken_ = false;
  Next* first_ = nullptr;
  Next* last_ = nullptr;
};

}  // namespace moldau::env
