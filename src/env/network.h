#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "env/disk.h"
#include "env/task.h"

namespace moldau::env {

struct Endpoint {
  std::string host;  // a name or an address; "" is every address
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// One connection. Calls never block: they do what the socket takes now, and 0 means "wait first"
// (readable(), writable()). The end of the stream and every failure is connection_closed; after
// close() everything answers cancelled.
// Context: the shard that accepted or connected it. One waiter for each direction.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  [[nodiscard]] virtual Result<std::size_t> try_read(std::span<std::byte> into) = 0;
  [[nodiscard]] virtual Result<std::size_t> try_write(std::span<const Bytes> parts) = 0;
  // Straight from the page cache (sendfile) where the transport allows it. io_failure when the
  // file is shorter than the range says.
  [[nodiscard]] virtual Result<std::size_t> try_send_file(const FileRange& range) = 0;
  // A hint: what is written while `follows` may wait a moment for what comes behind it, so that a
  // short piece and a range of a file share a packet.
  virtual void more_follows(bool /*follows*/) {}
  [[nodiscard]] virtual Task<Result<void>> readable() = 0;
  [[nodiscard]] virtual Task<Result<void>> writable() = 0;
  // No more bytes from us; reading goes on.
  virtual void shutdown_write() = 0;
  // Idempotent. Waits complete with cancelled.
  virtual void close() = 0;
  // "address:port" of the other side, for logs.
  [[nodiscard]] virtual const std::string& peer() const = 0;
};

// A listening socket. With several shards each has its own on the same port, and the system spreads
// the connections.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;
  // Errors: cancelled after close(); limit_reached when descriptors are used up (wait, then go on).
  [[nodiscard]] virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  // What it is bound to; the port is real even if 0 was asked for.
  [[nodiscard]] virtual const Endpoint& local() const = 0;
  virtual void close() = 0;
};

class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;
  // Errors: bad_configuration (address in use, not ours, no permission) with what to change.
  [[nodiscard]] virtual Task<Result<std::unique_ptr<Listener>>> listen(Endpoint at) = 0;
  // Errors: connection_refused; timed_out is the caller's to decide (close what it waits for).
  [[nodiscard]] virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to) = 0;
};

}  // namespace moldau::env
