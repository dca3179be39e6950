#include "cli/consumer_settings.h"

#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using client::ResetPolicy;

TEST(ConsumerSettings, DefaultsAreKafkas) {
  const auto settings = consumer_settings({{"group.id", "g"}});
  CHECK_OK(settings);
  EXPECT_EQ(settings->protocol, client::GroupProtocol::classic);
  EXPECT_EQ(settings->assignors, "range,cooperative-sticky");
  EXPECT_TRUE(settings->auto_commit);
  EXPECT_EQ(settings->auto_commit_interval, Milliseconds{5'000});
  EXPECT_EQ(settings->reader.reset, ResetPolicy{});
  EXPECT_EQ(settings->reader.poll_records_max, 500U);
  EXPECT_EQ(settings->group->session_timeout, Milliseconds{45'000});
  EXPECT_FALSE(consumer_settings({})->group);
}

TEST(ConsumerSettings, PropertiesAreTaken) {
  const auto settings = consumer_settings({{"group.id", "g"},
                                           {"group.instance.id", "i"},
                                           {"group.protocol", "Consumer"},
                                           {"group.remote.assignor", "range"},
                                           {"auto.offset.reset", "by_duration:PT1M"},
                                           {"enable.auto.commit", "false"},
                                           {"max.poll.records", "7"},
                                           {"client.rack", "a"},
                                           {"isolation.level", "read_committed"}});
  CHECK_OK(settings);
  EXPECT_EQ(settings->protocol, client::GroupProtocol::consumer);
  EXPECT_EQ(settings->group->instance_id, "i");
  EXPECT_EQ(settings->group->remote_assignor, "range");
  EXPECT_EQ(settings->reader.reset.kind, ResetPolicy::Kind::by_duration);
  EXPECT_EQ(settings->reader.reset.duration, std::chrono::minutes{1});
  EXPECT_EQ(settings->group->rack, "a");
  EXPECT_EQ(settings->reader.rack, "a");
  EXPECT_FALSE(settings->auto_commit);
  EXPECT_EQ(settings->reader.poll_records_max, 7U);
  EXPECT_EQ(settings->reader.isolation, client::Isolation::read_committed);
}

TEST(ConsumerSettings, NumbersAreTaken) {
  const auto settings = consumer_settings({{"group.id", "g"},
                                           {"fetch.max.wait.ms", "1"},
                                           {"fetch.min.bytes", "2"},
                                           {"fetch.max.bytes", "3"},
                                           {"max.partition.fetch.bytes", "4"},
                                           {"auto.commit.interval.ms", "5"},
                                           {"session.timeout.ms", "6000"},
                                           {"heartbeat.interval.ms", "7"},
                                           {"max.poll.interval.ms", "8"},
                                           {"retry.backoff.ms", "9"},
                                           {"retry.backoff.max.ms", "10"},
                                           {"check.crcs", "false"}});
  CHECK_OK(settings);
  EXPECT_EQ(settings->reader.max_wait, Milliseconds{1});
  EXPECT_EQ(settings->reader.min_bytes, 2);
  EXPECT_EQ(settings->reader.max_bytes, 3);
  EXPECT_EQ(settings->reader.partition_max_bytes, 4);
  EXPECT_EQ(settings->auto_commit_interval, Milliseconds{5});
  EXPECT_EQ(settings->group->session_timeout, Milliseconds{6'000});
  EXPECT_EQ(settings->group->heartbeat_interval, Milliseconds{7});
  EXPECT_EQ(settings->group->max_poll_interval, Milliseconds{8});
  EXPECT_EQ(settings->group->retry_backoff, Milliseconds{9});
  EXPECT_EQ(settings->group->retry_backoff_max, Milliseconds{10});
  EXPECT_FALSE(settings->reader.check_crcs);
}

TEST(ConsumerSettings, WhatDoesNotFitIsRefusedInKafkasWords) {
  const auto why = [](const PropertyMap& properties) {
    return std::string(consumer_settings(properties).error().text());
  };
  EXPECT_EQ(why({{"auto.offset.reset", "soon"}}),
            "Invalid value soon for configuration auto.offset.reset: Invalid value `soon` for "
            "configuration auto.offset.reset. The value must be either 'earliest', 'latest', "
            "'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.");
  EXPECT_EQ(why({{"group.protocol", "consumer"}, {"session.timeout.ms", "1"}}),
            "session.timeout.ms cannot be set when group.protocol=CONSUMER");
  EXPECT_EQ(why({{"group.remote.assignor", "range"}}),
            "group.remote.assignor cannot be set when group.protocol=CLASSIC");
  EXPECT_TRUE(why({{"group.protocol", "x"}}).starts_with("Invalid value x for configuration"));
  EXPECT_EQ(why({{"max.poll.records", "x"}}),
            "Invalid value x for configuration max.poll.records: Not a number of type INT");
  EXPECT_EQ(why({{"fetch.min.bytes", "5000000000"}}),
            "Invalid value 5000000000 for configuration fetch.min.bytes: Not a number of type INT");
  EXPECT_EQ(why({{"reconnect.backoff.ms", "-1"}}),
            "Invalid value -1 for configuration reconnect.backoff.ms: Value must be at least 0");
  EXPECT_FALSE(consumer_settings({{"partition.assignment.strategy", "x"}}));
  EXPECT_FALSE(consumer_settings({{"auto.offset.reset", "by_duration:-PT1M"}}));
}

}  // namespace
}  // namespace moldau::cli
