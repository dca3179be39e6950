#pragma once
#include <memory>
#include <utility>

#include "protocol/api_key.h"
#include "protocol/versions.h"
#include "rpc/response.h"

namespace moldau::protocol {
struct MessageFacts;
}

namespace moldau::rpc {

// A request of any kind, to be written when its version is known. What sends it is compiled once,
// not for each kind.
// Context: a value; moves between shards.
class AnyRequest {
 public:
  // `Req`: a request struct of protocol/.
  template <class Req>
  explicit AnyRequest(Req message)
      : api_(Req::k_key),
        message_(std::make_unique<Req>(std::move(message)).release(), Drop{&Req::k_message}) {}

  [[nodiscard]] protocol::ApiKey api() const { return api_; }
  // Errors: unsupported_version when `version` cannot say what is in it: the other side has a part
  // in which version it is.
  [[nodiscard]] Result<Response> body(ApiVersion version) const;

 private:
  struct Drop {
    const protocol::MessageFacts* facts;
    void operator()(void* message) const;
  };

  protocol::ApiKey api_;
  std::unique_ptr<void, Drop> message_;
};

}  // namespace moldau::rpc
