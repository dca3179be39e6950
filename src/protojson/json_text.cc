#include "protojson/json_text.h"

#include <nlohmann/json.hpp>

namespace moldau::protojson {

std::string json_text(const nlohmann::ordered_json& value) { return json_lines(value, -1); }

std::string json_lines(const nlohmann::ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace moldau::protojson
