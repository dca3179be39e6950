#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "bytes/endian.h"
#include "os/runtime.h"
#include "rpc/frame_memory.h"
#include "rpc/server.h"
#include "rpc/server_connection.h"
#include "unit/os/connected.h"
#include "unit/os/world.h"
#include "unit/telemetry/captured_log.h"

namespace moldau::rpc {

// "\0\0\0\5hello" of "hello".
inline std::string framed(const std::string& body) {
  std::string frame(4, '\0');
  store_big(reinterpret_cast<std::byte*>(frame.data()), static_cast<std::int32_t>(body.size()));
  return frame + body;
}

inline std::string patterned(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

// A request header of version 1 with the client id "c", and a body.
inline std::string request(std::int16_t api, std::int16_t version, std::int32_t correlation,
                           const std::string& body) {
  Writer out;
  out.i16(api);
  out.i16(version);
  out.i32(correlation);
  out.i16(1);
  out.text("c");
  out.text(body);
  return std::string{as_text(out.view())};
}

inline SharedBytes bytes_of(const std::string& text) {
  return SharedBytes::copy_of(as_bytes(text));
}

// The parts that connections of one shard share.
struct ShardParts {
  explicit ShardParts(env::Env& its_env, Limit budget = k_frame_bytes_per_shard_max)
      : env(its_env), memory(its_env, counters, budget) {}
  env::Env& env;
  telemetry::Counters counters;
  telemetry::CapturedLog sink;
  FrameMemory memory;
  ServerParts server{env, memory, counters, telemetry::Logger(sink, "rpc")};
};

}  // namespace moldau::rpc
