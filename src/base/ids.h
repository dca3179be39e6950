#pragma once
#include <fmt/core.h>

#include <compare>
#include <cstdint>
#include <functional>
#include <type_traits>

#include "base/plain_format.h"

namespace moldau {

// A number with a meaning. Two different ids do not mix, and an id is never a bare integer in an
// interface. value() is for the borders: codecs, files, texts.
template <class Tag, class Rep>
class Id {
 public:
  using Representation = Rep;
  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(value) {}
  [[nodiscard]] constexpr Rep value() const { return value_; }
  [[nodiscard]] constexpr Id next() const { return Id(static_cast<Rep>(value_ + 1)); }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
  template <class H>
  friend H AbslHashValue(H state, const Id& id) {
    return H::combine(std::move(state), id.value_);
  }

 private:
  Rep value_{};
};

// A position in a log. Offset - Offset is a count; a count moves an Offset.
class Offset {
 public:
  using Representation = std::int64_t;
  constexpr Offset() = default;
  constexpr explicit Offset(std::int64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::int64_t value() const { return value_; }
  [[nodiscard]] constexpr Offset next() const { return Offset(value_ + 1); }
  friend constexpr auto operator<=>(const Offset&, const Offset&) = default;
  friend constexpr std::int64_t operator-(Offset a, Offset b) { return a.value_ - b.value_; }
  friend constexpr Offset operator+(Offset a, std::int64_t count) {
    return Offset(a.value_ + count);
  }
  friend constexpr Offset operator-(Offset a, std::int64_t count) {
    return Offset(a.value_ - count);
  }
  constexpr Offset& operator+=(std::int64_t count) {
    value_ += count;
    return *this;
  }
  template <class H>
  friend H AbslHashValue(H state, const Offset& offset) {
    return H::combine(std::move(state), offset.value_);
  }

 private:
  std::int64_t value_ = 0;
};

using BrokerId = Id<struct BrokerIdTag, std::int32_t>;  // node.id; controllers have one too
using BrokerEpoch = Id<struct BrokerEpochTag, std::int64_t>;
using PartitionIndex = Id<struct PartitionIndexTag, std::int32_t>;
using PartitionEpoch = Id<struct PartitionEpochTag, std::int32_t>;
using LeaderEpoch = Id<struct LeaderEpochTag, std::int32_t>;  // of a partition, or of the quorum
using ProducerId = Id<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = Id<struct ProducerEpochTag, std::int16_t>;
using Sequence = Id<struct SequenceTag, std::int32_t>;  // of a producer in one partition
using CorrelationId = Id<struct CorrelationIdTag, std::int32_t>;
using ApiVersion = Id<struct ApiVersionTag, std::int16_t>;
using FetchSessionId = Id<struct FetchSessionIdTag, std::int32_t>;
using FetchSessionEpoch = Id<struct FetchSessionEpochTag, std::int32_t>;
using ShardId = Id<struct ShardIdTag, std::int32_t>;

inline constexpr BrokerId k_no_broker{-1};
inline constexpr LeaderEpoch k_no_leader_epoch{-1};
inline constexpr ProducerId k_no_producer_id{-1};
inline constexpr ProducerEpoch k_no_producer_epoch{-1};
inline constexpr Sequence k_no_sequence{-1};
inline constexpr Offset k_no_offset{-1};

}  // namespace moldau

template <class Tag, class Rep>
struct std::hash<moldau::Id<Tag, Rep>> {
  std::size_t operator()(const moldau::Id<Tag, Rep>& id) const {
    return std::hash<Rep>{}(id.value());
  }
};

template <class Tag, class Rep>
struct fmt::formatter<moldau::Id<Tag, Rep>> : moldau::PlainFormat {
  auto format(const moldau::Id<Tag, Rep>& id, fmt::format_context& context) const {
    using Widest = std::conditional_t<std::is_signed_v<Rep>, std::int64_t, std::uint64_t>;
    return moldau::write_plain(context.out(), Widest{id.value()});
  }
};
template <>
struct fmt::formatter<moldau::Offset> : moldau::PlainFormat {
  auto format(const moldau::Offset& offset, fmt::format_context& context) const {
    return moldau::write_plain(context.out(), offset.value());
  }
};
