#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "client/assignor.h"
#include "support/golden.h"

// Questions to the assignors of Kafka's consumer and its answers: tests/data/group/README.md.
namespace moldau::client::test {

struct KafkasAnswer {
  std::string assignor;
  bool begins_chain = false;
  AssignmentQuestion question;
  MemberAssignments answer;
};

inline std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::stringstream in(text == "-" ? "" : text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}
inline std::vector<TopicPartition> parse_partitions(const std::string& text) {
  std::vector<TopicPartition> all;
  for (const std::string& one : split(text, ',')) {
    const std::size_t dash = one.rfind('-');
    all.push_back({one.substr(0, dash), PartitionIndex{std::stoi(one.substr(dash + 1))}});
  }
  std::ranges::sort(all);
  return all;
}
inline std::vector<std::byte> parse_hex(const std::string& text) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

constexpr const char* k_without_racks = "group/client_assignors.txt.gz";
constexpr const char* k_with_racks = "group/client_assignors_racks.txt.gz";

// "a+b,-,c": of each partition.
inline std::vector<Racks> parse_racks(const std::string& text) {
  std::vector<Racks> all;
  std::stringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    const auto racks = split(part, '+');
    all.emplace_back(racks.begin(), racks.end());
  }
  return all;
}

inline MemberSubscription parse_member(const std::vector<std::string>& words) {
  MemberSubscription member{.id = words.at(1)};
  if (words.at(2) != "-") member.instance_id = words.at(2);
  if (words.at(3) != "-") member.generation = GenerationId{std::stoi(words.at(3))};
  member.topics = split(words.at(4), ',');
  member.owned = parse_partitions(words.at(5));
  if (words.at(6) != "-") member.user_data = parse_hex(words.at(6));
  if (words.size() > 7 && words.at(7) != "-") member.rack = words.at(7);
  return member;
}

inline std::vector<KafkasAnswer> kafkas_answers(const std::string& assignor, const char* file) {
  std::vector<KafkasAnswer> all;
  std::stringstream lines(moldau::test::read_gz(file));
  bool begins = false;
  for (std::string line; std::getline(lines, line);) {
    const auto words = split(line, ' ');
    if (words.at(0) == "chain") {
      begins = true;
    } else if (words.at(0) == "ask") {
      all.emplace_back().assignor = words.at(1);
      all.back().begins_chain = std::exchange(begins, false);
    } else if (words.at(0) == "topic") {
      all.back().question.partition_counts[words.at(1)] = std::stoi(words.at(2));
      if (words.size() > 3) {
        all.back().question.partition_racks[words.at(1)] = parse_racks(words.at(3));
      }
    } else if (words.at(0) == "member") {
      all.back().question.members.push_back(parse_member(words));
    } else {
      all.back().answer[words.at(1)] = parse_partitions(words.at(2));
    }
  }
  std::erase_if(all, [&](const auto& one) { return one.assignor != assignor; });
  return all;
}

inline bool all_want_the_same(const AssignmentQuestion& question) {
  const auto sorted = [](std::vector<std::string> topics) {
    std::ranges::sort(topics);
    return topics;
  };
  return std::ranges::all_of(question.members, [&](const MemberSubscription& member) {
    return sorted(member.topics) == sorted(question.members.front().topics);
  });
}

// Asks our assignor what Kafka's was asked; returns how many questions were compared.
inline int compare_with_kafkas(
    const std::string& name, const char* file,
    const std::function<bool(const AssignmentQuestion&)>& wanted = [](const auto&) {
      return true;
    }) {
  std::unique_ptr<Assignor> assignor;
  int compared = 0;
  int number = 0;
  for (const KafkasAnswer& kafkas : kafkas_answers(name, file)) {
    ++number;
    if (kafkas.begins_chain) assignor = *make_assignor(name);
    const MemberAssignments ours = assignor->assign(kafkas.question);
    if (!wanted(kafkas.question)) continue;
    EXPECT_EQ(ours, kafkas.answer) << name << " question " << number;
    ++compared;
  }
  return compared;
}

}  // namespace moldau::client::test
