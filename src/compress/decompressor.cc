#include "compress/decompressor.h"

#include <array>
#include <limits>

#include "compress/source.h"

namespace moldau::compress {
namespace {

// `none`: the input is the output.
class PlainSource final : public Decompressor::Source {
 public:
  void open(Bytes input, Lz4Header) override { input_ = input; }
  Result<Bytes> next(std::size_t) override { return std::exchange(input_, Bytes{}); }
  void trim() override {}

 private:
  Bytes input_;
};

std::unique_ptr<Decompressor::Source> make_source(Codec codec) {
  switch (codec) {
    case Codec::none:
      return std::make_unique<PlainSource>();
    case Codec::gzip:
      return make_gzip_source();
    case Codec::snappy:
      return make_snappy_source();
    case Codec::lz4:
      return make_lz4_source();
    case Codec::zstd:
      return make_zstd_source();
  }
  CHECK(false);
  return nullptr;
}

}  // namespace

struct Decompressor::State {
  std::array<std::unique_ptr<Source>, 5> sources;  // by codec, made when first needed
  Source* current = nullptr;                       // nullptr: nothing is open, or it failed
  std::size_t piece_max = std::numeric_limits<std::int32_t>::max();
};

Decompressor::Decompressor() : state_(std::make_unique<State>()) {}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

void Decompressor::open(Codec codec, Bytes input, Lz4Header lz4_header) {
  auto& source = state_->sources[static_cast<std::size_t>(codec)];
  if (!source) source = make_source(codec);
  source->open(input, lz4_header);
  state_->current = source.get();
}

Result<Bytes> Decompressor::next() {
  if (state_->current == nullptr) return Bytes{};
  Result<Bytes> piece = state_->current->next(state_->piece_max);
  if (!piece || piece->empty()) state_->current = nullptr;
  return piece;
}

void Decompressor::set_piece_max(std::size_t piece_max) { state_->piece_max = piece_max; }

void Decompressor::trim() {
  state_->current = nullptr;
  for (const auto& source : state_->sources) {
    if (source) source->trim();
  }
}

}  // namespace moldau::compress
