#pragma once
#include <cstddef>
#include <optional>

#include "base/check.h"
#include "bytes/shared_bytes.h"

namespace moldau::protocol {

// The record batches in a response. Three states: null, bytes, or a splice: `size` bytes that the
// connection sends from elsewhere (a range of a segment), for which the encoder leaves a hole
// (Writer::splice) and counts the size.
// An answer without records carries Records::none(), not null: clients take null for a broken
// answer. Decoded from Bytes, it is a view without an owner, good as long as the decoded bytes;
// decoded from SharedBytes, it shares their owner.
class Records {
 public:
  Records() = default;  // null
  explicit Records(SharedBytes bytes) : bytes_(std::move(bytes)), state_(State::bytes) {}
  [[nodiscard]] static Records none() { return Records(SharedBytes{}); }
  [[nodiscard]] static Records splice(std::size_t size) {
    Records records;
    records.state_ = State::splice;
    records.splice_size_ = size;
    return records;
  }

  [[nodiscard]] bool is_null() const { return state_ == State::null; }
  [[nodiscard]] bool is_splice() const { return state_ == State::splice; }
  [[nodiscard]] std::size_t size() const {
    return is_splice() ? splice_size_ : bytes_.view().size();
  }
  // Empty when null. REQUIRES: not a splice.
  [[nodiscard]] const SharedBytes& bytes() const {
    CHECK(!is_splice());
    return bytes_;
  }

  // Two splices are equal when their sizes are.
  friend bool operator==(const Records& a, const Records& b);

 private:
  enum class State : std::uint8_t { null, bytes, splice };
  SharedBytes bytes_;
  std::size_t splice_size_ = 0;
  State state_ = State::null;
};

}  // namespace moldau::protocol
