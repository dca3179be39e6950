#include "rpc/connection_gate.h"

#include <utility>

namespace moldau::rpc {

env::Task<Milliseconds> ConnectionGate::arrived(env::Env& here, std::string listener) {
  return env::call_on<Milliseconds>(here, home_, [this, listener = std::move(listener)]() mutable {
    return count_arrival(std::move(listener));
  });
}

env::Task<ConnectionQuotas::Verdict> ConnectionGate::enter(env::Env& here, std::string listener,
                                                           std::string address) {
  return env::call_on<ConnectionQuotas::Verdict>(
      here, home_, [this, listener = std::move(listener), address = std::move(address)]() mutable {
        return decide(std::move(listener), std::move(address));
      });
}

env::Task<void> ConnectionGate::left(env::Env& here, std::string address) {
  (void)co_await env::call_on<bool>(here, home_, [this, address = std::move(address)]() mutable {
    return count_departure(std::move(address));
  });
}

env::Task<Milliseconds> ConnectionGate::count_arrival(std::string listener) {
  co_return quotas_.arrived(listener, home_.env.clock.now());
}

env::Task<ConnectionQuotas::Verdict> ConnectionGate::decide(std::string listener,
                                                            std::string address) {
  co_return quotas_.enter(listener, address);
}

env::Task<bool> ConnectionGate::count_departure(std::string address) {
  quotas_.left(address);
  co_return true;
}

std::string address_of(std::string_view peer) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

}  // namespace moldau::rpc
