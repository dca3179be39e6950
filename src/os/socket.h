#pragma once
#include <coroutine>
#include <memory>
#include <string>

#include "env/network.h"
#include "os/descriptor.h"
#include "os/shard.h"

namespace moldau::os {

// One TCP connection, non-blocking.
// Context: one shard, which outlives it.
class PosixStream final : public env::Stream {
 public:
  // Takes over a socket that is non-blocking already. `connecting`: not writable before the system
  // says so.
  PosixStream(Shard& shard, Descriptor fd, std::string peer, bool connecting);
  ~PosixStream() override;

  [[nodiscard]] Result<std::size_t> try_read(std::span<std::byte> into) override;
  [[nodiscard]] Result<std::size_t> try_write(std::span<const Bytes> parts) override;
  [[nodiscard]] Result<std::size_t> try_send_file(const env::FileRange& range) override;
  void more_follows(bool follows) override { more_follows_ = follows; }
  [[nodiscard]] env::Task<Result<void>> readable() override;
  [[nodiscard]] env::Task<Result<void>> writable() override;
  void shutdown_write() override;
  void close() override;
  [[nodiscard]] const std::string& peer() const override { return peer_; }

  // The error that a connecting socket ended with; 0: connected.
  [[nodiscard]] int take_connect_error();

 private:
  class State;
  std::shared_ptr<State> state_;  // waits hold it too, so they may end after the stream is gone
  std::string peer_;
  bool more_follows_ = false;
};

}  // namespace moldau::os
