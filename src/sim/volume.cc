#include "sim/volume.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "sim/volume_node.h"

namespace moldau::sim {

namespace {

Result<std::vector<std::string>> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, slash - at);
    at = slash + 1;
    if (part == "..") return fail(Errc::io_failure, "{}: '..' in a simulated path", path);
    if (!part.empty() && part != ".") parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

PowerCut PowerCut::lose_all() {
  return {.lose_weight = 1,
          .keep_weight = 0,
          .prefix_weight = 0,
          .scatter_weight = 0,
          .names_kept_of_8 = 0};
}

PowerCut PowerCut::keep_all() {
  return {.lose_weight = 0,
          .keep_weight = 1,
          .prefix_weight = 0,
          .scatter_weight = 0,
          .names_kept_of_8 = 8};
}

PowerCut PowerCut::any(Rng& rng) {
  if (rng.one_in(8)) return lose_all();
  if (rng.one_in(8)) return keep_all();
  PowerCut how;
  how.lose_weight = static_cast<std::uint32_t>(rng.below(4));
  how.keep_weight = static_cast<std::uint32_t>(rng.below(4));
  how.prefix_weight = static_cast<std::uint32_t>(1 + rng.below(4));
  how.scatter_weight = static_cast<std::uint32_t>(rng.below(3));
  how.tear = rng.one_in(2) ? Tear::byte : Tear::sector;
  how.flip_bits = rng.one_in(3);
  how.zero_tails = rng.one_in(3);
  how.names_kept_of_8 = static_cast<std::uint32_t>(rng.below(9));
  how.names_in_order = true;
  return how;
}

// One change of names, atomic even when it touches two folders.
struct Volume::NameChange {
  NodePtr node;
  NodePtr from;  // the folder that loses the name; nullptr when it is created
  std::string from_name;
  NodePtr to;  // the folder that gets the name; nullptr when it is removed
  std::string to_name;

