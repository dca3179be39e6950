#include "compress/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/compress/samples.h"

namespace moldau::compress {
namespace {

using test::k_real_codecs;
using test::lines;
using test::noise;

constexpr std::size_t k_big = std::size_t{64} << 20U;

TEST(Codec, NamesAndIdsAreKafkas) {
  EXPECT_EQ(codec_named("none"), Codec::none);
  EXPECT_EQ(codec_named("zstd"), Codec::zstd);
  EXPECT_EQ(codec_named("ZSTD"), std::nullopt);
  EXPECT_EQ(codec_of_id(3), Codec::lz4);
  EXPECT_EQ(codec_of_id(5), std::nullopt);
  for (unsigned id = 0; id < 5; ++id) EXPECT_EQ(codec_named(name_of(*codec_of_id(id))), Codec(id));
}

TEST(Codec, LevelsAreThoseOfTheConfigurationKeys) {
  EXPECT_TRUE(is_level_of(Codec::gzip, Level{-1}));
  EXPECT_FALSE(is_level_of(Codec::gzip, Level{0}));
  EXPECT_FALSE(is_level_of(Codec::gzip, Level{10}));
  EXPECT_TRUE(is_level_of(Codec::lz4, Level{17}));
  EXPECT_FALSE(is_level_of(Codec::lz4, Level{0}));
  EXPECT_TRUE(is_level_of(Codec::zstd, Level{-131072}));
  EXPECT_FALSE(is_level_of(Codec::zstd, Level{23}));
  EXPECT_FALSE(is_level_of(Codec::snappy, Level{1}));
  EXPECT_EQ(preset_level(Codec::zstd), Level{3});
}

TEST(Codec, WhatIsCompressedComesBackForEverySizeAndKindOfBytes) {
  for (const Codec codec : k_real_codecs) {
    for (const std::size_t size : {0U, 1U, 100U, 32'768U, 65'536U, 65'537U, 1'000'000U}) {
      for (const auto& input : {lines(size), noise(size)}) {
        const auto packed = compress(codec, preset_level(codec), input);
        EXPECT_EQ(decompress(codec, packed, k_big).value(), input) << name_of(codec) << size;
      }
    }
  }
}

TEST(Codec, EveryLevelGivesReadableBytes) {
  const auto input = lines(100'000);
  for (const Codec codec : k_real_codecs) {
    const auto range = levels_of(codec);
    if (!range) continue;
    for (const Level level :
         {range->min, range->max, range->preset, Level{1}, Level{5}, Level{9}}) {
      const auto packed = compress(codec, level, input);
      EXPECT_LE(packed.size(), input.size() + 100);  // zstd's fastest hardly compresses
      EXPECT_EQ(decompress(codec, packed, k_big).value(), input) << name_of(codec) << level.value();
    }
  }
}

TEST(Codec, CompressOntoKeepsWhatStandsBefore) {
  const auto input = lines(10'000);
  for (const Codec codec : k_real_codecs) {
    std::vector<std::byte> out(61, std::byte{7});
    compress_onto(out, codec, preset_level(codec), input);
    EXPECT_EQ(std::vector(61, std::byte{7}), std::vector(out.begin(), out.begin() + 61));
    EXPECT_EQ(decompress(codec, Bytes{out}.subspan(61), k_big).value(), input);
  }
}

TEST(Codec, OutputAtTheLimitIsGivenAndOneByteMoreIsRefused) {
  const auto input = lines(200'000);
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const auto packed = compress(codec, preset_level(codec), input);
    EXPECT_EQ(decompress(codec, packed, input.size()).value(), input);
    const auto refused = decompress(codec, packed, input.size() - 1);
    ASSERT_FALSE(refused.has_value()) << name_of(codec);
    EXPECT_EQ(refused.error().code(), Errc::message_too_large) << name_of(codec);
  }
}

TEST(Codec, ABombIsRefusedBeforeItGrows) {
  const std::vector<std::byte> zeros(k_big);
  for (const Codec codec : k_real_codecs) {
    const auto bomb = compress(codec, preset_level(codec), zeros);
    const auto refused = decompress(codec, bomb, 1'000'000);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), Errc::message_too_large) << name_of(codec);
  }
}

TEST(Codec, TruncatedInputIsCorruptAtEveryLength) {
  const auto input = lines(3'000);
  for (const Codec codec : k_real_codecs) {
    const auto packed = compress(codec, preset_level(codec), input);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      const auto got = decompress(codec, Bytes{packed}.first(size), k_big);
      // Snappy's framing has no end mark: a cut between two blocks cannot be seen.
      if (got.has_value()) {
        EXPECT_EQ(codec, Codec::snappy) << size;
        EXPECT_LT(got->size(), input.size());
      } else {
        EXPECT_EQ(got.error().code(), Errc::corrupt_message) << name_of(codec) << size;
      }
    }
  }
}

RC_GTEST_PROP(CodecProperty, WhatIsCompressedComesBack, (std::vector<std::uint8_t> seed)) {
  std::vector<std::byte> input;
  for (int times = 0; times < 3; ++times) {
    for (const std::uint8_t b : seed) input.push_back(std::byte{b});
  }
  const auto codec = static_cast<Codec>(*rc::gen::inRange(0, 5));
  RC_ASSERT(decompress(codec, compress(codec, preset_level(codec), input), k_big).value() == input);
}

RC_GTEST_PROP(CodecProperty, MutatedBytesNeverCrashAndStayBounded, ()) {
  const auto codec = static_cast<Codec>(*rc::gen::inRange(1, 5));
  auto packed = compress(codec, preset_level(codec), lines(5'000, *rc::gen::arbitrary<unsigned>()));
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    packed[*rc::gen::inRange<std::size_t>(0, packed.size())] =
        std::byte{*rc::gen::arbitrary<std::uint8_t>()};
  }
  const auto got = decompress(codec, packed, 100'000);
  if (!got) return;
  RC_ASSERT(got->size() <= 100'000U);
}

}  // namespace
}  // namespace moldau::compress
