#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "compress/source.h"

// The lz4 frame as Kafka writes and reads it: independent blocks, no dictionary, one frame. Bytes
// behind the frame are ignored. Source: Lz4BlockOutputStream, Lz4BlockInputStream.
namespace moldau::compress {
namespace {

constexpr std::array<std::byte, 4> k_magic{std::byte{0x04}, std::byte{0x22}, std::byte{0x4d},
                                           std::byte{0x18}};
// The first descriptor byte: bits 6-7 version, 5 independent blocks, 4 block checksums,
// 3 content size, 2 content checksum, 1 reserved, 0 dictionary id. The second: bits 4-6 block size.
constexpr unsigned k_version_mask = 0xc0;
constexpr unsigned k_version = 0x40;
constexpr unsigned k_independent = 0x20;
constexpr unsigned k_block_checksum = 0x10;
constexpr unsigned k_content_size = 0x08;
constexpr unsigned k_content_checksum = 0x04;
constexpr unsigned k_unused = 0x03;
constexpr std::size_t k_content_size_size = 8;
constexpr std::size_t k_header_size_min = 7;

// Magic, descriptor 0x60 0x40 (independent blocks of 64 KB, nothing else) and its checksum.
constexpr std::array<std::byte, 7> k_our_header{std::byte{0x04}, std::byte{0x22}, std::byte{0x4d},
                                                std::byte{0x18}, std::byte{0x60}, std::byte{0x40},
                                                std::byte{0x82}};
constexpr std::size_t k_block_size = std::size_t{64} << 10U;
constexpr std::uint32_t k_stored_block = 0x80000000U;  // the block is not compressed

void put_little(std::vector<std::byte>& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::byte>(value >> shift));
  }
}

struct DecompressionFree {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};
struct CompressionFree {
  void operator()(LZ4F_cctx* context) const { LZ4F_freeCompressionContext(context); }
};

struct Header {
  unsigned flags;
  unsigned block_size_id;
  std::size_t size;
};

Result<Header> read_header(Bytes input) {
  if (input.size() < k_header_size_min ||
      !std::ranges::equal(input.first(k_magic.size()), k_magic)) {
    return fail(Errc::corrupt_message, "lz4: no frame begins here");
  }
  Header header{};
  header.flags = std::to_integer<unsigned>(input[4]);
  header.block_size_id = (std::to_integer<unsigned>(input[5]) >> 4U) & 7U;
  header.size =
      k_header_size_min + ((header.flags & k_content_size) != 0 ? k_content_size_size : 0);
  if ((header.flags & k_version_mask) != k_version || (header.flags & k_unused) != 0 ||
      (header.flags & k_independent) == 0 || header.block_size_id < 4 ||
      header.size > input.size()) {
    // Kafka's clients cannot read blocks that depend on each other either.
    return fail(Errc::corrupt_message, "lz4: frame flags {:#x}", header.flags);
  }
  return header;
}

class Lz4Source final : public Decompressor::Source {
 public:
  void open(Bytes input, Lz4Header lz4_header) override {
    input_ = input;
    lz4_header_ = lz4_header;
    is_begun_ = false;
    is_done_ = false;
    if (!context_) make_context();
    LZ4F_resetDecompressionContext(context_.get());
  }

  Result<Bytes> next(std::size_t) override {
    if (is_done_) return Bytes{};
    if (!is_begun_) {
      TRY_OK(begin());
    }
    std::byte* out = buffer_.at_least(k_piece_size);
    std::size_t made = 0;
    while (made == 0 && !is_done_) {
      std::size_t in_size = input_.size();
      std::size_t out_size = k_piece_size;
      const std::size_t hint =
          LZ4F_decompress(context_.get(), out, &out_size, input_.data(), &in_size, nullptr);
      if (LZ4F_isError(hint) != 0) {
        return fail(Errc::corrupt_message, "lz4: {}", LZ4F_getErrorName(hint));
      }
      input_ = input_.subspan(in_size);
      made = out_size;
      is_done_ = hint == 0;
      if (made == 0 && in_size == 0 && !is_done_) {
        return fail(Errc::corrupt_message, "lz4: the input ends inside the frame");
      }
    }
    return Bytes{out, made};
  }

