#include "record/batch.h"

#include <limits>

namespace moldau::record {
namespace {

constexpr std::int64_t k_batch_length_min = k_batch_header_size - k_log_overhead;

// Bytes of the batch at the front; nullopt when it is not there in full.
Result<std::optional<std::size_t>> size_of_front(Bytes bytes) {
  TRY_OK(check_front(bytes));
  if (bytes.size() < k_size_up_to_magic) return std::nullopt;
  const auto length = load_big<std::int32_t>(bytes.data() + at::k_length);
  const auto magic = load_big<std::int8_t>(bytes.data() + at::k_magic);
  if (magic == k_magic_2.value() && length < k_batch_length_min) {
    return fail(Errc::corrupt_message, "a batch length of {} does not hold a header", length);
  }
  const std::size_t size = k_log_overhead + static_cast<std::size_t>(length);
  if (bytes.size() < size) return std::nullopt;
  return size;
}

}  // namespace

Result<void> check_front(Bytes bytes) {
  if (bytes.size() < k_log_overhead) return {};
  const auto length = load_big<std::int32_t>(bytes.data() + at::k_length);
  if (length < static_cast<std::int64_t>(k_legacy_length_min)) {
    return fail(Errc::corrupt_message, "a batch length of {} cannot be", length);
  }
  if (bytes.size() < k_size_up_to_magic) return {};
  const auto magic = load_big<std::int8_t>(bytes.data() + at::k_magic);
  if (magic < 0 || magic > k_magic_2.value()) {
    return fail(Errc::corrupt_message, "a batch of magic {} cannot be", magic);
  }
  return {};
}

Sequence sequence_after(Sequence from, int count) {
  constexpr std::uint32_t k_mask = std::numeric_limits<std::int32_t>::max();
  const std::uint32_t sum =
      static_cast<std::uint32_t>(from.value()) + static_cast<std::uint32_t>(count);
  return Sequence{static_cast<std::int32_t>(sum & k_mask)};
}

Result<BatchView> BatchView::read(Bytes bytes) {
  TRY(const std::optional<std::size_t> size, size_of_front(bytes));
  if (!size) return fail(Errc::corrupt_message, "the {} bytes end inside a batch", bytes.size());
  return BatchView{bytes.first(*size)};
}

std::optional<Timestamp> BatchView::delete_horizon() const {
  return attributes().has_delete_horizon() ? std::optional{base_timestamp()} : std::nullopt;
}

Sequence BatchView::last_sequence() const {
  const Sequence base = base_sequence();
  return base == k_no_sequence ? base : sequence_after(base, last_offset_delta());
}

Result<std::optional<BatchView>> BatchesView::next() {
  TRY(const std::optional<std::size_t> size, size_of_front(rest()));
  if (!size) return std::nullopt;
  const BatchView batch{rest().first(*size)};
  consumed_ += *size;
  return batch;
}

}  // namespace moldau::record
