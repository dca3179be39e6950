#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/shared_bytes.h"

namespace moldau::compress {

// How the records of a batch are compressed. The value is the id in the batch's attributes.
// Source: CompressionType.
enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
inline constexpr unsigned k_codec_mask = 0x07;  // the bits of the attributes that hold the id

using Level = Id<struct CompressionLevelTag, std::int32_t>;

// The values that compression.<codec>.level takes: min to max, and also `preset`, which lies
// outside of min..max for gzip alone (-1: what the library does by itself).
struct LevelRange {
  Level min;
  Level max;
  Level preset;
};

// Kafka's name: none, gzip, snappy, lz4, zstd.
[[nodiscard]] std::string_view name_of(Codec codec);
// nullopt for a name or id that Kafka does not know (ids 5 to 7 fit the bits and mean nothing).
[[nodiscard]] std::optional<Codec> codec_named(std::string_view name);
[[nodiscard]] std::optional<Codec> codec_of_id(unsigned id);
// nullopt: the codec has no levels (none, snappy).
[[nodiscard]] std::optional<LevelRange> levels_of(Codec codec);
[[nodiscard]] bool is_level_of(Codec codec, Level level);
// The level that is used where none is configured; 0 where there are none.
[[nodiscard]] Level preset_level(Codec codec);

// A codec with its level, as compression.type and compression.<codec>.level name them together.
struct Compression {
  Codec codec = Codec::none;
  Level level{0};
  [[nodiscard]] static Compression of(Codec codec) { return {codec, preset_level(codec)}; }
  friend bool operator==(const Compression&, const Compression&) = default;
};

// Old producers wrote lz4 frames of magic 0 with a header checksum over the wrong bytes.
enum class Lz4Header : std::uint8_t { checked, unchecked };

// Compresses in the frame that Kafka's clients write: gzip with one member; snappy with the xerial
// header and blocks of 32 KB; lz4 frames of independent 64 KB blocks without content checksum; zstd
// frames. `none` copies. The bytes need not be those that Kafka's library would make.
// REQUIRES: is_level_of(codec, level), or any level where the codec has none.
[[nodiscard]] std::vector<std::byte> compress(Codec codec, Level level, Bytes input);
// The same, put behind what `out` holds.
void compress_onto(std::vector<std::byte>& out, Codec codec, Level level, Bytes input);

// Decompresses what any client may have sent: gzip of several members, snappy with the xerial
// header or raw (librdkafka), lz4 with any block size, several zstd frames.
// Memory: grows with the output that was really made, and with the input; never by a size that the
// input only announces. (zstd reserves address space for its announced window, at most 128 MB,
// which becomes resident as output fills it.)
// Bytes behind the end are ignored where Java's readers ignore them: behind an lz4 frame, and
// behind a gzip member if they begin no other. Errors: corrupt_message (bad or truncated bytes);
// message_too_large (the output would pass size_max; at most 64 KB, or one snappy or lz4 block,
// were made beyond it).
[[nodiscard]] Result<std::vector<std::byte>> decompress(Codec codec, Bytes input,
                                                        std::size_t size_max,
                                                        Lz4Header lz4_header = Lz4Header::checked);

}  // namespace moldau::compress
