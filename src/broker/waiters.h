#pragma once
#include <absl/container/flat_hash_map.h>

#include <cstddef>

#include "base/errc.h"
#include "replica/leader.h"

namespace moldau::broker {

// Somebody whom replica::Leader lets wait. Told once, on the partition's shard; it must not touch
// the partition inside the call (it completes a Completion, rings a Signal, or posts a message).
class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter() = default;
  // `error` is none unless the wait was for an acknowledgement that failed.
  virtual void released(replica::WaiterId id, Errc error) = 0;
};

// Who is behind the waiter ids of one shard's partitions.
// Invariant: an id that was released or removed is never told again.
// Context:   one shard. A waiter removes its ids before it goes.
class Waiters {
 public:
  [[nodiscard]] replica::WaiterId add(Waiter& waiter);
  void remove(replica::WaiterId id) { waiting_.erase(id); }
  // Tells everybody that a step of a machine released, acknowledgements first.
  void release(const replica::Outputs& out);
  [[nodiscard]] std::size_t count() const { return waiting_.size(); }

 private:
  void tell(replica::WaiterId id, Errc error);
  absl::flat_hash_map<replica::WaiterId, Waiter*> waiting_;
  replica::WaiterId next_{1};
};

}  // namespace moldau::broker
