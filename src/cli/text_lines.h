#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace moldau::cli {

// A text cut where a line may end, as Java's BreakIterator finds it in what tools print: behind
// spaces, and behind - . , : before a letter.
[[nodiscard]] std::vector<std::string> line_pieces(std::string_view text);

// Lines of at most `width` columns; all but the first begin with two spaces, and none ends with
// one.
[[nodiscard]] std::vector<std::string> filled_lines(std::string_view text, std::size_t width);

}  // namespace moldau::cli
