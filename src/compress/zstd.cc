#include <zstd.h>

#include "base/check.h"
#include "compress/source.h"

namespace moldau::compress {
namespace {

struct DecompressionFree {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
struct CompressionFree {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

class ZstdSource final : public Decompressor::Source {
 public:
  void open(Bytes input, Lz4Header) override {
    input_ = {input.data(), input.size(), 0};
    is_inside_frame_ = true;  // an empty input has no frame at all
    if (!context_) context_.reset(ZSTD_createDCtx());
    CHECK(context_ != nullptr);
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
  }

  // Frames may follow each other, as in zstd's own tool.
  Result<Bytes> next(std::size_t) override {
    ZSTD_outBuffer out{buffer_.at_least(k_piece_size), k_piece_size, 0};
    while (out.pos == 0 && (is_inside_frame_ || input_.pos < input_.size)) {
      const std::size_t in_before = input_.pos;
      const std::size_t hint = ZSTD_decompressStream(context_.get(), &out, &input_);
      if (ZSTD_isError(hint) != 0) {
        return fail(Errc::corrupt_message, "zstd: {}", ZSTD_getErrorName(hint));
      }
      is_inside_frame_ = hint != 0;
      if (out.pos == 0 && input_.pos == in_before && is_inside_frame_) {
        return fail(Errc::corrupt_message, "zstd: the input ends inside a frame");
      }
    }
    return Bytes{static_cast<const std::byte*>(out.dst), out.pos};
  }

  void trim() override {
    if (context_ && ZSTD_sizeof_DCtx(context_.get()) > k_trimmed_size) context_.reset();
  }

 private:
  // The window of level 3, which Kafka's clients use by default, is 2 MB.
  static constexpr std::size_t k_trimmed_size = std::size_t{4} << 20U;

  std::unique_ptr<ZSTD_DCtx, DecompressionFree> context_;
  PieceBuffer buffer_;
  ZSTD_inBuffer input_{};
  bool is_inside_frame_ = false;
};

}  // namespace

std::unique_ptr<Decompressor::Source> make_zstd_source() { return std::make_unique<ZstdSource>(); }

void zstd_onto(std::vector<std::byte>& out, Level level, Bytes input) {
  const std::unique_ptr<ZSTD_CCtx, CompressionFree> context(ZSTD_createCCtx());
  CHECK(context != nullptr);
  const std::size_t set =
      ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level.value());
  CHECK_OP(ZSTD_isError(set), ==, 0U);
  const std::size_t at = out.size();
  out.resize(at + ZSTD_compressBound(input.size()));
  const std::size_t size =
      ZSTD_compress2(context.get(), out.data() + at, out.size() - at, input.data(), input.size());
  CHECK_OP(ZSTD_isError(size), ==, 0U);
  out.resize(at + size);
}

}  // namespace moldau::compress
