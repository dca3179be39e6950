#pragma once
#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace moldau::os {

// Threads for system calls that may block. A thread starts when a job finds none idle, so a process
// that never blocks has none. Its queue is bounded by those who wait: every job has an awaiting
// task. Context: submit() from any thread.
class ThreadPool {
 public:
  using Job = std::move_only_function<void()>;
  ThreadPool(std::int32_t threads_max, std::string name);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { finish(); }

  void submit(Job job);
  // Runs what was submitted and ends the threads. From then on submit() runs its job at once.
  void finish();
  [[nodiscard]] std::size_t threads() const;

 private:
  static void* thread_main(void* pool);
  void start_thread();
  void work();

  std::size_t threads_max_;
  std::string name_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Job> jobs_;
  std::vector<pthread_t> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace moldau::os
