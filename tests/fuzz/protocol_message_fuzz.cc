// The decoder of every message and record. Two bytes choose the message (its place in
// all_messages()), one the version, the rest is the body.
// What decodes must encode, be measured right, and decode again to an equal message.
#include "base/check.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "protocol/access.h"
#include "protocol/codec.h"

using namespace moldau;
using namespace moldau::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in({reinterpret_cast<const std::byte*>(data), size});
  const auto messages = all_messages();
  const MessageFacts& facts = *messages[in.u16() % messages.size()];
  const auto count = facts.versions.last.value() - facts.versions.first.value() + 1;
  const auto step = static_cast<std::uint8_t>(in.i8()) % count;
  const ApiVersion version{static_cast<std::int16_t>(facts.versions.first.value() + step)};
  if (!in.ok()) return 0;

  const auto message = facts.make();
  if (!decode_into(facts, in.rest(), version, message.get())) return 0;
  const Result<std::size_t> measured = measure(facts, message.get(), version);
  CHECK_OK(measured);
  Writer out;
  encode(facts, message.get(), out, version);
  CHECK_OP(out.total_size(), ==, *measured);
  const auto again = facts.make();
  CHECK_OK(decode_into(facts, out.view(), version, again.get()));
  Writer second;
  encode(facts, again.get(), second, version);
  CHECK(as_text(second.view()) == as_text(out.view()));
  return 0;
}
