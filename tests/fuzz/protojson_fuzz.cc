// Bytes to message to JSON and back: the JSON of any message that decodes gives that message again,
// except for unknown tags and text that is no UTF-8. And any text as the JSON of a message.
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "bytes/reader.h"
#include "protocol/codec.h"
#include "protojson/json.h"

using namespace moldau;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in({reinterpret_cast<const std::byte*>(data), size});
  const auto messages = protocol::all_messages();
  const protocol::MessageFacts& facts = *messages[in.u16() % messages.size()];
  const ApiVersion version = facts.versions.last;
  if (!in.ok()) return 0;

  protojson::Storage storage;
  const auto message = facts.make();
  if (protocol::decode_into(facts, in.rest(), version, message.get())) {
    const protojson::Json json = protojson::to_json(facts, message.get(), version);
    const auto again = facts.make();
    CHECK_OK(protojson::from_json(facts, json, version, again.get(), storage));
    CHECK(protojson::to_json(facts, again.get(), version).dump() == json.dump());
  }
  const std::string_view text = as_text(in.rest());
  const protojson::Json parsed = protojson::Json::parse(text, nullptr, false);
  const auto from_text = facts.make();
  if (!parsed.is_discarded())
    (void)protojson::from_json(facts, parsed, version, from_text.get(), storage).has_value();
  return 0;
}
