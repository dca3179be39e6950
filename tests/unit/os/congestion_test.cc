#include "os/congestion.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <array>

#include "os/descriptor.h"

// On a machine whose default does not pace, nothing may change; the same lines say so.
namespace moldau::os {
namespace {

std::string control_of(const Descriptor& socket) {
  std::array<char, 16> name{};
  socklen_t size = name.size() - 1;
  CHECK(::getsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) == 0);
  return name.data();
}

Descriptor new_socket() { return Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

Address number(const std::string& host) { return numeric_addresses({host, 9092}, false).at(0); }

struct AcceptedCongestionControlTest : testing::Test {
  AcceptedCongestionControlTest() {
    Address local = numeric_addresses({"127.0.0.1", 0}, true).at(0);
    CHECK(::bind(listening.get(), local.get(), local.size) == 0);
    CHECK(::listen(listening.get(), 1) == 0);
    CHECK(::getsockname(listening.get(), local.get(), &local.size) == 0);
    control.emplace(listening.get());
    CHECK(::connect(near.get(), local.get(), local.size) == 0);
    far = Descriptor(::accept(listening.get(), nullptr, nullptr));
  }
  std::string local_control() const { return system.starts_with("bbr") ? "reno" : system; }

  Descriptor listening = new_socket();
  std::string system = control_of(listening);
  Descriptor near = new_socket();
  Descriptor far;
  std::optional<AcceptedCongestionControl> control;
};

TEST_F(AcceptedCongestionControlTest, LocalPeersAreNotPaced) {
  control->apply(far.get(), number("127.0.0.1"));
  EXPECT_EQ(control_of(far), local_control());
}

TEST_F(AcceptedCongestionControlTest, AllOthersHaveWhatTheSystemIsSetTo) {
  control->apply(far.get(), number("192.0.2.1"));
  EXPECT_EQ(control_of(far), system);
}

TEST(CongestionControl, OfASocketThatConnects) {
  const Descriptor socket = new_socket();
  const std::string system = control_of(socket);
  choose_congestion_control(socket.get(), number("192.0.2.1"));
  EXPECT_EQ(control_of(socket), system);
  choose_congestion_control(socket.get(), number("127.0.0.1"));
  EXPECT_EQ(control_of(socket), system.starts_with("bbr") ? "reno" : system);
}

}  // namespace
}  // namespace moldau::os
