#include "os/address.h"

#include <gtest/gtest.h>

namespace moldau::os {
namespace {

std::string first_text(const std::string& host, std::uint16_t port) {
  const std::vector<Address> addresses = numeric_addresses({host, port}, true);
  return addresses.empty() ? "none" : addresses.front().text();
}

TEST(Address, NumbersAreTakenAsTheyAre) {
  EXPECT_EQ(first_text("127.0.0.1", 9092), "127.0.0.1:9092");
  EXPECT_EQ(first_text("::1", 1), "[::1]:1");
  EXPECT_EQ(first_text("::ffff:10.0.0.1", 80), "10.0.0.1:80");
  EXPECT_EQ(first_text("localhost", 9092), "none");
}

TEST(Address, EmptyHostIsEveryAddressOfBothFamilies) {
  const std::vector<Address> addresses = numeric_addresses({"", 9092}, true);
  ASSERT_EQ(addresses.size(), 2U);
  EXPECT_EQ(addresses[0].text(), "[::]:9092");
  EXPECT_EQ(addresses[1].text(), "0.0.0.0:9092");
}

Address number(const std::string& host, std::uint16_t port) {
  return numeric_addresses({host, port}, false).at(0);
}

TEST(Address, LoopbackOfBothFamilies) {
  for (const char* host : {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(number(host, 1).is_loopback()) << host;
  }
  for (const char* host : {"10.0.0.127", "::", "::ffff:10.0.0.1", "7f00:1::"}) {
    EXPECT_FALSE(number(host, 1).is_loopback()) << host;
  }
}

TEST(Address, SameHostWhateverPortAndFamilyOfTheSocket) {
  EXPECT_TRUE(number("10.0.0.1", 1).same_host(number("10.0.0.1", 2)));
  EXPECT_TRUE(number("::ffff:10.0.0.1", 1).same_host(number("10.0.0.1", 1)));
  EXPECT_FALSE(number("10.0.0.1", 1).same_host(number("10.0.0.2", 1)));
  EXPECT_FALSE(number("::1", 1).same_host(number("127.0.0.1", 1)));
}

TEST(Resolve, LocalhostIsIpv4First) {
  const auto addresses = resolve({"localhost", 9092});
  ASSERT_TRUE(addresses.has_value());
  EXPECT_EQ(addresses->front().text(), "127.0.0.1:9092");
}

TEST(Resolve, UnknownHostIsNamed) {
  const auto addresses = resolve({"no-such-host.invalid", 9092});
  ASSERT_FALSE(addresses.has_value());
  EXPECT_TRUE(addresses.error().text().starts_with("no-such-host.invalid: "));
}

}  // namespace
}  // namespace moldau::os
