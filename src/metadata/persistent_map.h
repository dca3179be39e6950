#pragma once
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace moldau::metadata {

// A sorted map that is cheap to copy: copies share their nodes, and a change copies only the path
// to the changed key (an AVL tree). So two images that differ in one topic share all others, and a
// state of the past is kept by keeping a copy.
// Context: value type. Copies may be read on different shards at once; one object has one writer.
// Cost: copy O(1); find, set, erase O(log n); walking is in key order.
template <class Key, class Value>
class PersistentMap {
  struct Node;
  using Link = std::shared_ptr<const Node>;
  struct Node {
    std::pair<const Key, Value> entry;
    Link left;
    Link right;
    int height;
    std::size_t count;
  };

 public:
  using value_type = std::pair<const Key, Value>;

  class Iterator {
   public:
    using value_type = PersistentMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;
    using iterator_category = std::forward_iterator_tag;
    const value_type& operator*() const { return path_.back()->entry; }
    const value_type* operator->() const { return &path_.back()->entry; }
    Iterator& operator++() {
      const Node* at = path_.back();
      path_.pop_back();
      descend(at->right.get());
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return (a.path_.empty() ? nullptr : a.path_.back()) ==
             (b.path_.empty() ? nullptr : b.path_.back());
    }

   private:
    friend class PersistentMap;
    void descend(const Node* node) {
      for (; node != nullptr; node = node->left.get()) path_.push_back(node);
    }
    std::vector<const Node*> path_;  // nodes whose entry is still to come, the next one last
  };

  [[nodiscard]] std::size_t size() const { return count(root_); }
  [[nodiscard]] bool empty() const { return root_ == nullptr; }
  // nullptr when absent. The pointer is good as long as any copy that holds the entry lives.
  template <class K>
  [[nodiscard]] const Value* find(const K& key) const {
    const Node* node = root_.get();
    while (node != nullptr) {
      if (key < node->entry.first) {
        node = node->left.get();
      } else if (node->entry.first < key) {
        node = node->right.get();
      } else {
        return &node->entry.second;
      }
    }
    return nullptr;
  }
  template <class K>
  [[nodiscard]] bool contains(const K& key) const {
    return find(key) != nullptr;
  }
  void set(Key key, Value value) { root_ = set(root_, std::move(key), std::move(value)); }
  // Whether it was there.
  template <class K>
  bool erase(const K& key) {
    if (!contains(key)) return false;
    root_ = erase(root_, key);
    return true;
  }
  void clear() { root_ = nullptr; }

  [[nodiscard]] Iterator begin() const {
    Iterator at;
    at.descend(root_.get());
    return at;
  }
  [[nodiscard]] Iterator end() const { return {}; }
  // The first entry whose key is not below `key`.
  template <class K>
  [[nodiscard]] Iterator lower_bound(const K& key) const {
    Iterator at;
    for (const Node* node = root_.get(); node != nullptr;) {
      if (node->entry.first < key) {
        node = node->right.get();
      } else {
        at.path_.push_back(node);
        node = node->left.get();
      }
    }
    return at;
  }

  // True at once for copies of one map that nobody changed.
  [[nodiscard]] bool is_same(const PersistentMap& other) const { return root_ == other.root_; }
  friend bool operator==(const PersistentMap& a, const PersistentMap& b) {
    if (a.is_same(b)) return true;
    if (a.size() != b.size()) return false;
    return std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  static int height(const Link& link) { return link ? link->height : 0; }
  static std::size_t count(const Link& link) { return link ? link->count : 0; }
  static Link make(std::pair<const Key, Value> entry, Link left, Link right) {
    const int h = 1 + std::max(height(left), height(right));
    const std::size_t n = 1 + count(left) + count(right);
    return std::make_shared<const Node>(
        Node{std::move(entry), std::move(left), std::move(right), h, n});
  }
  static Link balance(std::pair<const Key, Value> entry, Link left, Link right) {
    if (height(left) > height(right) + 1) {
      if (height(left->left) >= height(left->right)) {
        return make(left->entry, left->left, make(std::move(entry), left->right, std::move(right)));
      }
      const Link& middle = left->right;
      return make(middle->entry, make(left->entry, left->left, middle->left),
                  make(std::move(entry), middle->right, std::move(right)));
    }
    if (height(right) > height(left) + 1) {
      if (height(right->right) >= height(right->left)) {
        return make(right->entry, make(std::move(entry), std::move(left), right->left),
                    right->right);
      }
      const Link& middle = right->left;
      return make(middle->entry, make(std::move(entry), std::move(left), middle->left),
                  make(right->entry, middle->right, right->right));
    }
    return make(std::move(entry), std::move(left), std::move(right));
  }
  static Link set(const Link& at, Key key, Value value) {
    if (at == nullptr) return make({std::move(key), std::move(value)}, nullptr, nullptr);
    if (key < at->entry.first) {
      return balance(at->entry, set(at->left, std::move(key), std::move(value)), at->right);
    }
    if (at->entry.first < key) {
      return balance(at->entry, at->left, set(at->right, std::move(key), std::move(value)));
    }
    return make({std::move(key), std::move(value)}, at->left, at->right);
  }
  template <class K>
  static Link erase(const Link& at, const K& key) {
    if (key < at->entry.first) return balance(at->entry, erase(at->left, key), at->right);
    if (at->entry.first < key) return balance(at->entry, at->left, erase(at->right, key));
    if (at->left == nullptr) return at->right;
    if (at->right == nullptr) return at->left;
    const Node* next = at->right.get();
    while (next->left != nullptr) next = next->left.get();
    return balance(next->entry, at->left, erase(at->right, next->entry.first));
  }

  Link root_;
};

}  // namespace moldau::metadata
