#pragma once
#include <cstddef>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/shared_bytes.h"
#include "bytes/writer.h"
#include "protocol/tables.h"

// The one decoder and the one encoder of all messages: they walk the generated tables. The
// generated structs have members that call these; use those. Hostile input: every length and count
// is compared with the bytes that remain before memory is taken; a list has at most
// k_array_elements_max elements, a struct k_tagged_fields_max tagged fields, a string
// k_text_bytes_max bytes. All memory taken is bounded by a small multiple of the bytes given.
// Source: MessageDataGenerator of Apache Kafka; KIP-482 for tagged fields.
namespace moldau::protocol {

// Fills `message`, a default-constructed value of facts.body. Views point into `bytes`; Records
// share `owner` when it is given.
// Errors: unsupported_version; bad_frame, also when bytes are left over.
[[nodiscard]] Result<void> decode_into(const MessageFacts& facts, Bytes bytes, ApiVersion version,
                                       void* message, const SharedBytes* owner = nullptr);
// The same from a reader that has more behind it. The reader's state tells of breaches.
void decode_prefix(const MessageFacts& facts, Reader& in, ApiVersion version, void* message,
                   const SharedBytes* owner = nullptr);

// Bytes that encode() will write, splices included.
// Errors: unsupported_version; invalid_request when the message says what `version` cannot (a field
// that is not ignorable and not at its default where the version lacks it, a null that is not
// allowed, a string over k_text_bytes_max).
[[nodiscard]] Result<std::size_t> measure(const MessageFacts& facts, const void* message,
                                          ApiVersion version);
// Measures and reserves once, then writes. Errors: those of measure(); then nothing is written.
[[nodiscard]] Result<void> encode_checked(const MessageFacts& facts, const void* message,
                                          Writer& out, ApiVersion version);
// The same in bytes of their own.
[[nodiscard]] Result<SharedBytes> encoded(const MessageFacts& facts, const void* message,
                                          ApiVersion version);
// REQUIRES: measure() gives no error.
void encode(const MessageFacts& facts, const void* message, Writer& out, ApiVersion version);

template <class T>
[[nodiscard]] Result<T> decode_as(Bytes bytes, ApiVersion version, const SharedBytes* owner) {
  T message;
  // Assigning an error to a Result would make each message's assignment, too.
  if (Result<void> done = decode_into(T::k_message, bytes, version, &message, owner); !done)
    return fail(std::move(done).error());
  return message;
}

}  // namespace moldau::protocol
