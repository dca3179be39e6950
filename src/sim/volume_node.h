#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/volume.h"

namespace moldau::sim {

using Names = std::map<std::string, Volume::NodePtr>;

// An unsynced change of a file: a write, or (empty, cut) a change of its size.
struct Change {
  bool cut = false;
  std::uint64_t position = 0;  // of the write; the new size of a cut
  std::vector<std::byte> bytes;
};

// A file or a directory of a Volume, twice: as programs see it, and as the platter has it.
// It outlives its names as long as somebody holds it.
struct Volume::Node {
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() { *used -= content.size(); }

  void resize(std::uint64_t size);
  // Makes `content` what is left after a power cut; the platter then has the same.
  void settle(const PowerCut& how, Rng& rng);
  // Makes `content` what is on the platter and still to be synced.
  void drop_failed_pages();

  std::uint64_t serial = 0;
  bool is_directory = false;
  Names names;          // of a directory
  Names durable_names;  // of a directory
  std::vector<std::byte> content;
  std::vector<std::byte> durable;
  std::vector<Change> unsynced;  // durable + these, in order, is content
  bool sync_failed = false;      // then durable may lack bytes of content for ever
  std::uint64_t settled = 0;     // changes that were taken off the front of `unsynced`, ever
  Instant busy_until;            // when the last call on it that began will be done
  std::shared_ptr<std::uint64_t> used;
};

}  // namespace moldau::sim
