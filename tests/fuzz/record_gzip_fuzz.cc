#include "fuzz/decompress.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace moldau;
  const Bytes input{reinterpret_cast<const std::byte*>(data), size};
  test::fuzz_decompress(compress::Codec::gzip, input, compress::Lz4Header::checked);
  return 0;
}
