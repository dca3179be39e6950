#pragma once
#include <cstddef>
#include <utility>

#include "env/completion.h"
#include "env/task.h"

namespace moldau::env {

// Owns running tasks. spawn() lets one run beside its spawner; join() waits until all have ended.
// What was spawned ends before what it borrows: whoever owns the group joins it before it goes,
// and a group destroyed with tasks inside is a CHECK.
// Context: one shard.
class TaskGroup {
 public:
  explicit TaskGroup(Scheduler& scheduler) : all_done_(scheduler) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup() { CHECK_OP(running_, ==, 0U); }

  void spawn(Task<void> task) {
    if (task.done()) return;
    ++running_;
    watch(std::move(task));
  }
  [[nodiscard]] std::size_t running() const { return running_; }
  // May be awaited again after further spawns.
  [[nodiscard]] Task<void> join() {
    while (running_ > 0) co_await all_done_;
  }

 private:
  // A frame that owns itself: it destroys the task when that has ended.
  struct Detached {
    struct promise_type {
      [[nodiscard]] Detached get_return_object() const noexcept { return {}; }
      [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
      [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      [[noreturn]] void unhandled_exception() const noexcept {
        check_failed(__FILE__, __LINE__, "an exception left a coroutine", {});
      }
    };
  };
  Detached watch(Task<void> task) {
    co_await task;
    if (--running_ == 0) all_done_.ring();
  }

  std::size_t running_ = 0;
  Signal all_done_;
};

}  // namespace moldau::env
