#pragma once
#include "bytes/writer.h"
#include "protocol/codec.h"

// offsetof of a struct that is not of standard layout (std::optional is none) is conditionally
// supported; the one supported compiler does, for everything without virtual bases.
#pragma clang diagnostic ignored "-Winvalid-offsetof"

// The members that every generated message has, for the generated sources only.
#define MOLDAU_MESSAGE_MEMBERS(Message)                                                   \
  Result<Message> Message::decode(Bytes in, moldau::ApiVersion at_version) {              \
    return decode_as<Message>(in, at_version, nullptr);                                   \
  }                                                                                       \
  Result<Message> Message::decode(const SharedBytes& in, moldau::ApiVersion at_version) { \
    return decode_as<Message>(in.view(), at_version, &in);                                \
  }                                                                                       \
  Result<void> Message::encodable(moldau::ApiVersion at_version) const {                  \
    TRY_OK(measure(k_message, this, at_version));                                         \
    return {};                                                                            \
  }                                                                                       \
  void Message::encode(Writer& out, moldau::ApiVersion at_version) const {                \
    protocol::encode(k_message, this, out, at_version);                                   \
  }                                                                                       \
  std::size_t Message::size(moldau::ApiVersion at_version) const {                        \
    const Result<std::size_t> bytes = measure(k_message, this, at_version);               \
    CHECK_OK(bytes);                                                                      \
    return *bytes;                                                                        \
  }
