#pragma once
#include <string>

namespace moldau::os {

// Standard input, line by line, without ever waiting: a tool that sends what it reads must not
// stand still between two lines. Context: one thread, one object.
class StandardInput {
 public:
  enum class State { line, not_yet, end };
  // line: `line` is the next one without its end, which is LF, CR or both, as for Java's readers.
  // not_yet: ask again later. The last line may lack its end.
  [[nodiscard]] State try_line(std::string& line);

 private:
  std::string held_;
  std::size_t looked_at_ = 0;  // no line end before here
  bool after_return_ = false;  // the line that was given last ended so; a LF now belongs to it
  bool ended_ = false;
};

[[nodiscard]] bool standard_input_is_terminal();

}  // namespace moldau::os
