#include "os/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <cstring>

namespace moldau::os {
namespace {

constexpr std::size_t k_v4_at = 12;  // in an IPv6 address

std::vector<Address> addresses_of(const addrinfo* first) {
  std::vector<Address> addresses;
  for (const addrinfo* at = first; at != nullptr; at = at->ai_next) {
    Address address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

struct Asked {
  std::vector<Address> addresses;
  int failed = 0;
};

Asked ask(const env::Endpoint& at, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(at.port);
  Asked asked;
  asked.failed =
      ::getaddrinfo(at.host.empty() ? nullptr : at.host.c_str(), port.c_str(), &hints, &found);
  if (asked.failed == 0) {
    asked.addresses = addresses_of(found);
    ::freeaddrinfo(found);
  }
  return asked;
}

// Both families in one socket; the binding falls back to IPv4 where the machine has no IPv6.
std::vector<Address> every_address(std::uint16_t port) {
  Address six;
  auto& v6 = reinterpret_cast<sockaddr_in6&>(six.storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_any;
  v6.sin6_port = htons(port);
  six.size = sizeof v6;
  Address four;
  auto& v4 = reinterpret_cast<sockaddr_in&>(four.storage);
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_ANY);
  v4.sin_port = htons(port);
  four.size = sizeof v4;
  return {six, four};
}

// IPv4 as it shows on an IPv6 socket.
in6_addr host_of(const Address& address) {
  if (address.family() == AF_INET6) {
    return reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr;
  }
  in6_addr mapped{};
  mapped.s6_addr[k_v4_at - 1] = mapped.s6_addr[k_v4_at - 2] = 0xff;
  std::memcpy(&mapped.s6_addr[k_v4_at],
              &reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr, sizeof(in_addr));
  return mapped;
}

}  // namespace

std::uint16_t Address::port() const {
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
  return ntohs(family() == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

std::string Address::text() const {
  const in6_addr host = host_of(*this);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&host)) {
    ::inet_ntop(AF_INET, &host.s6_addr[k_v4_at], text.data(), text.size());
    return fmt::format("{}:{}", text.data(), port());
  }
  ::inet_ntop(AF_INET6, &host, text.data(), text.size());
  return fmt::format("[{}]:{}", text.data(), port());
}

bool Address::is_loopback() const {
  const in6_addr host = host_of(*this);
  constexpr std::uint8_t k_loopback_net = 127;
  return IN6_IS_ADDR_LOOPBACK(&host) ||
         (IN6_IS_ADDR_V4MAPPED(&host) && host.s6_addr[k_v4_at] == k_loopback_net);
}

bool Address::same_host(const Address& other) const {
  const in6_addr mine = host_of(*this);
  const in6_addr theirs = host_of(other);
  return IN6_ARE_ADDR_EQUAL(&mine, &theirs);
}

std::vector<Address> numeric_addresses(const env::Endpoint& at, bool passive) {
  if (at.host.empty() && passive) return every_address(at.port);
  return ask(at, AI_NUMERICHOST).addresses;
}

Result<std::vector<Address>> resolve(const env::Endpoint& at) {
  Asked asked = ask(at, 0);
  if (asked.failed != 0 || asked.addresses.empty()) {
    return fail(Errc::bad_configuration, "{}: the host has no address: {}", at.host,
                ::gai_strerror(asked.failed));
  }
  std::vector<Address> sorted;
  for (const bool four : {true, false}) {
    for (const Address& address : asked.addresses) {
      if ((address.family() == AF_INET) == four) sorted.push_back(address);
    }
  }
  return sorted;
}

}  // namespace moldau::os
