#include "cli/text_lines.h"

namespace moldau::cli {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::vector<std::string> line_pieces(std::string_view text) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.back() += text[i];
    if (i + 1 == text.size()) break;
    const char next = text[i + 1];
    const bool space = text[i] == ' ' && next != ' ';
    const bool inside = std::string_view("-.,:").contains(text[i]) && is_letter(next);
    if (space || inside) out.emplace_back();
  }
  return out;
}

std::vector<std::string> filled_lines(std::string_view text, std::size_t width) {
  std::vector<std::string> out(1);
  for (const std::string& piece : line_pieces(text)) {
    if (out.back().size() + piece.size() > width && !out.back().empty()) out.emplace_back("  ");
    out.back() += piece;
  }
  for (std::string& line : out) {
    while (line.ends_with(' ')) line.pop_back();
  }
  return out;
}

}  // namespace moldau::cli
