#include "cli/server_options.h"

#include <fmt/core.h>

#include "cli/options.h"

namespace moldau::cli {
namespace {

constexpr auto k_options = std::to_array<Option>({
    {.name = "override",
     .type = "String",
     .help = "A setting that counts more than the file's, as key=value.",
     .repeatable = true},
    {.name = "data", .value = "directory", .help = "Without a file: where the data is."},
    {.name = "daemon", .help = "Detach from the terminal."},
});

}  // namespace

Result<ServerOptions> read_server_options(std::span<const std::string> words, ServerFile file) {
  ServerOptions out;
  std::string strangers;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto is = [&](std::string_view name) {
      return word == name || word.starts_with(std::string(name) + "=");
    };
    // The value of the option at hand; nullopt: it ends the line.
    const auto value = [&]() -> std::optional<std::string> {
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos) return word.substr(equals + 1);
      if (i + 1 < words.size()) return words[++i];
      return std::nullopt;
    };
    const auto take = [&](std::string_view name, std::string& into) -> Result<void> {
      auto given = value();
      if (!given) return fail(Errc::invalid_request, "Option {} requires an argument", name);
      into = *std::move(given);
      return {};
    };
    if (word == "--help") {
      out.help = true;
    } else if (word == "--version") {
      out.version = true;
    } else if (word == "-daemon" || word == "--daemon") {
      out.daemon = true;
    } else if (word == "-loggc") {
      continue;  // of Java's machine
    } else if (word == "-name") {
      TRY_OK(take("name", out.name));
    } else if (is("--data")) {
      TRY_OK(take("data", out.data));
    } else if (is("--override")) {
      std::string setting;
      TRY_OK(take("override", setting));
      if (!setting.contains('=')) {
        return fail(Errc::invalid_request, "--override takes key=value, not {}", setting);
      }
      out.overrides.push_back(std::move(setting));
    } else if (word.starts_with("-")) {
      return fail(Errc::invalid_request, "{} is not a recognized option", word);
    } else if (!out.file) {
      out.file = word;
    } else {
      strangers += (strangers.empty() ? "" : ",") + word;
    }
  }
  if (!strangers.empty()) {
    return fail(Errc::invalid_request, "Found non argument parameters: {}", strangers);
  }
  if (file == ServerFile::required && !out.file && !out.version) out.help = true;
  return out;
}

std::string server_usage(std::string_view called_as, ServerFile file) {
  std::string text = fmt::format(
      "USAGE: {} [-daemon] server.properties [--override property=value]*\n", called_as);
  if (file == ServerFile::required) return text;
  return text + "Without a file: broker and controller in one on 127.0.0.1:9092 and 9093.\n" +
         option_table(k_options);
}

ClassToRun read_class_to_run(std::span<const std::string> words) {
  ClassToRun out;
  std::size_t i = 0;
  for (; i < words.size() && words[i].starts_with('-'); ++i) {
    if (words[i] == "-daemon") out.before.push_back(words[i]);
    if (words[i] == "-name" && i + 1 < words.size()) {
      out.before.push_back(words[i]);
      out.before.push_back(words[++i]);
    }
  }
  if (i == words.size()) return out;
  out.java_class = words[i];
  out.words.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
  return out;
}

}  // namespace moldau::cli
