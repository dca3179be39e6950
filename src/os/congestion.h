#pragma once
#include <string>

#include "os/address.h"

// TCP's congestion control of connections whose both ends are on this machine. Linux's BBR gives
// each segment a time to leave and arms a timer for it; over the loopback nothing is to be spared,
// and the timers cost several times what the sending does (docs/decisions/0013). Such connections
// have Reno, which every Linux has; all others keep what the system is set to.
// Context: any thread; calls on descriptors, which stay the caller's.
namespace moldau::os {

// For a socket that is about to connect to `peer`.
void choose_congestion_control(int socket, const Address& peer);

// For the connections that a listening socket accepts: they begin with what it has, so it gets the
// one for local peers. (A connection that began with BBR stays paced whatever it is given later.)
class AcceptedCongestionControl {
 public:
  explicit AcceptedCongestionControl(int listening);
  void apply(int accepted, const Address& peer) const;

 private:
  std::string system_;  // empty: it does not pace, and nothing was changed
};

}  // namespace moldau::os
