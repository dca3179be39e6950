#include "cli/subcommands.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/text_lines.h"

namespace moldau::cli {
namespace {

constexpr std::size_t k_width = 75;
constexpr std::size_t k_help_column = 25;
constexpr Argument k_json{.name = "json", .help = "Print JSON for programs."};

// Widens the spaces of a line, those in the middle first.
std::string stretched(std::string line, std::size_t width) {
  while (line.starts_with(' ')) line.erase(0, 1);
  while (line.ends_with(' ')) line.pop_back();
  const auto spaces = static_cast<std::size_t>(std::ranges::count(line, ' '));
  if (spaces == 0 || line.size() >= width) return line;
  const std::size_t missing = width - line.size();
  const std::size_t rest = missing % spaces;
  const std::size_t first = (spaces - rest + 1) / 2;
  std::string out;
  std::size_t seen = 0;
  for (const char c : line) {
    out += c;
    if (c != ' ') continue;
    out.append(missing / spaces + (seen >= first && seen < first + rest ? 1 : 0), ' ');
    ++seen;
  }
  return out;
}

std::string upper(std::string_view name) {
  std::string out;
  for (const char c : name) {
    out += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

// --name/-n
std::string flags_of(const Argument& argument) {
  std::string out = "--" + std::string(argument.name);
  if (argument.letter_first) return fmt::format("-{}/{}", argument.letter, out);
  if (argument.letter != 0) out += fmt::format("/-{}", argument.letter);
  return out;
}

std::string value_of(const Argument& argument) {
  std::string one(argument.metavar);
  if (one.empty() && !argument.choices.empty()) one = fmt::format("{{{}}}", argument.choices);
  if (one.empty()) one = upper(argument.name);
  return argument.many ? fmt::format("{} [{} ...]", one, one) : one;
}

std::string bare_usage(const Argument& argument) {
  if (argument.letter_first) return fmt::format("-{}", argument.letter);
  std::string out = "--" + std::string(argument.name);
  return argument.takes_value ? out + " " + value_of(argument) : out;
}

// [--a A], --b B, then (--c | --d), each a token that stays on one line.
void add_usage(std::vector<std::string>& tokens, std::span<const Argument> arguments,
               bool group_required) {
  for (const Argument& argument : arguments) {
    if (argument.group != 0) continue;
    tokens.push_back(argument.required ? bare_usage(argument)
                                       : fmt::format("[{}]", bare_usage(argument)));
  }
  std::vector<std::string> group;
  for (const Argument& argument : arguments) {
    if (argument.group == 0) continue;
    group.push_back(bare_usage(argument));
    group_required |= argument.required;
  }
  if (group.empty()) return;
  if (group.size() == 1 && group_required) {
    tokens.push_back(group.front());
    return;
  }
  group.front().insert(0, group_required ? "(" : "[");
  for (std::size_t i = 0; i + 1 < group.size(); ++i) group[i] += " |";
  group.back() += group_required ? ")" : "]";
  tokens.insert(tokens.end(), group.begin(), group.end());
}

std::string choices_of(const CommandLine& line) {
  if (!line.metavar.empty()) return std::string(line.metavar);
  std::string out;
  for (const Action& action : line.actions) {
    out += fmt::format("{}{}", out.empty() ? "" : ",", action.name);
  }
  return "{" + out + "}";
}

void add_help(std::string& out, std::string_view title, std::string_view help) {
  constexpr std::size_t k_title_max = 21;
  out += fmt::format("  {}", title);
  if (help.empty()) {
    out += '\n';
    return;
  }
  if (title.size() <= k_title_max) {
    out.append(k_help_column - 2 - title.size(), ' ');
  } else {
    out += '\n' + std::string(k_help_column, ' ');
  }
  out += wrapped(help, k_help_column, k_help_column) + "\n";
}

void add_arguments(std::string& out, std::span<const Argument> arguments) {
  out += "\noptional arguments:\n";
  add_help(out, "-h, --help", "Show this text.");
  const auto add = [&](const Argument& argument) {
    std::string title = bare_usage(argument);
    if (argument.letter_first) {
      title += fmt::format(", --{}", argument.name);
    } else if (argument.letter != 0) {
      title += fmt::format(", -{}", argument.letter);
      if (argument.takes_value) title += " " + value_of(argument);
    }
    add_help(out, title, argument.help);
  };
  for (const Argument& argument : arguments) {
    if (argument.title.empty()) add(argument);
  }
  std::string_view title;
  for (const Argument& argument : arguments) {
    if (argument.title.empty()) continue;
    if (argument.title != title) out += fmt::format("\n{}:\n", argument.title);
    title = argument.title;
    add(argument);
  }
}

template <class Number>
bool fits(const std::string& text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return !text.empty() && read.ec == std::errc{} && read.ptr == end;
}

class Parsing {
 public:
  Parsing(const CommandLine& line, std::span<const std::string> words, const Action*& action)
      : line_(line), words_(words), action_(action) {
    action_ = line.single ? &line.actions.front() : nullptr;
  }

  Result<ChosenAction> parse() {
    while (at_ < words_.size()) {
      const std::string& word = words_[at_];
      if (word == "-h" || word == "--help") {
        out_.given.add("help", "");
        out_.name = action_ == nullptr ? std::string_view{} : action_->name;
        return std::move(out_);
      }
      if (word.size() > 1 && word.starts_with('-')) {
        TRY_OK(take_flag());
      } else {
        TRY_OK(take_word());
      }
    }
    if (action_ == nullptr) return fail(Errc::invalid_request, "too few arguments");
    TRY_OK(check_required(action_->arguments));
    TRY_OK(check_group(action_->arguments, line_.one_of_each));
    // That is for the tool as a whole to say.
    Result<void> shared = check_required(line_.shared);
    if (shared) shared = check_group(line_.shared, line_.one_of_shared);
    if (!shared) {
      action_ = nullptr;
      return fail(shared.error());
    }
    return std::move(out_);
  }

 private:
  Result<void> take_word() {
    if (action_ != nullptr) {
      std::string rest;
      for (; at_ < words_.size(); ++at_) rest += (rest.empty() ? "" : " ") + words_[at_];
      return fail(Errc::invalid_request, "unrecognized arguments: '{}'", rest);
    }
    const auto found = std::ranges::find(line_.actions, words_[at_], &Action::name);
    if (found == line_.actions.end()) {
      std::string names;
      for (const Action& action : line_.actions) {
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", action.name);
      }
      return fail(Errc::invalid_request, "invalid choice: '{}' (choose from {})", words_[at_],
                  names);
    }
    action_ = &*found;
    out_.name = found->name;
    ++at_;
    return {};
  }

  Result<void> take_flag() {
    const std::string& word = words_[at_];
    const std::size_t equals = word.find('=');
    const std::string flag = word.substr(0, equals);
    TRY(const Argument* argument, find(flag));
    if (argument == nullptr) {
      return fail(Errc::invalid_request, "unrecognized arguments: '{}'", word);
    }
    ++at_;
    std::string value;
    if (!argument->takes_value && equals != std::string::npos) {
      return fail(Errc::invalid_request, "argument {}: ignore implicit argument '{}'",
                  flags_of(*argument), word.substr(equals + 1));
    }
    if (argument->takes_value) {
      if (equals != std::string::npos) {
        value = word.substr(equals + 1);
      } else if (at_ < words_.size() && is_value(words_[at_])) {
        value = words_[at_++];
      } else {
        return fail(Errc::invalid_request, "argument {}: expected one argument",
                    flags_of(*argument));
      }
    }
    TRY_OK(accept(*argument, std::move(value)));
    while (argument->many && at_ < words_.size() && is_value(words_[at_])) {
      out_.given.add(std::string(argument->name), words_[at_++]);
    }
    return {};
  }

  // Errors: invalid_request in Java's words for text that is no number of this kind.
  static Result<void> check_kind(const Argument& argument, const std::string& value) {
    const char* const end = value.data() + value.size();
    std::from_chars_result read{end, {}};
    std::string_view java;
    std::int16_t short_integer = 0;
    std::int32_t integer = 0;
    std::int64_t long_integer = 0;
    double real = 0;
    switch (argument.is_integer ? Argument::Kind::integer : argument.kind) {
      case Argument::Kind::text:
        return {};
      case Argument::Kind::short_integer:
        read = std::from_chars(value.data(), end, short_integer);
        java = "Short";
        break;
      case Argument::Kind::integer:
        read = std::from_chars(value.data(), end, integer);
        java = "Integer";
        break;
      case Argument::Kind::long_integer:
        read = std::from_chars(value.data(), end, long_integer);
        java = "Long";
        break;
      case Argument::Kind::real:
        read = std::from_chars(value.data(), end, real);
        java = "Double";
        break;
    }
    if (!value.empty() && read.ec == std::errc{} && read.ptr == end) return {};
    if (argument.kind == Argument::Kind::short_integer && fits<std::int32_t>(value)) {
      return fail(Errc::invalid_request,
                  "argument {}: could not convert '{}' to Short (Value out of range. Value:\"{}\" "
                  "Radix:10)",
                  flags_of(argument), value, value);
    }
    return fail(Errc::invalid_request,
                "argument {}: could not convert '{}' to {} (For input string: \"{}\")",
                flags_of(argument), value, java, value);
  }

  static Result<void> check_choice(const Argument& argument, const std::string& value) {
    if (argument.choices.empty()) return {};
    const std::string all = fmt::format(",{},", argument.choices);
    if (all.find(fmt::format(",{},", value)) != std::string::npos) return {};
    return fail(Errc::invalid_request, "argument {}: invalid choice: '{}' (choose from {{{}}})",
                flags_of(argument), value, argument.choices);
  }

  Result<void> accept(const Argument& argument, std::string value) {
    TRY_OK(check_kind(argument, value));
    TRY_OK(check_choice(argument, value));
    for (const Argument* other : all_) {
      if (argument.group == 0 || other->group != argument.group) continue;
      if (other->name == argument.name) continue;
      return fail(Errc::invalid_request, "argument {}: not allowed with argument {}",
                  flags_of(argument), flags_of(*other));
    }
    all_.push_back(&argument);
    out_.given.add(std::string(argument.name), std::move(value));
    return {};
  }

  // By its whole name, its letter, or what only one name begins with; nullptr: nobody has it.
  Result<const Argument*> find(std::string_view flag) const {
    std::vector<const Argument*> near;
    for (const auto arguments :
         {action_ == nullptr ? std::span<const Argument>{} : action_->arguments, line_.shared}) {
      for (const Argument& argument : arguments) {
        if (flag.substr(2 < flag.size() ? 2 : flag.size()) == argument.name &&
            flag.starts_with("--")) {
          return &argument;
        }
        if (flag.size() == 2 && flag[1] != '-' && flag[1] == argument.letter) return &argument;
        if (flag.size() > 2 && flag.starts_with("--") &&
            argument.name.starts_with(flag.substr(2))) {
          near.push_back(&argument);
        }
      }
    }
    if (near.empty() && action_ != nullptr && action_->json && flag == "--json") return &k_json;
    if (near.size() == 1) return near.front();
    if (near.empty()) return nullptr;
    std::ranges::sort(near, {}, [](const Argument* argument) { return argument->name; });
    std::string names;
    for (const Argument* argument : near) {
      names += fmt::format("{}--{}", names.empty() ? "" : ", ", argument->name);
    }
    return fail(Errc::invalid_request, "ambiguous option: {} could match {}", flag, names);
  }

  // A negative number is a value, another word with a dash is not.
  static bool is_value(std::string_view word) {
    if (word.size() < 2 || word.front() != '-') return true;
    return std::ranges::all_of(word.substr(1), [](char c) { return c >= '0' && c <= '9'; });
  }

  Result<void> check_required(std::span<const Argument> arguments) const {
    for (std::size_t i = arguments.size(); i-- > 0;) {
      const Argument& argument = arguments[i];
      if (!argument.required || out_.given.has(argument.name)) continue;
      return fail(Errc::invalid_request, "argument {} is required", flags_of(argument));
    }
    return {};
  }

  Result<void> check_group(std::span<const Argument> arguments, bool required) const {
    if (!required) return {};
    std::string names;
    for (const Argument& argument : arguments) {
      if (argument.group == 0) continue;
      if (out_.given.has(argument.name)) return {};
      names += " " + flags_of(argument);
    }
    if (names.empty()) return {};
    return fail(Errc::invalid_request, "one of the arguments{} is required", names);
  }

  const CommandLine& line_;
  std::span<const std::string> words_;
  const Action*& action_;
  std::size_t at_ = 0;
  std::vector<const Argument*> all_;
  ChosenAction out_;
};

}  // namespace

Result<ChosenAction> parse_action(const CommandLine& line, std::span<const std::string> words,
                                  const Action*& action) {
  return Parsing(line, words, action).parse();
}

std::string wrapped(std::string_view text, std::size_t offset, std::size_t indent) {
  std::string out;
  std::string line;
  std::size_t begins = offset;
  for (const std::string& piece : line_pieces(text)) {
    if (begins + line.size() + piece.size() > k_width && !line.empty()) {
      out += stretched(line, k_width - begins) + "\n" + std::string(indent, ' ');
      line.clear();
      begins = indent;
    }
    line += piece;
  }
  return out + line;
}

std::string usage_of(const CommandLine& line, const Action* action) {
  const std::string head = fmt::format("usage: {}", line.program);
  std::vector<std::string> tokens;
  if (action != nullptr) {
    if (line.one_of_shared) {
      for (const Argument& argument : line.shared) {
        if (argument.group != 0) tokens.push_back(bare_usage(argument));
      }
      tokens.front() = "(" + tokens.front();
      for (std::size_t i = 0; i + 1 < tokens.size(); ++i) tokens[i] += " |";
      tokens.back() += ")";
    }
    for (const Argument& argument : line.shared) {
      if (argument.required) tokens.push_back(bare_usage(argument));
    }
    if (!line.single) tokens.emplace_back(action->name);
    tokens.emplace_back("[-h]");
    add_usage(tokens, action->arguments, line.one_of_each);
  } else {
    tokens.emplace_back("[-h]");
    add_usage(tokens, line.shared, line.one_of_shared);
    tokens.push_back(choices_of(line));
    tokens.emplace_back("...");
  }
  std::string out = head;
  std::size_t column = head.size();
  for (const std::string& token : tokens) {
    if (column + 1 + token.size() > k_width) {
      out += "\n" + std::string(head.size() + 1, ' ') + token;
      column = head.size() + 1 + token.size();
    } else {
      out += " " + token;
      column += 1 + token.size();
    }
  }
  return out + "\n";
}

std::string help_of(const CommandLine& line, const Action* action) {
  std::string out = usage_of(line, action);
  if (action != nullptr) {
    if (line.single) out += fmt::format("\n{}\n", wrapped(line.description, 0, 0));
    add_arguments(out, action->arguments);
    if (action->json) add_help(out, "--json", k_json.help);
    return out;
  }
  out += fmt::format("\n{}\n\npositional arguments:\n  {}\n", wrapped(line.description, 0, 0),
                     choices_of(line));
  for (const Action& one : line.actions) add_help(out, fmt::format("  {}", one.name), one.help);
  add_arguments(out, line.shared);
  return out;
}

std::string error_of(const CommandLine& line, const Action* action, std::string_view error) {
  return usage_of(line, action) + wrapped(fmt::format("{}: error: {}", line.program, error), 0, 0) +
         "\n";
}

Reading read_action(ToolContext& context, const CommandLine& line, int exit_code_of_help) {
  const Action* action = nullptr;
  Result<ChosenAction> chosen = parse_action(line, context.words, action);
  if (!chosen) {
    context.console.err(error_of(line, action, chosen.error().text()));
    return {.chosen = std::nullopt, .exit_code = 1};
  }
  if (chosen->given.has("help")) {
    context.console.out(help_of(line, action));
    return {.chosen = std::nullopt, .exit_code = exit_code_of_help};
  }
  return {.chosen = *std::move(chosen), .exit_code = 0};
}

}  // namespace moldau::cli
