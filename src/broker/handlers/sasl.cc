#include "broker/handlers/handlers.h"
#include "protocol/api/sasl_authenticate.h"
#include "protocol/api/sasl_handshake.h"

// On a listener without SASL, and after the exchange on one that has it, both come too late.
// Source: KafkaApis.handleSaslHandshakeRequest, handleSaslAuthenticateRequest.
namespace moldau::broker {

using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeResponse;

Answer<SaslHandshakeResponse> sasl_handshake(RequestContext& /*context*/,
                                             protocol::SaslHandshakeRequest /*request*/) {
  SaslHandshakeResponse response;
  response.error_code = Errc::illegal_sasl_state;
  co_return response;
}

Answer<SaslAuthenticateResponse> sasl_authenticate(RequestContext& /*context*/,
                                                   protocol::SaslAuthenticateRequest /*request*/) {
  SaslAuthenticateResponse response;
  response.error_code = Errc::illegal_sasl_state;
  response.error_message = "SaslAuthenticate request received after successful authentication";
  co_return response;
}

}  // namespace moldau::broker
