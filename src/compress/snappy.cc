#include <snappy.h>

#include <algorithm>
#include <array>

#include "bytes/endian.h"
#include "compress/source.h"

// Snappy comes in two framings. Java's clients write xerial's: a header, then blocks that each have
// their size as a big-endian int before them. librdkafka sends one raw block. Source:
// SnappyOutputStream and SnappyInputStream of snappy-java.
namespace moldau::compress {
namespace {

constexpr std::array<std::byte, 8> k_xerial_magic{std::byte{0x82}, std::byte{'S'}, std::byte{'N'},
                                                  std::byte{'A'},  std::byte{'P'}, std::byte{'P'},
                                                  std::byte{'Y'},  std::byte{0}};
constexpr std::size_t k_xerial_header_size = 16;  // magic, version, oldest version that can read it
constexpr std::int32_t k_xerial_version = 1;
constexpr std::size_t k_block_size_size = 4;
constexpr std::size_t k_block_size = std::size_t{32} << 10U;

bool begins_xerial(Bytes bytes) {
  return bytes.size() >= k_xerial_header_size &&
         std::ranges::equal(bytes.first(k_xerial_magic.size()), k_xerial_magic);
}

// The densest element is a copy of 64 bytes in 3, so a block cannot become longer than this.
std::size_t uncompressed_size_limit(std::size_t compressed_size) {
  return (compressed_size / 3 + 1) * 64;
}

class SnappySource final : public Decompressor::Source {
 public:
  void open(Bytes input, Lz4Header) override {
    rest_ = input;
    is_raw_ = !begins_xerial(input);
    is_first_ = true;
  }

  Result<Bytes> next(std::size_t piece_max) override {
    while (is_first_ || !rest_.empty()) {
      is_first_ = false;
      Bytes block = std::exchange(rest_, Bytes{});
      if (!is_raw_) {
        TRY(block, take_block(block));
      }
      if (is_raw_ || !block.empty()) {
        TRY(const Bytes piece, uncompress(block, piece_max));
        if (!piece.empty()) return piece;
      }
    }
    return Bytes{};
  }

  void trim() override { buffer_.shrink_to(k_trimmed_size); }

 private:
  // Blocks of our own writing are 32 KB; of librdkafka's as large as a batch, commonly under 1 MB.
  static constexpr std::size_t k_trimmed_size = std::size_t{1} << 20U;

  // The next block of the xerial framing; empty for a header. Headers may come again: streams can
  // be put one behind the other. Java's reader does not look at the version numbers either.
  Result<Bytes> take_block(Bytes from) {
    if (begins_xerial(from)) {
      rest_ = from.subspan(k_xerial_header_size);
      return Bytes{};
    }
    if (from.size() < k_block_size_size) {
      return fail(Errc::corrupt_message, "snappy: the input ends inside the size of a block");
    }
    const auto size = load_big<std::int32_t>(from.data());
    const Bytes behind = from.subspan(k_block_size_size);
    if (size <= 0 || static_cast<std::size_t>(size) > behind.size()) {
      return fail(Errc::corrupt_message, "snappy: a block of {} bytes where {} remain", size,
                  behind.size());
    }
    rest_ = behind.subspan(static_cast<std::size_t>(size));
    return behind.first(static_cast<std::size_t>(size));
  }

  Result<Bytes> uncompress(Bytes block, std::size_t piece_max) {
    const char* from = reinterpret_cast<const char*>(block.data());
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(from, block.size(), &size) ||
        size > uncompressed_size_limit(block.size())) {
      return fail(Errc::corrupt_message, "snappy: {} bytes cannot be a block", block.size());
    }
    if (size > piece_max) {
      return fail(Errc::message_too_large, "snappy: a block of {} bytes where {} are allowed", size,
                  piece_max);
    }
    std::byte* out = buffer_.at_least(std::max<std::size_t>(size, 1));
    if (!snappy::RawUncompress(from, block.size(), reinterpret_cast<char*>(out))) {
      return fail(Errc::corrupt_message, "snappy: a block of {} bytes is broken", block.size());
    }
    return Bytes{out, size};
  }

  Bytes rest_;
  PieceBuffer buffer_;
  bool is_raw_ = false;
  bool is_first_ = false;
};

}  // namespace

std::unique_ptr<Decompressor::Source> make_snappy_source() {
  return std::make_unique<SnappySource>();
}

void snappy_onto(std::vector<std::byte>& out, Bytes input) {
  const std::size_t header_at = out.size();
  out.resize(header_at + k_xerial_header_size);
  std::ranges::copy(k_xerial_magic, out.begin() + static_cast<std::ptrdiff_t>(header_at));
  store_big(out.data() + header_at + 8, k_xerial_version);
  store_big(out.data() + header_at + 12, k_xerial_version);
  while (!input.empty()) {
    const Bytes block = input.first(std::min(input.size(), k_block_size));
    input = input.subspan(block.size());
    const std::size_t at = out.size();
    out.resize(at + k_block_size_size + snappy::MaxCompressedLength(block.size()));
    std::size_t size = 0;
    snappy::RawCompress(reinterpret_cast<const char*>(block.data()), block.size(),
                        reinterpret_cast<char*>(out.data() + at + k_block_size_size), &size);
    store_big(out.data() + at, static_cast<std::int32_t>(size));
    out.resize(at + k_block_size_size + size);
  }
}

}  // namespace moldau::compress
