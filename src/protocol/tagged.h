#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace moldau::protocol {

// A tagged field (KIP-482) that this build does not know, as it came.
struct TaggedField {
  std::uint32_t tag = 0;
  std::vector<std::byte> data;
  friend bool operator==(const TaggedField&, const TaggedField&) = default;
};

// The unknown tagged fields of one struct: kept as they came, and written again, ordered by tag, in
// flexible versions (dropped in others). Nearly always empty, and then one pointer.
class UnknownTags {
 public:
  UnknownTags() = default;
  UnknownTags(const UnknownTags& other)
      : fields_(other.fields_ ? std::make_unique<std::vector<TaggedField>>(*other.fields_)
                              : nullptr) {}
  UnknownTags& operator=(const UnknownTags& other) { return *this = UnknownTags(other); }
  UnknownTags(UnknownTags&&) noexcept = default;
  UnknownTags& operator=(UnknownTags&&) noexcept = default;
  ~UnknownTags() = default;

  [[nodiscard]] bool empty() const { return fields_ == nullptr || fields_->empty(); }
  [[nodiscard]] std::size_t size() const { return fields_ ? fields_->size() : 0; }
  [[nodiscard]] const TaggedField* begin() const { return fields_ ? fields_->data() : nullptr; }
  [[nodiscard]] const TaggedField* end() const { return begin() + size(); }
  void push_back(TaggedField field) {
    if (!fields_) fields_ = std::make_unique<std::vector<TaggedField>>();
    fields_->push_back(std::move(field));
  }
  void clear() { fields_.reset(); }

  friend bool operator==(const UnknownTags& a, const UnknownTags& b) {
    if (a.empty() || b.empty()) return a.empty() == b.empty();
    return *a.fields_ == *b.fields_;
  }

 private:
  std::unique_ptr<std::vector<TaggedField>> fields_;
};

}  // namespace moldau::protocol
