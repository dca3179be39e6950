#pragma once
#include <fmt/core.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/plain_format.h"
#include "base/result.h"

namespace moldau {

// 128 bits that name a topic, a directory or a node incarnation. The zero value means "none".
// Source: org.apache.kafka.common.Uuid (url-safe base64 without padding, 22 characters).
class Uuid {
 public:
  constexpr Uuid() = default;
  constexpr Uuid(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}

  // A version 4 variant 2 uuid of these random bits. Kafka never hands out the reserved values
  // (0,0), (0,1), (0,2)... nor one whose text begins with '-': the caller draws again when
  // usable_as_new() says no.
  [[nodiscard]] static Uuid from_random_bits(std::uint64_t high, std::uint64_t low);
  [[nodiscard]] bool usable_as_new() const;

  // Errors: invalid_request, for text that is not the base64 of 16 bytes.
  [[nodiscard]] static Result<Uuid> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
  [[nodiscard]] constexpr std::uint64_t low() const { return low_; }
  [[nodiscard]] constexpr bool is_zero() const { return high_ == 0 && low_ == 0; }
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
  template <class H>
  friend H AbslHashValue(H state, const Uuid& id) {
    return H::combine(std::move(state), id.high_, id.low_);
  }

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

inline constexpr Uuid k_zero_uuid{};
inline constexpr Uuid k_metadata_topic_id{0, 1};  // of __cluster_metadata

}  // namespace moldau

template <>
struct fmt::formatter<moldau::Uuid> : moldau::PlainFormat {
  auto format(const moldau::Uuid& id, fmt::format_context& context) const {
    return moldau::write_plain(context.out(), id.to_string());
  }
};
