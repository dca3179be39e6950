// Parsing and checking of single values: ConfigDef.parseType and its validators. The sentences are
// those that Kafka's clients and tools know.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "config/keys.h"
#include "config/quorum_address.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

// Java's List.toString: "[a, b]".
std::string shown(const Value& value) {
  if (const auto* items = std::get_if<std::vector<std::string>>(&value))
    return "[" + joined(*items, ", ") + "]";
  if (std::holds_alternative<std::monostate>(value)) return "null";
  return *to_text(value);
}

std::unexpected<Error> refuse(const ConfigKey& key, std::string_view value, std::string_view why) {
  // A secret is not repeated in logs and answers.
  return fail(Errc::invalid_config, "Invalid value {} for configuration {}: {}",
              key.sensitive() ? "[hidden]" : value, key.name, why);
}

Result<Value> parse_number(const ConfigKey& key, std::string_view text, std::int64_t low,
                           std::int64_t high) {
  const std::string_view trimmed = java_trim(text);
  if (const auto number = parse_integer(trimmed, low, high)) return Value(*number);
  return refuse(key, text, std::string("Not a number of type ") + std::string(name_of(key.type)));
}

Result<Value> parse_type(const ConfigKey& key, std::string_view text) {
  using Limits16 = std::numeric_limits<std::int16_t>;
  using Limits32 = std::numeric_limits<std::int32_t>;
  using Limits64 = std::numeric_limits<std::int64_t>;
  const std::string_view trimmed = java_trim(text);
  switch (key.type) {
    case Type::boolean: {
      const std::string word = lower(trimmed);
      if (word == "true") return Value(true);
      if (word == "false") return Value(false);
      return refuse(key, text, "Expected value to be either true or false");
    }
    case Type::int16:
      return parse_number(key, text, Limits16::min(), Limits16::max());
    case Type::int32:
      return parse_number(key, text, Limits32::min(), Limits32::max());
    case Type::int64:
      return parse_number(key, text, Limits64::min(), Limits64::max());
    case Type::float64:
      if (const auto number = parse_double(trimmed)) return Value(*number);
      return refuse(key, text, "Not a number of type DOUBLE");
    case Type::list:
      return Value(split_list(text));
    case Type::unknown:
    case Type::string:
    case Type::class_name:  // there are no classes here to look up; the name is all that counts
    case Type::password:
      return Value(std::string(trimmed));
  }
  CHECK(false);
  return Value{};
}

Result<void> check_range(const ConfigKey& key, const Value& value) {
  if (std::holds_alternative<std::monostate>(value))
    return refuse(key, "null", "Value must be non-null");
  const auto* whole = std::get_if<std::int64_t>(&value);
  const double number = whole ? static_cast<double>(*whole) : std::get<double>(value);
  const Valid& valid = key.valid;
  if (valid.rule == Rule::range_or_minus_one) {
    if ((number < valid.low && number != -1) || number > valid.high)
      return fail(Errc::invalid_config,
                  "Invalid value {} for configuration {}: Value must be between {} and {} or "
                  "equal to -1",
                  shown(value), key.name, valid.low_text, valid.high_text);
    return {};
  }
  if (number < valid.low)
    return refuse(key, shown(value), std::string("Value must be at least ").append(valid.low_text));
  if (number > valid.high)
    return refuse(key, shown(value),
                  std::string("Value must be no more than ").append(valid.high_text));
  return {};
}

std::string listed(std::span<const std::string_view> choices) {
  std::string text;
  for (const std::string_view choice : choices) {
    if (!text.empty()) text += ", ";
    text += choice;
  }
  return text;
}

Result<void> check_choice(const ConfigKey& key, const std::string& text) {
  if (std::ranges::find(key.valid.choices, text) != key.valid.choices.end()) return {};
  return refuse(key, text, "String must be one of: " + listed(key.valid.choices));
}

Result<void> check_choice_any_case(const ConfigKey& key, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr) {
    const std::string word = upper(*text);
    if (std::ranges::any_of(key.valid.choices,
                            [&](std::string_view choice) { return upper(choice) == word; }))
      return {};
  }
  return refuse(key, shown(value),
                "String must be one of (case insensitive): " + listed(key.valid.choices));
}

