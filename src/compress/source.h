#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "compress/codec.h"
#include "compress/decompressor.h"

// Inside compress/ only: what each codec brings.
namespace moldau::compress {

inline constexpr std::size_t k_piece_size = std::size_t{64} << 10U;

// One codec's reader. It keeps its context from one input to the next.
class Decompressor::Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;
  virtual void open(Bytes input, Lz4Header lz4_header) = 0;
  // As Decompressor::next(). After an error it is not called again before open().
  [[nodiscard]] virtual Result<Bytes> next(std::size_t piece_max) = 0;
  virtual void trim() = 0;
};

// Memory for one piece of output. Growing forgets what it held, and touches none of the new bytes.
class PieceBuffer {
 public:
  [[nodiscard]] std::byte* at_least(std::size_t size) {
    if (size > size_) {
      bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
      size_ = size;
    }
    return bytes_.get();
  }
  void shrink_to(std::size_t size) {
    if (size_ <= size) return;
    bytes_.reset();
    size_ = 0;
  }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
};

[[nodiscard]] std::unique_ptr<Decompressor::Source> make_gzip_source();
[[nodiscard]] std::unique_ptr<Decompressor::Source> make_snappy_source();
[[nodiscard]] std::unique_ptr<Decompressor::Source> make_lz4_source();
[[nodiscard]] std::unique_ptr<Decompressor::Source> make_zstd_source();

void gzip_onto(std::vector<std::byte>& out, Level level, Bytes input);
void snappy_onto(std::vector<std::byte>& out, Bytes input);
void lz4_onto(std::vector<std::byte>& out, Level level, Bytes input);
void zstd_onto(std::vector<std::byte>& out, Level level, Bytes input);

}  // namespace moldau::compress
