#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

// JSON values as text, made in one place: the templates behind it are most of what a source that
// prints JSON would take to compile. What is not UTF-8 becomes U+FFFD: names come from others, and
// a tool must be able to print them.
namespace moldau::protojson {

[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value);
// Over several lines, each level `indent` spaces further in.
[[nodiscard]] std::string json_lines(const nlohmann::ordered_json& value, int indent = 1);

}  // namespace moldau::protojson
