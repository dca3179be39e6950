#include <bit>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "protocol/access.h"
#include "protojson/json.h"
#include "protojson/json_text.h"
#include "protojson/order.h"

namespace moldau::protojson {
namespace {

using protocol::FieldFacts;
using protocol::StructFacts;
using protocol::Wire;

// Java turns malformed UTF-8 into replacement characters; a JSON text may hold nothing else.
std::string valid_utf8(std::string_view text) {
  const Json json(text);
  const std::string dumped = json_text(json);
  return Json::parse(dumped).get<std::string>();
}

class ToJson {
 public:
  ToJson(int version, RecordsAs records) : version_(version), records_(records) {}

  Json structure(const StructFacts& facts, const void* object) const {
    Json out = Json::object();
    for_each_in_order(facts, [&](const FieldFacts& field) {
      if (!field.versions.contains(version_)) return;
      if (field.tag >= 0 && protocol::is_default(field, object)) return;
      this->field(out, field, protocol::at(object, field.offset));
    });
    return out;
  }

 private:
  void field(Json& out, const FieldFacts& field, const void* holder) const {
    const void* value = protocol::present(field, holder);
    if (value == nullptr) {
      out[field.name] = nullptr;
    } else if (field.list != nullptr) {
      Json list = Json::array();
      const std::size_t count = field.list->size(value);
      for (std::size_t i = 0; i < count; ++i)
        list.push_back(
            single(field, protocol::at(field.list->data(value), i * field.list->stride)));
      out[field.name] = std::move(list);
    } else if (is_sized_only(field.wire, value)) {
      out[std::string(field.name) + "SizeInBytes"] = protocol::content_size(field.wire, value);
    } else {
      out[field.name] = single(field, value);
    }
  }

  bool is_sized_only(Wire wire, const void* value) const {
    if (wire == Wire::records && protocol::as<protocol::Records>(value).is_splice()) return true;
    return records_ == RecordsAs::size_in_bytes &&
           (wire == Wire::records || wire == Wire::records_view);
  }

  Json single(const FieldFacts& field, const void* value) const {
    switch (field.wire) {
      case Wire::boolean:
        return protocol::load<bool>(value);
      case Wire::i8:
      case Wire::i16:
      case Wire::u16:
      case Wire::i32:
      case Wire::u32:
      case Wire::i64:
      case Wire::millis32:
        return protocol::load_number(field.wire, value);
      case Wire::error:
        return protocol::wire_of_errc(protocol::load<Errc>(value));
      case Wire::f64:
        return std::bit_cast<double>(protocol::load_number(field.wire, value));
      case Wire::uuid:
        return protocol::as<Uuid>(value).to_string();
      case Wire::text:
      case Wire::text_cut:
      case Wire::text_view:
        return valid_utf8(as_text(protocol::content(field.wire, value)));
      case Wire::bytes:
      case Wire::records_view:
      case Wire::records:
        return base64_encode(protocol::content(field.wire, value), Base64::standard);
      case Wire::structure:
        return structure(*field.of, value);
    }
    return nullptr;
  }

  int version_;
  RecordsAs records_;
};

}  // namespace

Json to_json(const protocol::MessageFacts& facts, const void* message, ApiVersion version,
             RecordsAs records) {
  return ToJson(version.value(), records).structure(*facts.body, message);
}

}  // namespace moldau::protojson
