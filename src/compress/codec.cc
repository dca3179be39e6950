#include "compress/codec.h"

#include <algorithm>
#include <array>

#include "compress/decompressor.h"
#include "compress/source.h"

namespace moldau::compress {
namespace {

struct CodecFacts {
  Codec codec;
  std::string_view name;
  std::optional<LevelRange> levels;
};

// Source: CompressionType. The ranges are those of Kafka's libraries, not of ours: each .cc says
// how it maps them.
constexpr std::array k_codecs{
    CodecFacts{Codec::none, "none", std::nullopt},
    CodecFacts{Codec::gzip, "gzip", LevelRange{Level{1}, Level{9}, Level{-1}}},
    CodecFacts{Codec::snappy, "snappy", std::nullopt},
    CodecFacts{Codec::lz4, "lz4", LevelRange{Level{1}, Level{17}, Level{9}}},
    CodecFacts{Codec::zstd, "zstd", LevelRange{Level{-131072}, Level{22}, Level{3}}},
};

const CodecFacts& facts_of(Codec codec) { return k_codecs[static_cast<std::size_t>(codec)]; }

}  // namespace

std::string_view name_of(Codec codec) { return facts_of(codec).name; }

std::optional<Codec> codec_named(std::string_view name) {
  const auto* row = std::ranges::find(k_codecs, name, &CodecFacts::name);
  return row == k_codecs.end() ? std::nullopt : std::optional{row->codec};
}

std::optional<Codec> codec_of_id(unsigned id) {
  return id < k_codecs.size() ? std::optional{k_codecs[id].codec} : std::nullopt;
}

std::optional<LevelRange> levels_of(Codec codec) { return facts_of(codec).levels; }

bool is_level_of(Codec codec, Level level) {
  const std::optional<LevelRange>& range = facts_of(codec).levels;
  return range && ((range->min <= level && level <= range->max) || level == range->preset);
}

Level preset_level(Codec codec) {
  const std::optional<LevelRange>& range = facts_of(codec).levels;
  return range ? range->preset : Level{0};
}

void compress_onto(std::vector<std::byte>& out, Codec codec, Level level, Bytes input) {
  CHECK(!levels_of(codec) || is_level_of(codec, level));
  switch (codec) {
    case Codec::none:
      out.insert(out.end(), input.begin(), input.end());
      return;
    case Codec::gzip:
      gzip_onto(out, level, input);
      return;
    case Codec::snappy:
      snappy_onto(out, input);
      return;
    case Codec::lz4:
      lz4_onto(out, level, input);
      return;
    case Codec::zstd:
      zstd_onto(out, level, input);
      return;
  }
}

std::vector<std::byte> compress(Codec codec, Level level, Bytes input) {
  std::vector<std::byte> out;
  compress_onto(out, codec, level, input);
  return out;
}

Result<std::vector<std::byte>> decompress(Codec codec, Bytes input, std::size_t size_max,
                                          Lz4Header lz4_header) {
  Decompressor decompressor;
  decompressor.set_piece_max(size_max);
  decompressor.open(codec, input, lz4_header);
  std::vector<std::byte> out;
  for (;;) {
    TRY(const Bytes piece, decompressor.next());
    if (piece.empty()) return out;
    if (piece.size() > size_max - out.size()) {
      return fail(Errc::message_too_large, "{} bytes of {} decompress to more than {} bytes",
                  input.size(), name_of(codec), size_max);
    }
    out.insert(out.end(), piece.begin(), piece.end());
  }
}

}  // namespace moldau::compress
