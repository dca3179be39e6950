#pragma once
#include <memory>
#include <string>
#include <utility>

#include "env/env.h"
#include "os/runtime.h"

namespace moldau::os {

struct Connected {
  std::unique_ptr<env::Stream> near;
  std::unique_ptr<env::Stream> far;
};

// Two ends of one TCP connection over the loopback.
inline env::Task<Connected> connect_pair(env::Env& env) {
  auto listener = co_await env.network.listen({"127.0.0.1", 0});
  CHECK_OK(listener);
  auto near = co_await env.network.connect((*listener)->local());
  CHECK_OK(near);
  auto far = co_await (*listener)->accept();
  CHECK_OK(far);
  co_return Connected{*std::move(near), *std::move(far)};
}

inline env::Task<void> write_all(env::Stream& stream, std::string text) {
  Bytes left = as_bytes(text);
  while (!left.empty()) {
    const std::array<Bytes, 1> parts{left};
    const Result<std::size_t> put = stream.try_write(parts);
    if (!put) co_return;
    left = left.subspan(*put);
    if (*put == 0 && !co_await stream.writable()) co_return;
  }
}

// What comes, up to `size` bytes or the end of the stream.
inline env::Task<std::string> read_some(env::Stream& stream, std::size_t size) {
  std::string got;
  std::string chunk(65'536, '\0');
  while (got.size() < size) {
    const std::size_t want = std::min(size - got.size(), chunk.size());
    const Result<std::size_t> part =
        stream.try_read({reinterpret_cast<std::byte*>(chunk.data()), want});
    if (!part) break;
    got.append(chunk, 0, *part);
    if (*part == 0 && !co_await stream.readable()) break;
  }
  co_return got;
}

}  // namespace moldau::os
