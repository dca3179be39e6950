#include "broker/handlers/handlers.h"
#include "protocol/api/sasl_authenticate.h"
#include "protocol/api/sasl_handshake.h"

// On a listener without SASL, and after the exchange on one that has it, both come too late.
// Source: KafkaApis.handleSaslHandshakeRequest, handleSaslAuthenticateRequest.
namespace moldau::broker {

Answer<protocol::SaslHandshakeResponse> sasl_handshake(RequestContext& /*context*/,
                                                       protocol::SaslHandshakeRequest /*request*/) {
  protocol::SaslHandshakeResponse response;
  response.error_code = Errc::illegal_sasl_state;
  co_return response;
}

Answer<protocol::SaslAuthenticateResponse> sasl_authenticate(
    RequestContext& /*context*/, protocol::SaslAuthenticateRequest /*request*/) {
  protocol::SaslAuthenticateResponse response;
  response.error_code = Errc::illegal_sasl_state;
  response.error_message = "SaslAuthenticate request received after successful authentication";
  co_return response;
}

}  // namespace moldau::broker
