#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "env/network.h"

namespace moldau::os {

// One address of the system, IPv4 or IPv6.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] std::uint16_t port() const;
  // "127.0.0.1:9092", "[::1]:9092". An IPv4 peer of an IPv6 socket shows as IPv4.
  [[nodiscard]] std::string text() const;
  // 127.0.0.0/8 and ::1.
  [[nodiscard]] bool is_loopback() const;
  // Whatever the ports.
  [[nodiscard]] bool same_host(const Address& other) const;
};

// The address when `host` is one already; "" is every address of this machine, for `passive` ends.
[[nodiscard]] std::vector<Address> numeric_addresses(const env::Endpoint& at, bool passive);
// Asks the resolver, and so may wait: on a pool thread. IPv4 first, as Java does by default, and
// else in the resolver's order.
// Errors: bad_configuration, naming the host and the resolver's text.
[[nodiscard]] Result<std::vector<Address>> resolve(const env::Endpoint& at);

}  // namespace moldau::os
