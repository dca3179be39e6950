#include "sim/volume_node.h"

#include <algorithm>

#include "base/check.h"

namespace moldau::sim {

namespace {

constexpr std::size_t k_sector = 512;

void apply_piece(std::vector<std::byte>& to, std::uint64_t position, Bytes piece) {
  if (to.size() < position + piece.size()) to.resize(position + piece.size());
  std::ranges::copy(piece, to.begin() + static_cast<std::ptrdiff_t>(position));
}

void apply_change(std::vector<std::byte>& to, const Change& change) {
  if (change.cut) {
    to.resize(change.position);
  } else {
    apply_piece(to, change.position, change.bytes);
  }
}

void apply_torn(std::vector<std::byte>& to, const Change& change, PowerCut::Tear tear, Rng& rng) {
  if (change.cut) return;
  std::size_t size = rng.below(change.bytes.size() + 1);
  if (tear == PowerCut::Tear::sector) size -= size % k_sector;
  apply_piece(to, change.position, Bytes{change.bytes}.first(size));
}

// Each sector that the write touches stays or goes by itself.
void apply_scattered(std::vector<std::byte>& to, const Change& change, Rng& rng) {
  if (change.cut) {
    if (rng.one_in(2)) to.resize(change.position);
    return;
  }
  std::size_t at = 0;
  while (at < change.bytes.size()) {
    const std::size_t in_sector = k_sector - (change.position + at) % k_sector;
    const std::size_t size = std::min(in_sector, change.bytes.size() - at);
    if (rng.one_in(2)) {
      apply_piece(to, change.position + at, Bytes{change.bytes}.subspan(at, size));
    }
    at += size;
  }
}

enum class Fate : std::uint8_t { lose, keep, prefix, scatter };

Fate draw_fate(const PowerCut& how, Rng& rng) {
  const std::uint32_t sum =
      how.lose_weight + how.keep_weight + how.prefix_weight + how.scatter_weight;
  CHECK_OP(sum, >, 0U);
  std::uint64_t draw = rng.below(sum);
  if (draw < how.lose_weight) return Fate::lose;
  draw -= how.lose_weight;
  if (draw < how.keep_weight) return Fate::keep;
  draw -= how.keep_weight;
  return draw < how.prefix_weight ? Fate::prefix : Fate::scatter;
}

void flip_one_bit(std::vector<std::byte>& in, const std::vector<Change>& changes, Rng& rng) {
  const Change& change = changes[rng.below(changes.size())];
  if (change.cut || change.bytes.empty()) return;
  const std::uint64_t at = change.position + rng.below(change.bytes.size());
  if (at < in.size()) in[at] ^= static_cast<std::byte>(1U << rng.below(8));
}

}  // namespace

void Volume::Node::resize(std::uint64_t size) {
  *used = *used - content.size() + size;
  content.resize(size);
}

void Volume::Node::settle(const PowerCut& how, Rng& rng) {
  sync_failed = false;
  if (unsynced.empty()) {
    // A failed sync may have left them different.
    resize(durable.size());
    content = durable;
    return;
  }
  const std::uint64_t size_seen = content.size();
  const std::size_t whole = rng.below(unsynced.size());
  const Fate fate = draw_fate(how, rng);
  for (std::size_t i = 0; i < unsynced.size() && fate != Fate::lose; ++i) {
    if (fate == Fate::scatter) {
      apply_scattered(durable, unsynced[i], rng);
    } else if (fate == Fate::keep || i < whole) {
      apply_change(durable, unsynced[i]);
    } else if (i == whole) {
      apply_torn(durable, unsynced[i], how.tear, rng);
    }
  }
  if (how.flip_bits && fate != Fate::lose && rng.one_in(4)) flip_one_bit(durable, unsynced, rng);
  if (how.zero_tails && durable.size() < size_seen && rng.one_in(4)) durable.resize(size_seen);
  settled += unsynced.size();
  unsynced.clear();
  resize(durable.size());
  content = durable;
}

void Volume::Node::drop_failed_pages() {
  std::vector<std::byte> left = durable;
  for (const Change& change : unsynced) apply_change(left, change);
  resize(left.size());
  content = std::move(left);
  sync_failed = false;
}

std::vector<std::byte> Volume::read(const Node& file, std::uint64_t position, std::size_t size) {
  if (position >= file.content.size()) return {};
  const std::size_t end = std::min<std::uint64_t>(file.content.size(), position + size);
  return {file.content.begin() + static_cast<std::ptrdiff_t>(position),
          file.content.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::uint64_t Volume::size(const Node& file) { return file.content.size(); }
Bytes Volume::content(const Node& file) { return file.content; }

Result<void> Volume::write(Node& file, std::uint64_t position, std::vector<std::byte> bytes) {
  const std::uint64_t end = position + bytes.size();
  const std::uint64_t grown = end > file.content.size() ? end - file.content.size() : 0;
  bool full = false;
  if (capacity_ > 0 && *used_ + grown > capacity_) {
    full = true;
    const std::uint64_t over = std::min<std::uint64_t>(*used_ + grown - capacity_, bytes.size());
    bytes.resize(bytes.size() - over);
  }
  if (!bytes.empty()) {
    if (position + bytes.size() > file.content.size()) file.resize(position + bytes.size());
    apply_piece(file.content, position, bytes);
    file.unsynced.push_back({.cut = false, .position = position, .bytes = std::move(bytes)});
  }
  if (full) faults_.count_failure();
  if (full) return fail(Errc::no_space, "the simulated disk is full");
  return {};
}

void Volume::truncate(Node& file, std::uint64_t size) {
  if (size == file.content.size()) return;
  file.resize(size);
  file.unsynced.push_back({.cut = true, .position = size, .bytes = {}});
}

Volume::SyncMark Volume::begin_sync(const Node& file) {
  return SyncMark(file.settled + file.unsynced.size());
}

void Volume::finish_sync(Node& file, SyncMark mark) {
  std::size_t count = 0;
  while (count < file.unsynced.size() && file.settled + count < mark.value()) {
    apply_change(file.durable, file.unsynced[count]);
    ++count;
  }
  file.unsynced.erase(file.unsynced.begin(),
                      file.unsynced.begin() + static_cast<std::ptrdiff_t>(count));
  file.settled += count;
}

void Volume::fail_sync(Node& file, SyncMark mark) {
  file.sync_failed = true;
  std::size_t count = 0;
  while (count < file.unsynced.size() && file.settled + count < mark.value()) {
    if (rng_.one_in(2)) apply_change(file.durable, file.unsynced[count]);
    ++count;
  }
  file.unsynced.erase(file.unsynced.begin(),
                      file.unsynced.begin() + static_cast<std::ptrdiff_t>(count));
  file.settled += count;
}

}  // namespace moldau::sim
