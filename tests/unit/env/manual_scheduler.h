#pragma once
#include <deque>

#include "env/scheduler.h"

namespace moldau::env {

// Runs what was posted when the test says so.
class ManualScheduler final : public Scheduler {
 public:
  void post(std::coroutine_handle<> ready) override { ready_.push_back(ready); }
  void run() {
    while (!ready_.empty()) {
      auto next = ready_.front();
      ready_.pop_front();
      next.resume();
    }
  }

 private:
  std::deque<std::coroutine_handle<>> ready_;
};

}  // namespace moldau::env
