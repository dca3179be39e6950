#include "os/poller.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "base/check.h"

namespace moldau::os {
namespace {

constexpr int k_events_per_round = 256;
constexpr unsigned k_generation_shift = 32;

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) { CHECK(epoll_.open()); }

Poller::Token Poller::add(int fd, Pollable& pollable) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.pollable = &pollable;
  ++slot.generation;
  const Token token((std::uint64_t{slot.generation} << k_generation_shift) | index);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = token.value();
  CHECK_OP(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), ==, 0);
  return token;
}

void Poller::remove(Token token, int fd) {
  const auto index = static_cast<std::uint32_t>(token.value());
  CHECK_OP(slots_[index].generation, ==,
           static_cast<std::uint32_t>(token.value() >> k_generation_shift));
  CHECK(slots_[index].pollable != nullptr);
  slots_[index].pollable = nullptr;
  free_.push_back(index);
  CHECK_OP(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr), ==, 0);
}

int Poller::poll(Milliseconds timeout) {
  std::array<epoll_event, k_events_per_round> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), k_events_per_round,
                                 static_cast<int>(timeout.count()));
  if (count < 0) {
    CHECK_OP(errno, ==, EINTR);
    return 0;
  }
  for (int i = 0; i < count; ++i) {
    const std::uint64_t token = events[static_cast<std::size_t>(i)].data.u64;
    const std::uint32_t bits = events[static_cast<std::size_t>(i)].events;
    const Slot slot = slots_[static_cast<std::uint32_t>(token)];
    const auto generation = static_cast<std::uint32_t>(token >> k_generation_shift);
    if (slot.pollable == nullptr || slot.generation != generation) continue;
    const bool ended = (bits & (EPOLLHUP | EPOLLERR)) != 0;
    slot.pollable->on_ready({.readable = ended || (bits & (EPOLLIN | EPOLLRDHUP)) != 0,
                             .writable = ended || (bits & EPOLLOUT) != 0,
                             .peer_closed = ended || (bits & EPOLLRDHUP) != 0});
  }
  return count;
}

}  // namespace moldau::os
