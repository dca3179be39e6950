#pragma once
#include <cstddef>
#include <memory>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "compress/codec.h"

namespace moldau::compress {

// Decompresses piece by piece, so that who only looks at the output never holds all of it.
// Context: pure; owned and used by one shard. It keeps its library contexts and buffers from one
//          input to the next: one object for each shard makes validation free of allocation.
// Memory:  at most about 64 KB of output at a time, but a whole block of lz4 (up to 4 MB) or snappy
//          (up to 22 times its compressed size). trim() gives back what one odd input made it take.
class Decompressor {
 public:
  Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;
  ~Decompressor();

  // Begins `input`, which must outlive the reading. What was begun before is forgotten.
  void open(Codec codec, Bytes input, Lz4Header lz4_header = Lz4Header::checked);

  // The next piece of output; empty at the end of the input. The view is good until the next call.
  // Errors: corrupt_message (then the input cannot be read on), message_too_large (one snappy block
  // announces, and its size allows, more than piece_max).
  [[nodiscard]] Result<Bytes> next();

  // The largest single block that next() may decode. Default: 2 GB, as in Kafka.
  void set_piece_max(std::size_t piece_max);
  // Frees buffers and contexts above what ordinary batches need.
  void trim();

  class Source;  // of one codec

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moldau::compress
