#include "os/congestion.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <string_view>
#include <utility>

namespace moldau::os {
namespace {

constexpr std::string_view k_unpaced = "reno";
constexpr std::size_t k_name_max = 16;  // TCP_CA_NAME_MAX of Linux

// Empty when the system does not say.
std::string control_of(int socket) {
  std::array<char, k_name_max> name{};
  socklen_t size = name.size() - 1;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return {};
  return name.data();
}

// Where the system refuses, the connection works as it would have.
void set_control(int socket, std::string_view name) {
  ::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(),
               static_cast<socklen_t>(name.size()));
}

bool paces(std::string_view control) { return control.starts_with("bbr"); }

bool stays_on_machine(int connected, const Address& peer) {
  if (peer.is_loopback()) return true;
  Address own;
  own.size = sizeof own.storage;
  return ::getsockname(connected, own.get(), &own.size) == 0 && own.same_host(peer);
}

}  // namespace

void choose_congestion_control(int socket, const Address& peer) {
  if (peer.is_loopback() && paces(control_of(socket))) set_control(socket, k_unpaced);
}

AcceptedCongestionControl::AcceptedCongestionControl(int listening) {
  std::string system = control_of(listening);
  if (!paces(system)) return;
  set_control(listening, k_unpaced);
  system_ = std::move(system);
}

void AcceptedCongestionControl::apply(int accepted, const Address& peer) const {
  if (system_.empty() || stays_on_machine(accepted, peer)) return;
  set_control(accepted, system_);
}

}  // namespace moldau::os
