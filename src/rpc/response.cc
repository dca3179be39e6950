#include "rpc/response.h"

#include <utility>

#include "base/check.h"
#include "protocol/codec.h"

namespace moldau::rpc {
namespace {

struct SizeOf {
  std::size_t operator()(const SharedBytes& bytes) const { return bytes.size(); }
  std::size_t operator()(const env::FileRange& range) const { return range.size; }
};

}  // namespace

std::size_t size_of(const Piece& piece) { return std::visit(SizeOf{}, piece); }

Response Response::of(Writer body, std::vector<Piece> spliced) {
  Response response;
  response.size_ = body.total_size();
  const std::vector<Writer::Splice> holes = body.splices();
  const SharedBytes own = SharedBytes::take(body.take());
  std::size_t at = 0;
  auto piece = spliced.begin();
  for (const Writer::Splice& hole : holes) {
    if (hole.position > at) response.pieces_.emplace_back(own.slice(at, hole.position - at));
    at = hole.position;
    std::size_t filled = 0;
    while (filled < hole.size) {
      CHECK(piece != spliced.end());
      filled += size_of(*piece);
      response.pieces_.push_back(std::move(*piece++));
    }
    CHECK_OP(filled, ==, hole.size);
  }
  CHECK(piece == spliced.end());
  if (own.size() > at) response.pieces_.emplace_back(own.slice(at, own.size() - at));
  return response;
}

Result<Response> Response::of(const protocol::MessageFacts& facts, const void* message,
                              ApiVersion version) {
  Writer body;
  TRY_OK(protocol::encode_checked(facts, message, body, version));
  return of(std::move(body));
}

Response Response::none() {
  Response response;
  response.none_ = true;
  return response;
}

}  // namespace moldau::rpc
