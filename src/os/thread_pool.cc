#include "os/thread_pool.h"

#include <utility>

#include "base/check.h"

namespace moldau::os {
namespace {

// Enough for getaddrinfo and for us; the default of 8 MB is only address space, but a thousand
// faults of a deep stack would stay resident.
constexpr std::size_t k_stack_size = std::size_t{512} << 10U;

}  // namespace

ThreadPool::ThreadPool(std::int32_t threads_max, std::string name)
    : threads_max_(static_cast<std::size_t>(threads_max)), name_(std::move(name)) {
  CHECK_OP(threads_max, >, 0);
}

void ThreadPool::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wanted_.notify_all();
  for (const pthread_t thread : std::exchange(threads_, {})) {
    CHECK_OP(::pthread_join(thread, nullptr), ==, 0);
  }
}

void ThreadPool::submit(Job job) {
  {
    std::unique_lock lock(mutex_);
    if (ending_) {
      lock.unlock();
      return job();
    }
    jobs_.push_back(std::move(job));
    if (jobs_.size() > idle_ && threads_.size() < threads_max_) start_thread();
  }
  wanted_.notify_one();
}

std::size_t ThreadPool::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

void ThreadPool::start_thread() {
  pthread_attr_t attributes;
  CHECK_OP(::pthread_attr_init(&attributes), ==, 0);
  CHECK_OP(::pthread_attr_setstacksize(&attributes, k_stack_size), ==, 0);
  pthread_t thread{};
  const int failed = ::pthread_create(&thread, &attributes, &ThreadPool::thread_main, this);
  ::pthread_attr_destroy(&attributes);
  // With one thread the pool works, only slower; without any it would wait for ever.
  if (failed != 0) {
    CHECK(!threads_.empty());
    return;
  }
  ::pthread_setname_np(thread, name_.c_str());
  threads_.push_back(thread);
}

void* ThreadPool::thread_main(void* pool) {
  static_cast<ThreadPool*>(pool)->work();
  return nullptr;
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wanted_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace moldau::os
