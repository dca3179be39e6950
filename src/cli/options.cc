#include "cli/options.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "cli/text_lines.h"
#include "config/value_text.h"

namespace moldau::cli {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replace, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// By its word or its letter.
const Option* find(std::span<const Option> options, std::string_view name) {
  const auto found = std::ranges::find_if(options, [&](const Option& option) {
    return option.name == name || (name.size() == 1 && option.letter == name[0]);
  });
  return found == options.end() ? nullptr : &*found;
}

std::string dashed(std::string_view name) {
  return (name.size() == 1 ? "-" : "--") + std::string(name);
}

std::unexpected<Error> unknown(std::string_view word, std::span<const Option> options) {
  std::vector<std::string_view> names;
  for (const Option& option : options) names.push_back(option.name);
  const std::string_view near = nearest(word, names);
  return fail(Errc::invalid_request, "{} is not a recognized option{}", word,
              near.empty() ? "" : fmt::format("\nDid you mean {}?", dashed(near)));
}

// The name in "--name", "--name=value" or "-x"; empty when the word is no option.
std::string_view option_name(std::string_view word) {
  if (word.starts_with("--")) return word.substr(2, word.find('=') - 2);
  if (word.size() >= 2 && word[0] == '-' && word[1] != '-')
    return word.substr(1, word.find('=') - 1);
  return {};
}

bool looks_like_option(std::span<const Option> options, std::string_view word) {
  return word.starts_with("--") || (!option_name(word).empty() && find(options, option_name(word)));
}

// The parts of a text between separators outside of [brackets]: what follows an outer one opens a
// bracket before it closes one, if it does either.
std::vector<std::string_view> split_outside(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != separator) continue;
    const std::size_t bracket = text.find_first_of("[]", i + 1);
    if (bracket != std::string_view::npos && text[bracket] == ']') continue;
    parts.push_back(text.substr(from, i - from));
    from = i + 1;
  }
  parts.push_back(text.substr(from));
  return parts;
}

}  // namespace

bool Given::has(std::string_view name) const {
  return std::ranges::find(entries_, name, &Entry::name) != entries_.end();
}

std::string Given::one(std::string_view name, std::string_view otherwise) const {
  const auto found = std::ranges::find(entries_.rbegin(), entries_.rend(), name, &Entry::name);
  return found == entries_.rend() ? std::string(otherwise) : found->value;
}

std::vector<std::string> Given::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const Entry& entry : entries_) {
    if (entry.name == name) values.push_back(entry.value);
  }
  return values;
}

std::vector<std::string> Given::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.name);
  return names;
}

Result<Given> parse_options(std::span<const Option> options, std::span<const std::string> words) {
  Given given;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::string_view name = option_name(word);
    if (word == "-" || name.empty()) {
      given.positional_.emplace_back(word);
      continue;
    }
    const Option* option = find(options, name);
    if (option == nullptr) return unknown(name, options);
    const std::size_t equals = word.find('=');
    Given::Entry entry{std::string(option->name), {}};
    if (!option->takes_value()) {
      entry.value.clear();  // Kafka's parser takes --word=value for --word
    } else if (equals != std::string_view::npos) {
      entry.value = word.substr(equals + 1);
    } else if (i + 1 < words.size() && !looks_like_option(options, words[i + 1])) {
      entry.value = words[++i];
    } else if (!option->value_is_optional) {
      return fail(Errc::invalid_request, "Option {} requires an argument", name);
    }
    if (!option->instead_of.empty()) {
      given.notes_.push_back(fmt::format("Option {} is an older spelling of {}, which is used.",
                                         dashed(name), dashed(option->instead_of)));
      entry.name = option->instead_of;
    }
    if (!option->repeatable && option->takes_value() && given.has(entry.name)) {
      given.repeated_ = fmt::format(
          "Found multiple arguments for option {}, but you asked for only one", entry.name);
    }
    given.entries_.push_back(std::move(entry));
  }
  return given;
}

std::string missing_argument(const Given& given, std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    if (!given.has(name)) return fmt::format("Missing required argument \"[{}]\"", name);
  }
  return {};
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string_view part : split_at(text, ',')) {
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

Result<std::vector<KeyValue>> parse_key_values(std::string_view text) {
  std::vector<KeyValue> out;
  std::vector<std::string_view> parts = split_outside(text, ',');
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  for (const std::string_view part : parts) {
    const std::vector<std::string_view> sides = split_outside(part, '=');
    if (sides.size() != 2) {
      return fail(Errc::invalid_request,
                  "requirement failed: Invalid entity config: all configs to be added must be in "
                  "the format \"key=val\" or  \"key=[val1,val2]\" to group values which contain "
                  "commas.");
    }
    KeyValue pair{std::string(config::java_trim(sides[0])), std::string(sides[1])};
    std::erase_if(pair.value, [](char c) { return c == '[' || c == ']'; });
    pair.value = std::string(config::java_trim(pair.value));
    // As in a map, the last value of a key is the one that counts.
    std::erase_if(out, [&](const KeyValue& other) { return other.key == pair.key; });
    out.push_back(std::move(pair));
  }
  return out;
}

std::string option_table(std::span<const Option> options) {
  constexpr std::size_t k_width = 80;
  constexpr std::size_t k_gap = 2;
  struct Row {
    std::string option, help;
  };
  std::vector<Row> rows;
  const auto add = [&](const Option& option) {
    Row row{dashed(option.name), std::string(option.help)};
    if (option.takes_value()) {
      const std::string_view type = option.type.empty() ? "String" : option.type;
      const std::string value =
          option.value.empty() ? std::string(type) : fmt::format("{}: {}", type, option.value);
      row.option += fmt::format(" {}{}{}", option.value_is_optional ? '[' : '<', value,
                                option.value_is_optional ? ']' : '>');
    }
    if (!option.preset.empty()) row.help += fmt::format(" (default: {})", option.preset);
    rows.push_back(std::move(row));
  };
  for (const Option& option : options) {
    if (option.instead_of.empty() && option.name != "help") add(option);
  }
  add({.name = "help", .help = "Print this text."});
  add({.name = "version", .help = "Print the version."});
  std::ranges::sort(rows, {}, &Row::option);
  rows.insert(rows.begin(), {{"Option", "Description"}, {"------", "-----------"}});
  // As wide as it must be, and at most half; measured again once the lines are cut.
  std::size_t wide = 0;
  for (const Row& row : rows) wide = std::max(wide, row.option.size());
  wide = std::min(wide, (k_width - k_gap) / 2);
  std::vector<Row> lines;
  for (const Row& row : rows) {
    const std::vector<std::string> left = filled_lines(row.option, wide);
    const std::vector<std::string> right = filled_lines(row.help, k_width - k_gap - wide);
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      lines.push_back({i < left.size() ? left[i] : "", i < right.size() ? right[i] : ""});
    }
  }
  std::size_t left_width = 0;
  std::size_t right_width = 0;
  for (const Row& line : lines) {
    left_width = std::max(left_width, line.option.size());
    right_width = std::max(right_width, line.help.size());
  }
  std::string text;
  for (const Row& line : lines) {
    text += fmt::format("{:<{}}{:<{}}\n", line.option, left_width + k_gap, line.help, right_width);
  }
  return text;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t best_distance = word.size() / 3 + 2;  // further away it is another word
  for (const std::string_view name : names) {
    const std::size_t here = distance(word, name);
    if (here < best_distance) {
      best = name;
      best_distance = here;
    }
  }
  return best;
}

}  // namespace moldau::cli
