#include "broker/dispatch.h"

#include <gtest/gtest.h>

#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

using protocol::ApiKey;

TEST(Dispatch, UnservedApiClosesTheConnection) {
  BrokerWorld broker;
  EXPECT_FALSE(broker.ask_bytes(ApiKey::share_fetch, ApiVersion{1}, SharedBytes{}).has_value());
  EXPECT_FALSE(broker.ask_bytes(ApiKey::vote, ApiVersion{0}, SharedBytes{}).has_value());
  broker.controller_listener = true;
  EXPECT_FALSE(broker.ask_bytes(ApiKey::produce, ApiVersion{9}, SharedBytes{}).has_value());
}

TEST(Dispatch, AdvertisedVersionThatDoesNotExistClosesTheConnection) {
  BrokerWorld broker;
  const auto answer = broker.ask_bytes(ApiKey::produce, ApiVersion{0}, SharedBytes{});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code(), Errc::unsupported_version);
}

TEST(Dispatch, BodyThatDoesNotDecodeClosesTheConnection) {
  BrokerWorld broker;
  const SharedBytes garbage = SharedBytes::copy_of(as_bytes("\xff\xff\xff"));
  const auto answer = broker.ask_bytes(ApiKey::metadata, ApiVersion{9}, garbage);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code(), Errc::bad_frame);
}

TEST(Dispatch, EveryRowIsServedOnAListenerThatKafkaServesItOn) {
  for (const HandlerRow& row : handlers()) {
    const protocol::ApiFacts& api = protocol::facts(row.api);
    EXPECT_TRUE(row.on_broker != nullptr || row.on_controller != nullptr) << api.name;
    if (row.on_broker != nullptr) {
      EXPECT_EQ(advertised(row, false, false), api.on_broker) << api.name;
      EXPECT_FALSE(api.on_broker.empty()) << api.name;
    }
    if (row.on_controller != nullptr) {
      EXPECT_EQ(advertised(row, true, false), api.on_controller) << api.name;
      EXPECT_FALSE(api.on_controller.empty()) << api.name;
    }
  }
}

TEST(Dispatch, FindsWhatIsThere) {
  ASSERT_NE(find_handler(ApiKey::fetch), nullptr);
  EXPECT_EQ(find_handler(ApiKey::fetch)->api, ApiKey::fetch);
  EXPECT_EQ(find_handler(ApiKey::share_fetch), nullptr);
}

}  // namespace
}  // namespace moldau::broker
