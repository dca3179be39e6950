#include "group/offsets.h"

#include <tuple>

namespace moldau::group {
namespace {

// The entry under `key` or nullptr.
template <class Map, class Key>
auto* at(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

const TopicOffsets* Offsets::of(std::string_view group) const { return at(committed_, group); }

const CommittedOffset* Offsets::find(std::string_view group, std::string_view topic,
                                     PartitionIndex partition) const {
  const TopicOffsets* topics = of(group);
  const PartitionOffsets* partitions = topics == nullptr ? nullptr : at(*topics, topic);
  return partitions == nullptr ? nullptr : at(*partitions, partition);
}

bool Offsets::is_pending(std::string_view group) const { return open_.contains(group); }

bool Offsets::is_pending(std::string_view group, std::string_view topic,
                         PartitionIndex partition) const {
  const OpenTopics* topics = at(open_, group);
  const auto* partitions = topics == nullptr ? nullptr : at(*topics, topic);
  return partitions != nullptr && partitions->contains(partition);
}

std::vector<std::pair<std::string, PartitionIndex>> Offsets::pending_of(
    std::string_view group) const {
  std::vector<std::pair<std::string, PartitionIndex>> all;
  if (const OpenTopics* topics = at(open_, group)) {
    for (const auto& [topic, partitions] : *topics) {
      for (const auto& [partition, producers] : partitions) all.emplace_back(topic, partition);
    }
  }
  return all;
}

std::vector<Offsets::Holder> Offsets::holders_of(std::string_view topic) const {
  std::map<std::tuple<std::string, PartitionIndex, Uuid>, bool> all;
  const auto collect = [&](const GroupOffsets& offsets) {
    for (const auto& [group, topics] : offsets) {
      const PartitionOffsets* partitions = at(topics, topic);
      if (partitions == nullptr) continue;
      for (const auto& [partition, offset] : *partitions) {
        all.try_emplace({group, partition, offset.topic_id});
      }
    }
  };
  collect(committed_);
  for (const auto& [producer, offsets] : pending_) collect(offsets);
  std::vector<Holder> holders;
  holders.reserve(all.size());
  for (const auto& [key, unused] : all) {
    const auto& [group, partition, topic_id] = key;
    holders.push_back({group, partition, topic_id});
  }
  return holders;
}

void Offsets::put(const std::string& group, const std::string& topic, PartitionIndex partition,
                  CommittedOffset offset) {
  committed_[group][topic].insert_or_assign(partition, std::move(offset));
}

void Offsets::put_pending(ProducerId producer, const std::string& group, const std::string& topic,
                          PartitionIndex partition, CommittedOffset offset) {
  pending_[producer][group][topic].insert_or_assign(partition, std::move(offset));
  open_[group][topic][partition].insert(producer);
}

void Offsets::drop(const std::string& group, const std::string& topic, PartitionIndex partition) {
  erase(committed_, group, topic, partition);
  OpenTopics* topics = at(open_, group);
  auto* partitions = topics == nullptr ? nullptr : at(*topics, topic);
  const Producers* open = partitions == nullptr ? nullptr : at(*partitions, partition);
  if (open == nullptr) return;
  const Producers producers = *open;
  for (const ProducerId producer : producers) {
    if (GroupOffsets* offsets = at(pending_, producer)) {
      erase(*offsets, group, topic, partition);
      if (offsets->empty()) pending_.erase(producer);
    }
    close(group, topic, partition, producer);
  }
}

void Offsets::end_transaction(ProducerId producer, bool committed) {
  const auto ended = pending_.extract(producer);
  if (ended.empty()) return;
  for (auto& [group, topics] : ended.mapped()) {
    for (auto& [topic, partitions] : topics) {
      for (auto& [partition, offset] : partitions) {
        close(group, topic, partition, producer);
        if (!committed) continue;
        const CommittedOffset* known = find(group, topic, partition);
        if (known == nullptr || offset.record_offset > known->record_offset) {
          put(group, topic, partition, std::move(offset));
        }
      }
    }
  }
}

bool Offsets::erase(GroupOffsets& from, const std::string& group, const std::string& topic,
                    PartitionIndex partition) {
  const auto topics = from.find(group);
  if (topics == from.end()) return false;
  const auto partitions = topics->second.find(topic);
  if (partitions == topics->second.end()) return false;
  const bool erased = partitions->second.erase(partition) > 0;
  if (partitions->second.empty()) topics->second.erase(partitions);
  if (topics->second.empty()) from.erase(topics);
  return erased;
}

void Offsets::close(const std::string& group, const std::string& topic, PartitionIndex partition,
                    ProducerId producer) {
  const auto topics = open_.find(group);
  if (topics == open_.end()) return;
  const auto partitions = topics->second.find(topic);
  if (partitions == topics->second.end()) return;
  const auto producers = partitions->second.find(partition);
  if (producers == partitions->second.end()) return;
  producers->second.erase(producer);
  if (producers->second.empty()) partitions->second.erase(producers);
  if (partitions->second.empty()) topics->second.erase(partitions);
  if (topics->second.empty()) open_.erase(topics);
}

}  // namespace moldau::group
