#include "broker/waiters.h"

namespace moldau::broker {

replica::WaiterId Waiters::add(Waiter& waiter) {
  const replica::WaiterId id = next_;
  next_ = next_.next();
  waiting_.emplace(id, &waiter);
  return id;
}

void Waiters::tell(replica::WaiterId id, Errc error) {
  const auto at = waiting_.find(id);
  if (at == waiting_.end()) return;
  Waiter* const waiter = at->second;
  waiting_.erase(at);
  waiter->released(id, error);
}

void Waiters::release(const replica::Outputs& out) {
  for (const replica::Released& released : out.acknowledged) tell(released.waiter, released.error);
  for (const replica::WaiterId id : out.readable) tell(id, Errc::none);
}

}  // namespace moldau::broker
