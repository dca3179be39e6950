#include <gtest/gtest.h>

#include "protocol/api/sasl_authenticate.h"
#include "protocol/api/sasl_handshake.h"
#include "unit/broker/broker_world.h"

namespace moldau::broker {
namespace {

TEST(Sasl, ExchangeHasNoPlaceOnAPlainListener) {
  BrokerWorld broker;
  protocol::SaslHandshakeRequest handshake;
  handshake.mechanism = "PLAIN";
  const auto first = broker.ok<protocol::SaslHandshakeResponse>(handshake, ApiVersion{1});
  EXPECT_EQ(first.error_code, Errc::illegal_sasl_state);
  EXPECT_TRUE(first.mechanisms.empty());
  const auto second = broker.ok<protocol::SaslAuthenticateResponse>(
      protocol::SaslAuthenticateRequest{}, ApiVersion{2});
  EXPECT_EQ(second.error_code, Errc::illegal_sasl_state);
  EXPECT_TRUE(second.error_message.has_value());
}

}  // namespace
}  // namespace moldau::broker
