#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace moldau::config {

// Which of the names offered was probably meant by `name`: edit distance at most a third of its
// length, capital letters not minded. What is offered must outlive it. Pure.
class Nearest {
 public:
  explicit Nearest(std::string_view name);
  void offer(std::string_view name);
  [[nodiscard]] std::string_view best() const { return best_; }  // empty: none is near

 private:
  std::string wanted_;
  std::size_t best_distance_ = 0;
  std::string_view best_;
};

[[nodiscard]] std::string_view nearest_of(std::span<const std::string_view> names,
                                          std::string_view name);

}  // namespace moldau::config
