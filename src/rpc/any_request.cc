#include "rpc/any_request.h"

#include "protocol/codec.h"

namespace moldau::rpc {

void AnyRequest::Drop::operator()(void* message) const { facts->ops->destroy(message); }

Response AnyRequest::body(ApiVersion version) const {
  Writer body;
  protocol::encode(*message_.get_deleter().facts, message_.get(), body, version);
  return Response::of(std::move(body));
}

}  // namespace moldau::rpc
