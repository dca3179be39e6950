#pragma once
#include <algorithm>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/reader.h"

// What classic consumers put into JoinGroup and SyncGroup for each other, a version before it.
// Source: org.apache.kafka.clients.consumer.internals.ConsumerProtocol.
namespace moldau::group {

// A later version reads as the last known one: fields are only ever added.
// Errors: corrupt_data, or as the decoder says.
template <class Message>
[[nodiscard]] Result<Message> read_embedded(Bytes bytes) {
  Reader in(bytes);
  const ApiVersion version{in.i16()};
  if (!in.ok() || version < ApiVersion{0}) return fail(Errc::corrupt_data);
  return Message::decode(in.rest(), std::min(version, Message::k_versions.last));
}

}  // namespace moldau::group