Result<void> check_list(const ConfigKey& key, const Value& value) {
  const auto* items = std::get_if<std::vector<std::string>>(&value);
  if (items == nullptr) {
    if (key.valid.may_be_null) return {};
    return fail(Errc::invalid_config, "Configuration '{}' values must not be null.", key.name);
  }
  if (items->empty() && !key.valid.may_be_empty)
    return fail(
        Errc::invalid_config, "Configuration '{}' must not be empty. Valid values include: {}",
        key.name,
        key.valid.choices.empty() ? "any non-empty value" : "[" + listed(key.valid.choices) + "]");
  for (const std::string& item : *items) {
    if (item.empty())
      return fail(Errc::invalid_config, "Configuration '{}' values must not be empty.", key.name);
    if (key.valid.choices.empty()) continue;
    TRY_OK(check_choice(key, item));
  }
  return {};
}

Result<void> check_offset_reset(const ConfigKey& key, const std::string& text) {
  constexpr std::string_view k_prefix = "by_duration:";
  if (std::ranges::find(key.valid.choices, text) != key.valid.choices.end()) return {};
  if (text.starts_with(k_prefix)) {
    const auto duration = parse_iso_duration(std::string_view(text).substr(k_prefix.size()));
    if (duration && duration->seconds >= 0) return {};
  }
  const bool may_be_none = std::ranges::find(key.valid.choices, "none") != key.valid.choices.end();
  return fail(Errc::invalid_config,
              "Invalid value {} for configuration {}: Invalid value `{}` for configuration {}. "
              "The value must be either 'earliest', 'latest'{}",
              text, key.name, text, key.name,
              may_be_none ? ", 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'."
                          : " or of the format 'by_duration:<PnDTnHnMn.nS>'.");
}

bool is_replica(std::string_view item) {
  if (item.empty()) return true;
  const std::size_t colon = item.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == item.size()) return false;
  return std::ranges::all_of(item, [](char c) { return c == ':' || (c >= '0' && c <= '9'); }) &&
         item.find(':', colon + 1) == std::string_view::npos;
}

Result<void> check_throttled(const ConfigKey& key, const Value& value) {
  const auto& items = std::get<std::vector<std::string>>(value);
  if (joined(items, "") == "*" || std::ranges::all_of(items, is_replica)) return {};
  return fail(Errc::invalid_config,
              "Invalid value {} for configuration {}: {} must be the literal '*' or a list of "
              "replicas in the following format: "
              "[partitionId]:[brokerId],[partitionId]:[brokerId],...",
              shown(value), key.name, key.name);
}

Result<void> check_addresses(const ConfigKey& key, const Value& value) {
  const auto* items = std::get_if<std::vector<std::string>>(&value);
  if (items == nullptr)
    return fail(Errc::invalid_config, "Invalid value null for configuration {}", key.name);
  if (key.name == "controller.quorum.voters") {
    TRY_OK(parse_static_voters(*items));
  } else {
    TRY_OK(parse_bootstrap_servers(*items));
  }
  return {};
}

Result<void> check(const ConfigKey& key, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  switch (key.valid.rule) {
    case Rule::any:
      return {};
    case Rule::range:
    case Rule::range_or_minus_one:
      return check_range(key, value);
    case Rule::one_of:
      return check_choice(key, text ? *text : "null");
    case Rule::one_of_any_case:
      return check_choice_any_case(key, value);
    case Rule::list:
      return check_list(key, value);
    case Rule::non_empty_list:
      return check_addresses(key, value);
    case Rule::non_empty_string:
      if (text && text->empty()) return refuse(key, *text, "String must be non-empty");
      return {};
    case Rule::non_null:
      if (!text) return refuse(key, "null", "entry must be non null");
      return {};
    case Rule::offset_reset:
      return check_offset_reset(key, text ? *text : "null");
    case Rule::throttled_replicas:
      return check_throttled(key, value);
  }
  CHECK(false);
  return {};
}

void drop_repeated(std::vector<std::string>& items) {
  std::vector<std::string> kept;
  for (std::string& item : items)
    if (std::ranges::find(kept, item) == kept.end()) kept.push_back(std::move(item));
  items = std::move(kept);
}

}  // namespace

Result<Value> parse(const ConfigKey& key, std::optional<std::string_view> text) {
  Value value;
  if (text) {
    TRY(value, parse_type(key, *text));
  }
  if (key.valid.rule == Rule::list)
    if (auto* items = std::get_if<std::vector<std::string>>(&value)) drop_repeated(*items);
  TRY_OK(check(key, value));
  return value;
}

}  // namespace moldau::config
