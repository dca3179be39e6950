#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "base/errc.h"
#include "base/time.h"
#include "broker/partition.h"
#include "env/completion.h"
#include "env/env.h"

namespace moldau::broker {

// Waits until several appends of one request are acknowledged, or until their time is over.
// Context: one shard; lives in the frame of the request's coroutine.
class AckWait final : public Waiter {
 public:
  explicit AckWait(env::Env& env) : env_(env), done_(env.scheduler) {}

  // What `partition` says of the records that `appended` tells of, now, or when wait() has
  // completed. Under another leader epoch nobody vouches for them: not_leader_or_follower.
  // REQUIRES: they were appended: its end_offset is one.
  void add(std::shared_ptr<Partition> partition, replica::Acks acks, const AppendAnswer& appended,
           Errc& result);
  [[nodiscard]] bool pending() const { return left_ > 0; }
  // Completes when each has its result; after `timeout` those that have none get request_timed_out.
  [[nodiscard]] env::Task<void> wait(Milliseconds timeout);

  void released(replica::WaiterId id, Errc error) override;

 private:
  struct Entry {
    std::shared_ptr<Partition> partition;
    replica::WaiterId id;
    Errc* result;
    bool over = false;
  };
  env::Env& env_;
  env::Signal done_;
  std::vector<Entry> entries_;
  std::size_t left_ = 0;
};

}  // namespace moldau::broker
