#pragma once
#include "client/backoff.h"
#include "client/cluster.h"
#include "client/group_offsets.h"
#include "env/task.h"

namespace moldau::client {

// How often an administrator's request is made: until it is answered for good, or the API timeout
// is over. Context: of one call; the cluster outlives it.
class Tries {
 public:
  explicit Tries(Cluster& cluster)
      : cluster_(cluster), deadline_(cluster.env().clock.now() + cluster.settings().api_timeout) {}
  // Waits before the next try; false when the time is over or it would not help.
  [[nodiscard]] env::Task<bool> again(Errc code) {
    env::Env& env = cluster_.env();
    ++count_;
    if (!may_pass(code) || env.clock.now() >= deadline_) co_return false;
    co_await env::sleep_for(env, backoff_.next(cluster_.settings().retry_backoff));
    co_return true;
  }
  // What Kafka's admin client says when no try went well.
  [[nodiscard]] Error timed_out(std::string_view call) const {
    const Timestamp now = cluster_.env().clock.wall();
    const Milliseconds passed =
        std::chrono::duration_cast<Milliseconds>(cluster_.env().clock.now() - deadline_);
    return Error(
        Errc::request_timed_out,
        fmt::format("Call(callName={}, deadlineMs={}, tries={}, nextAllowedTryMs={}) timed "
                    "out at {} after {} attempt(s)",
                    call, to_millis(now - passed), count_, to_millis(now), to_millis(now), count_));
  }

 private:
  Cluster& cluster_;
  Instant deadline_;
  Backoff backoff_;
  int count_ = 0;
};

}  // namespace moldau::client
