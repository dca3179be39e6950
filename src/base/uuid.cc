#include "base/uuid.h"

#include "base/base64.h"

namespace moldau {
namespace {

std::array<std::byte, 16> to_bytes(const Uuid& id) {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::byte>(id.high() >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::byte>(id.low() >> (56 - 8 * i));
  }
  return bytes;
}

}  // namespace

Uuid Uuid::from_random_bits(std::uint64_t high, std::uint64_t low) {
  constexpr std::uint64_t k_version_mask = 0xf000;
  constexpr std::uint64_t k_version_4 = 0x4000;
  constexpr std::uint64_t k_variant_mask = 0xc000'0000'0000'0000;
  constexpr std::uint64_t k_variant_2 = 0x8000'0000'0000'0000;
  return Uuid((high & ~k_version_mask) | k_version_4, (low & ~k_variant_mask) | k_variant_2);
}

bool Uuid::usable_as_new() const {
  constexpr std::uint64_t k_reserved_low_max = 100;  // Kafka keeps the first hundred for itself
  if (high_ == 0 && low_ <= k_reserved_low_max) return false;
  return !to_string().starts_with('-');
}

Result<Uuid> Uuid::parse(std::string_view text) {
  constexpr std::size_t k_text_size_max = 24;
  if (text.size() > k_text_size_max) {
    return fail(Errc::invalid_request, "uuid {}: longer than {} characters", text.substr(0, 40),
                k_text_size_max);
  }
  TRY(std::vector<std::byte> bytes, base64_decode(text));
  if (bytes.size() != 16) {
    return fail(Errc::invalid_request, "uuid {}: {} bytes, not 16", text, bytes.size());
  }
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high = (high << 8) | std::to_integer<std::uint64_t>(bytes[i]);
    low = (low << 8) | std::to_integer<std::uint64_t>(bytes[8 + i]);
  }
  return Uuid(high, low);
}

std::string Uuid::to_string() const {
  return base64_encode(to_bytes(*this), Base64::url_without_padding);
}

}  // namespace moldau
