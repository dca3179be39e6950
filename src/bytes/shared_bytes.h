#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace moldau {

using Bytes = std::span<const std::byte>;

[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A view of bytes together with what keeps them alive. Copying it shares, never copies bytes, and
// is safe across shards. The bytes are immutable while more than one holder may exist.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(std::shared_ptr<const void> owner, Bytes view)
      : owner_(std::move(owner)), view_(view) {}
  [[nodiscard]] static SharedBytes take(std::vector<std::byte> bytes) {
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    const Bytes view{*owner};
    return {std::move(owner), view};
  }
  [[nodiscard]] static SharedBytes copy_of(Bytes bytes) {
    return take(std::vector<std::byte>(bytes.begin(), bytes.end()));
  }

  [[nodiscard]] Bytes view() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  [[nodiscard]] const std::byte* data() const { return view_.data(); }
  [[nodiscard]] const std::shared_ptr<const void>& owner() const { return owner_; }
  // REQUIRES: from + size <= size().
  [[nodiscard]] SharedBytes slice(std::size_t from, std::size_t size) const {
    CHECK_OP(from, <=, view_.size());
    CHECK_OP(size, <=, view_.size() - from);
    return {owner_, view_.subspan(from, size)};
  }

 private:
  std::shared_ptr<const void> owner_;
  Bytes view_;
};

}  // namespace moldau
