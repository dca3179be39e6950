#include "config/quorum_address.h"

#include <gtest/gtest.h>

namespace moldau::config {
namespace {

TEST(HostPort, NamesAndAddressesWithPorts) {
  EXPECT_EQ(parse_host_port("h:9"), (HostPort{"h", 9}));
  EXPECT_EQ(parse_host_port("[::1]:9"), (HostPort{"::1", 9}));
  EXPECT_EQ(parse_host_port("PLAINTEXT://h:9"), (HostPort{"h", 9}));
  for (const char* text : {"", "h", "h:", "h:x", "h:-1", "h:65536", "h h:1", ":"})
    EXPECT_FALSE(parse_host_port(text)) << text;
}

TEST(StaticVoters, IdAndAddressAndTheLastOfAnId) {
  const auto voters = parse_static_voters({"1@a:1", "2@[::1]:2", "1@b:3"});
  ASSERT_TRUE(voters);
  EXPECT_EQ(*voters,
            (std::vector<StaticVoter>{{BrokerId{2}, {"::1", 2}}, {BrokerId{1}, {"b", 3}}}));
  for (const char* entry : {"", "1", "1@", "@h:1", "x@h:1", "1@h", "1@h:x", "1@@h:1", "1@h:1@"})
    EXPECT_FALSE(parse_static_voters({entry})) << entry;
}

TEST(BootstrapServers, EachNeedsHostAndPort) {
  EXPECT_EQ(parse_bootstrap_servers({"h:1", "i:2"})->size(), 2U);
  EXPECT_FALSE(parse_bootstrap_servers({"h"}));
}

TEST(Listener, NameHostAndPort) {
  const auto listener = parse_listener("internal://[fe80::1%eth0]:9092");
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->listener, "INTERNAL");
  EXPECT_EQ(listener->host, "fe80::1%eth0");
  EXPECT_EQ(listener->port, 9092);
  EXPECT_EQ(parse_listener("A://:0")->host, "");
  EXPECT_EQ(parse_listener("A://:-1")->port, -1);
  for (const char* text : {"", "A", "A://", "A://h", "A:h:1", "A://h:x", "A://h!:1"})
    EXPECT_FALSE(parse_listener(text)) << text;
}

TEST(AddressFamily, LiteralsOnly) {
  EXPECT_EQ(address_family("127.0.0.1"), AddressFamily::ipv4);
  EXPECT_EQ(address_family("::1"), AddressFamily::ipv6);
  EXPECT_EQ(address_family("fe80::1%eth0"), AddressFamily::ipv6);
  for (const char* host : {"", "localhost", "1.2.3", "1.2.3.256", "1.2.3.4.5", "::g"})
    EXPECT_EQ(address_family(host), AddressFamily::none) << host;
}

}  // namespace
}  // namespace moldau::config