  // The context holds a block of input and one of output, of the largest size met.
  void trim() override { context_.reset(); }

 private:
  void make_context() {
    LZ4F_dctx* context = nullptr;
    CHECK_OP(LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)), ==, 0U);
    context_.reset(context);
  }

  // The library insists on a right header checksum. Where that is not to be checked it gets
  // another header of the same meaning.
  Result<void> begin() {
    is_begun_ = true;
    TRY(const Header header, read_header(input_));
    if (lz4_header_ == Lz4Header::checked) return {};
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    preferences.frameInfo.blockSizeID = static_cast<LZ4F_blockSizeID_t>(header.block_size_id);
    preferences.frameInfo.blockChecksumFlag =
        (header.flags & k_block_checksum) != 0 ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
    preferences.frameInfo.contentChecksumFlag = (header.flags & k_content_checksum) != 0
                                                    ? LZ4F_contentChecksumEnabled
                                                    : LZ4F_noContentChecksum;
    LZ4F_cctx* writer = nullptr;
    CHECK_OP(LZ4F_isError(LZ4F_createCompressionContext(&writer, LZ4F_VERSION)), ==, 0U);
    const std::unique_ptr<LZ4F_cctx, CompressionFree> owner(writer);
    std::array<std::byte, LZ4F_HEADER_SIZE_MAX> right{};
    std::size_t right_size = LZ4F_compressBegin(writer, right.data(), right.size(), &preferences);
    CHECK_OP(LZ4F_isError(right_size), ==, 0U);
    std::size_t no_output = 0;
    const std::size_t hint =
        LZ4F_decompress(context_.get(), nullptr, &no_output, right.data(), &right_size, nullptr);
    CHECK_OP(LZ4F_isError(hint), ==, 0U);
    input_ = input_.subspan(header.size);
    return {};
  }

  std::unique_ptr<LZ4F_dctx, DecompressionFree> context_;
  PieceBuffer buffer_;
  Bytes input_;
  Lz4Header lz4_header_ = Lz4Header::checked;
  bool is_begun_ = false;
  bool is_done_ = true;
};

// As Kafka: its preset level means the fast compressor, every other level the dense one, which
// takes levels above its own largest as that.
int compress_block(Level level, Bytes block, std::byte* to, int room) {
  const char* from = reinterpret_cast<const char*>(block.data());
  const int size = static_cast<int>(block.size());
  char* out = reinterpret_cast<char*>(to);
  if (level == preset_level(Codec::lz4)) return LZ4_compress_default(from, out, size, room);
  return LZ4_compress_HC(from, out, size, room, std::min(level.value(), LZ4HC_CLEVEL_MAX));
}

}  // namespace

std::unique_ptr<Decompressor::Source> make_lz4_source() { return std::make_unique<Lz4Source>(); }

void lz4_onto(std::vector<std::byte>& out, Level level, Bytes input) {
  out.insert(out.end(), k_our_header.begin(), k_our_header.end());
  std::vector<std::byte> packed(static_cast<std::size_t>(LZ4_compressBound(k_block_size)));
  while (!input.empty()) {
    const Bytes block = input.first(std::min(input.size(), k_block_size));
    input = input.subspan(block.size());
    const int packed_size =
        compress_block(level, block, packed.data(), static_cast<int>(packed.size()));
    CHECK_OP(packed_size, >, 0);
    const auto size = static_cast<std::uint32_t>(packed_size);
    if (size >= block.size()) {
      put_little(out, static_cast<std::uint32_t>(block.size()) | k_stored_block);
      out.insert(out.end(), block.begin(), block.end());
    } else {
      put_little(out, size);
      out.insert(out.end(), packed.begin(), packed.begin() + packed_size);
    }
  }
  put_little(out, 0);  // the end mark
}

}  // namespace moldau::compress
