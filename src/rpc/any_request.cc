#include "rpc/any_request.h"

#include "protocol/codec.h"

namespace moldau::rpc {

void AnyRequest::Drop::operator()(void* message) const { facts->ops->destroy(message); }

Result<Response> AnyRequest::body(ApiVersion version) const {
  Writer body;
  const Result<void> written =
      protocol::encode_checked(*message_.get_deleter().facts, message_.get(), body, version);
  if (!written) return fail(Error(Errc::unsupported_version, std::string(written.error().text())));
  return Response::of(std::move(body));
}

}  // namespace moldau::rpc
