#pragma once
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace moldau::env {

template <class T>
class Task;

namespace detail {

// At the end of a task its awaiter goes on at once, on the same stack (symmetric transfer).
struct FinalAwaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
    auto next = self.promise().awaiter;
    return next ? next : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> awaiter;
  // Eager: calling a task is running it, up to its first real wait.
  [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  // No exception crosses a module border; one that gets here is a broken invariant.
  [[noreturn]] void unhandled_exception() const noexcept {
    check_failed(__FILE__, __LINE__, "an exception left a coroutine", {});
  }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
};

}  // namespace detail

// A coroutine that runs at once and is awaited once. Await it, or give it to a TaskGroup: nothing
// is detached, and a Task dropped unfinished is a CHECK.
// Parameters of a coroutine are values, or T& to what outlives its group; never a view or a
// reference to a temporary. After a co_await all outside the frame may have changed.
// Context: runs and is awaited on one shard.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    drop();
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  ~Task() { drop(); }

  [[nodiscard]] bool done() const { return handle_.done(); }
  // What it returned. REQUIRES: done(), and not taken or awaited before.
  [[nodiscard]] T take_result() {
    CHECK(done());
    if constexpr (!std::is_void_v<T>) return *std::move(handle_.promise().value);
  }

  [[nodiscard]] bool await_ready() const noexcept { return handle_.done(); }
  void await_suspend(std::coroutine_handle<> awaiter) noexcept {
    handle_.promise().awaiter = awaiter;
  }
  [[nodiscard]] T await_resume() {
    if constexpr (!std::is_void_v<T>) return *std::move(handle_.promise().value);
  }

 private:
  void drop() {
    if (!handle_) return;
    CHECK(handle_.done());
    std::exchange(handle_, nullptr).destroy();
  }
  Handle handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace moldau::env
