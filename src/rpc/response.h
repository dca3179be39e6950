#pragma once
#include <cstddef>
#include <variant>
#include <vector>

#include "bytes/shared_bytes.h"
#include "bytes/writer.h"
#include "env/disk.h"
#include "protocol/versions.h"

namespace moldau::protocol {
struct MessageFacts;
}

namespace moldau::rpc {

// What fills a hole of a response: bytes in memory, or a range of a file that goes out by sendfile.
using Piece = std::variant<SharedBytes, env::FileRange>;
[[nodiscard]] std::size_t size_of(const Piece& piece);

// The body of an answer (without size prefix and header): pieces in the order they are sent.
// Context: a value; moves between shards.
class Response {
 public:
  // `body` with its splices filled by `spliced`, in order. One hole may take several pieces (a
  // range that spans two segments). REQUIRES: the pieces add up to the holes, each hole ending
  // where a piece ends; it is a CHECK, since a wrong sum would garble the stream.
  [[nodiscard]] static Response of(Writer body, std::vector<Piece> spliced = {});
  // A struct of protocol/. Errors: invalid_request when `version` cannot say what is in it.
  template <class Message>
  [[nodiscard]] static Result<Response> of(const Message& message, ApiVersion version) {
    return of(Message::k_message, &message, version);
  }
  // No answer at all: a produce request with acks=0.
  [[nodiscard]] static Response none();

  [[nodiscard]] bool is_none() const { return none_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::vector<Piece> take_pieces() { return std::move(pieces_); }

 private:
  [[nodiscard]] static Result<Response> of(const protocol::MessageFacts& facts, const void* message,
                                           ApiVersion version);

  std::vector<Piece> pieces_;
  std::size_t size_ = 0;
  bool none_ = false;
};

}  // namespace moldau::rpc
