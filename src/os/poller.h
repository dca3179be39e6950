#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "os/descriptor.h"

namespace moldau::os {

struct Readiness {
  bool readable;
  bool writable;
  bool peer_closed;  // its half, or all of it: reading will come to the end or to an error
};

// Hears when its descriptor becomes ready.
class Pollable {
 public:
  Pollable() = default;
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;
  virtual ~Pollable() = default;
  virtual void on_ready(Readiness ready) = 0;
};

// Edge-triggered epoll: each change is told once, so whoever is told goes on until the system says
// "not now". Removing during a round of events is safe: the stale event finds nobody.
// Context: one shard.
class Poller {
 public:
  using Token = Id<struct PollTokenTag, std::uint64_t>;
  Poller();
  // `pollable` stays until remove().
  [[nodiscard]] Token add(int fd, Pollable& pollable);
  // Before the descriptor is closed.
  void remove(Token token, int fd);
  // Waits at most `timeout` (negative: without end), then tells everybody. Returns how many.
  int poll(Milliseconds timeout);

 private:
  struct Slot {
    Pollable* pollable = nullptr;
    std::uint32_t generation = 0;
  };
  Descriptor epoll_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace moldau::os