  void apply_to(Names Node::* names) const {
    if (from) {
      const auto entry = ((*from).*names).find(from_name);
      if (entry != ((*from).*names).end() && entry->second == node) ((*from).*names).erase(entry);
    }
    if (to) ((*to).*names)[to_name] = node;
  }
};

Volume::Volume(std::uint64_t seed) : rng_(seed), used_(std::make_shared<std::uint64_t>(0)) {
  root_ = make_node(true);
}
Volume::~Volume() = default;

Volume::NodePtr Volume::make_node(bool is_directory) {
  auto node = std::make_shared<Node>();
  node->serial = next_node_++;
  node->is_directory = is_directory;
  node->used = used_;
  return node;
}

Result<Volume::NodePtr> Volume::find(const std::string& path) const {
  TRY(const std::vector<std::string> parts, parts_of(path));
  NodePtr node = root_;
  for (const std::string& part : parts) {
    const auto entry = node->names.find(part);
    if (entry == node->names.end()) {
      return fail(Errc::not_found, "{}: no such file or directory", path);
    }
    node = entry->second;
  }
  return node;
}

Result<Volume::Place> Volume::place_of(const std::string& path) const {
  TRY(std::vector<std::string> parts, parts_of(path));
  if (parts.empty()) return fail(Errc::io_failure, "{}: is the root", path);
  Place place{.folder = root_, .name = std::move(parts.back())};
  parts.pop_back();
  for (const std::string& part : parts) {
    const auto entry = place.folder->names.find(part);
    if (entry == place.folder->names.end()) {
      return fail(Errc::not_found, "{}: its directory is missing", path);
    }
    place.folder = entry->second;
    if (!place.folder->is_directory) {
      return fail(Errc::io_failure, "{}: {} is not a directory", path, part);
    }
  }
  return place;
}

void Volume::change_name(NameChange change) {
  change.apply_to(&Node::names);
  unsynced_names_.push_back(std::move(change));
}

Result<Volume::NodePtr> Volume::open(const std::string& path, env::OpenMode mode) {
  TRY(Place place, place_of(path));
  const auto entry = place.folder->names.find(place.name);
  const bool there = entry != place.folder->names.end();
  if (there && entry->second->is_directory) {
    return fail(Errc::io_failure, "{}: is a directory", path);
  }
  if (there && mode == env::OpenMode::create_exclusive) {
    return fail(Errc::already_exists, "{}: exists", path);
  }
  if (there) return entry->second;
  if (mode == env::OpenMode::read || mode == env::OpenMode::read_write) {
    return fail(Errc::not_found, "{}: no such file", path);
  }
  NodePtr file = make_node(false);
  change_name(
      {.node = file, .from = nullptr, .from_name = {}, .to = place.folder, .to_name = place.name});
  return file;
}

Result<void> Volume::rename(const std::string& from, const std::string& to) {
  TRY(Place source, place_of(from));
  TRY(Place target, place_of(to));
  const auto entry = source.folder->names.find(source.name);
  if (entry == source.folder->names.end()) {
    return fail(Errc::not_found, "{}: no such file or directory", from);
  }
  const NodePtr node = entry->second;
  const auto old = target.folder->names.find(target.name);
  if (old != target.folder->names.end()) {
    if (old->second == node) return {};
    if (old->second->is_directory != node->is_directory ||
        (old->second->is_directory && !old->second->names.empty())) {
      return fail(Errc::io_failure, "{}: cannot be replaced by {}", to, from);
    }
  }
  change_name({.node = node,
               .from = source.folder,
               .from_name = source.name,
               .to = target.folder,
               .to_name = target.name});
  return {};
}

Result<void> Volume::remove(const std::string& path) {
  TRY(Place place, place_of(path));
  const auto entry = place.folder->names.find(place.name);
  if (entry == place.folder->names.end()) return fail(Errc::not_found, "{}: no such file", path);
  if (entry->second->is_directory) return fail(Errc::io_failure, "{}: is a directory", path);
  const NodePtr node = entry->second;
  change_name(
      {.node = node, .from = place.folder, .from_name = place.name, .to = nullptr, .to_name = {}});
  return {};
}

Result<void> Volume::remove_directory(const std::string& path) {
  TRY(Place place, place_of(path));
  const auto entry = place.folder->names.find(place.name);
  if (entry == place.folder->names.end()) {
    return fail(Errc::not_found, "{}: no such directory", path);
  }
  const NodePtr node = entry->second;
  if (!node->is_directory) return fail(Errc::io_failure, "{}: is not a directory", path);
  if (!node->names.empty()) return fail(Errc::io_failure, "{}: is not empty", path);
  change_name(
      {.node = node, .from = place.folder, .from_name = place.name, .to = nullptr, .to_name = {}});
  return {};
}

Result<void> Volume::make_directory(const std::string& path) {
  TRY(const std::vector<std::string> parts, parts_of(path));
  NodePtr folder = root_;
  for (const std::string& part : parts) {
    const auto entry = folder->names.find(part);
    if (entry != folder->names.end()) {
      if (!entry->second->is_directory) {
        return fail(Errc::io_failure, "{}: {} is not a directory", path, part);
      }
      folder = entry->second;
      continue;
    }
    NodePtr made = make_node(true);
    change_name({.node = made, .from = nullptr, .from_name = {}, .to = folder, .to_name = part});
    folder = std::move(made);
  }
  return {};
}

Result<void> Volume::sync_directory(const std::string& path) {
  TRY(const NodePtr folder, find(path));
  if (!folder->is_directory) return fail(Errc::io_failure, "{}: is not a directory", path);
  std::erase_if(unsynced_names_, [&](const NameChange& change) {
    if (change.from != folder && change.to != folder) return false;
    change.apply_to(&Node::durable_names);
    return true;
  });
  return {};
}

Result<std::vector<env::DirectoryEntry>> Volume::list(const std::string& path) const {
  TRY(const NodePtr folder, find(path));
  if (!folder->is_directory) return fail(Errc::io_failure, "{}: is not a directory", path);
  std::vector<env::DirectoryEntry> entries;
  for (const auto& [name, node] : folder->names) {
    entries.push_back({.name = name,
                       .is_directory = node->is_directory,
                       .size = node->is_directory ? 0 : node->content.size()});
  }
  return entries;
}

Result<bool> Volume::exists(const std::string& path) const {
  const auto found = find(path);
  if (found) return true;
  if (found.error().code() == Errc::not_found) return false;
  return fail(found.error());
}

Result<Bytes> Volume::peek(const std::string& path) const {
  TRY(const NodePtr node, find(path));
  return Bytes{node->content};
}

std::optional<Volume::LockId> Volume::try_lock(const std::string& path) {
  if (locks_.contains(path)) return std::nullopt;
  next_lock_ = next_lock_.next();
  locks_[path] = next_lock_;
  return next_lock_;
}

void Volume::unlock(const std::string& path, LockId lock) {
  const auto held = locks_.find(path);
  if (held != locks_.end() && held->second == lock) locks_.erase(held);
}

std::uint64_t Volume::used() const { return *used_; }

void Volume::kill_process() {
  locks_.clear();
  drop_failed_pages(*root_);
}

void Volume::drop_failed_pages(Node& node) {
  if (node.sync_failed) node.drop_failed_pages();
  for (const auto& [name, child] : node.names) drop_failed_pages(*child);
}

void Volume::cut_power(const PowerCut& how) {
  locks_.clear();
  const std::size_t first_kept =
      unsynced_names_.empty() ? 0 : rng_.below(unsynced_names_.size() + 1);
  for (std::size_t i = 0; i < unsynced_names_.size(); ++i) {
    const bool some = how.names_kept_of_8 > 0 && how.names_kept_of_8 < 8;
    const bool kept =
        how.names_in_order && some ? i < first_kept : rng_.below(8) < how.names_kept_of_8;
    if (kept) unsynced_names_[i].apply_to(&Node::durable_names);
  }
  unsynced_names_.clear();
  settle(*root_, how);
}

// In the order of the names, so that the draws are the seed's.
void Volume::settle(Node& node, const PowerCut& how) {
  if (!node.is_directory) {
    node.settle(how, rng_);
    return;
  }
  node.names = node.durable_names;
  for (const auto& [name, child] : node.names) settle(*child, how);
}

std::uint64_t Volume::unsynced() const { return unsynced_below(*root_); }

std::uint64_t Volume::unsynced_below(const Node& node) {
  std::uint64_t sum = 0;
  for (const Change& change : node.unsynced) sum += change.bytes.size();
  for (const auto& [name, child] : node.names) sum += unsynced_below(*child);
  return sum;
}

}  // namespace moldau::sim
