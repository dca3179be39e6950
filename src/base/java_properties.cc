#include "base/java_properties.h"

#include <cstddef>
#include <cstdint>

namespace moldau {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The four hexadecimal digits behind "\u".
std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = text[i];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return std::nullopt;
    }
    code = code << 4 | digit;
  }
  return code;
}

// UTF-16 units of neighbouring escapes: a high and a low surrogate make one character.
class Utf16 {
 public:
  void unit(std::string& out, std::uint32_t code) {
    if (high_ != 0 && code >= 0xDC00 && code < 0xE000) {
      append_utf8(out, 0x10000 + ((high_ - 0xD800) << 10) + (code - 0xDC00));
      high_ = 0;
      return;
    }
    flush(out);
    if (code >= 0xD800 && code < 0xDC00) {
      high_ = code;
    } else {
      append_utf8(out, code >= 0xDC00 && code < 0xE000 ? k_replacement : code);
    }
  }
  void flush(std::string& out) {
    if (high_ != 0) append_utf8(out, k_replacement);
    high_ = 0;
  }

 private:
  static constexpr std::uint32_t k_replacement = 0xFFFD;
  std::uint32_t high_ = 0;
};

// nullopt: a malformed \uXXXX.
std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  Utf16 units;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      units.flush(out);
      if (text[i] != '\\') out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'u') {
      const auto code = hex4(text.substr(i + 1));
      if (!code) return std::nullopt;
      units.unit(out, *code);
      i += 4;
      continue;
    }
    units.flush(out);
    switch (c) {
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'f':
        out += '\f';
        break;
      default:
        out += c;
    }
  }
  units.flush(out);
  return out;
}

// Where the key of a logical line ends: at the first '=', ':' or blank that is not escaped.
std::size_t key_end(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == '\\') {
      at += 2;
      continue;
    }
    if (line[at] == '=' || line[at] == ':' || is_blank(line[at])) return at;
    ++at;
  }
  return line.size();
}

std::string_view value_text(std::string_view line, std::size_t from) {
  std::string_view rest = line.substr(from);
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) rest.remove_prefix(1);
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  return rest;
}

void append_unit_escape(std::string& out, std::uint32_t unit) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += k_digits[(unit >> shift) & 0xF];
}

// The character at `at`, moving behind it; a byte that is no UTF-8 stands for itself (Latin-1).
std::uint32_t take_char(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t first = byte(at++);
  const int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
  if (first < 0x80 || more == 0 || first >= 0xF5 ||
      at + static_cast<std::size_t>(more) > text.size())
    return first;
  std::uint32_t code = first & (0x3FU >> more);
  for (int i = 0; i < more; ++i) {
    const std::uint32_t next = byte(at + static_cast<std::size_t>(i));
    if ((next & 0xC0) != 0x80) return first;
    code = code << 6 | (next & 0x3F);
  }
  at += static_cast<std::size_t>(more);
  return code;
}

std::string escape(std::string_view text, bool every_space) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool first = at == 0;
    const std::uint32_t code = take_char(text, at);
    switch (code) {
      case ' ':
        out += first || every_space ? "\\ " : " ";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\\':
      case '=':
      case ':':
      case '#':
      case '!':
        out += '\\';
        out += static_cast<char>(code);
        break;
      default:
        if (code >= 0x20 && code < 0x7F) {
          out += static_cast<char>(code);
        } else if (code < 0x10000) {
          append_unit_escape(out, code);
        } else {
          append_unit_escape(out, 0xD800 + ((code - 0x10000) >> 10));
          append_unit_escape(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
        }
    }
  }
  return out;
}

// Hands out logical lines: comments and blank lines dropped, continued lines joined.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  // nullopt: the end. `line` is where the logical line begins.
  std::optional<std::string> next(int& line) {
    std::string logical;
    bool continued = false;
    while (at_ < text_.size()) {
      const int begins_at = line_;
      std::string_view natural = take_natural();
      while (!natural.empty() && is_blank(natural.front())) natural.remove_prefix(1);
      if (logical.empty()) {
        // Also behind a lone backslash: nothing was begun yet, so a comment is a comment.
        if (natural.empty() && !continued) continue;
        if (!natural.empty() && (natural.front() == '#' || natural.front() == '!')) {
          continued = false;
          continue;
        }
        line = begins_at;
      }
      std::size_t backslashes = 0;
      while (backslashes < natural.size() && natural[natural.size() - 1 - backslashes] == '\\')
        ++backslashes;
      continued = backslashes % 2 == 1;
      if (continued) natural.remove_suffix(1);
      logical += natural;
      if (!continued && !logical.empty()) return logical;
    }
    if (logical.empty()) return std::nullopt;
    return logical;
  }

 private:
  // One line of the file without its end (\n, \r or \r\n).
  std::string_view take_natural() {
    const std::size_t end = text_.find_first_of("\r\n", at_);
    const std::string_view natural = text_.substr(at_, end - at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    if (end != std::string_view::npos && text_[end] == '\r' && at_ < text_.size() &&
        text_[at_] == '\n')
      ++at_;
    ++line_;
    return natural;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

Result<std::vector<Property>> read_properties(std::string_view text) {
  if (text.size() > k_properties_bytes_max)
    return fail(Errc::invalid_config, "{} bytes are more than a properties file may have ({})",
                text.size(), k_properties_bytes_max);
  std::vector<Property> found;
  Lines lines(text);
  int line = 0;
  while (const auto logical = lines.next(line)) {
    const std::size_t end = key_end(*logical);
    std::optional<std::string> key = unescape(std::string_view(*logical).substr(0, end));
    std::optional<std::string> value = unescape(value_text(*logical, end));
    if (!key || !value) {
      return fail(Errc::invalid_config,
                  "line {}: \\u needs four hexadecimal digits. Write \\\\ for a backslash.", line);
    }
    found.push_back({.key = *std::move(key), .value = *std::move(value), .line = line});
  }
  return found;
}

std::string write_property(std::string_view key, std::string_view value) {
  return escape(key, true) + "=" + escape(value, false);
}

}  // namespace moldau
