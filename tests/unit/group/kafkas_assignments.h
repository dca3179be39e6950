#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "group/assignor.h"
#include "support/golden.h"

// The questions to Kafka's assignors and its answers: tests/data/group/README.md.
namespace moldau::group::test {

struct KafkasAssignment {
  std::string assignor;
  AssignmentQuestion question;
  GroupAssignment answer;
};

inline std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::stringstream in(text == "-" ? "" : text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}
inline Uuid parse_uuid(const std::string& text) {
  const auto id = Uuid::parse(text);
  CHECK_OK(id);
  return *id;
}
inline TopicPartitions parse_partitions(const std::string& text) {
  TopicPartitions all;
  for (const std::string& topic : split(text, ';')) {
    const auto halves = split(topic, ':');
    for (const std::string& number : split(halves.at(1), ',')) {
      all[parse_uuid(halves.at(0))].emplace(std::stoi(number));
    }
  }
  return all;
}

inline std::vector<KafkasAssignment> kafkas_assignments() {
  std::vector<KafkasAssignment> all;
  std::stringstream lines(moldau::test::read_gz("group/assignors.txt.gz"));
  for (std::string line; std::getline(lines, line);) {
    const auto words = split(line, ' ');
    if (words.at(0) == "ask") {
      all.emplace_back().assignor = words.at(1);
      all.back().question.homogeneous = words.at(2) == "homogeneous";
    } else if (words.at(0) == "topic") {
      all.back().question.partition_counts[parse_uuid(words.at(1))] = std::stoi(words.at(2));
    } else if (words.at(0) == "member") {
      AssignedMember member{.id = words.at(1)};
      if (words.at(2) != "-") member.instance_id = words.at(2);
      for (const auto& topic : split(words.at(3), ',')) member.topics.insert(parse_uuid(topic));
      member.current = parse_partitions(words.at(4));
      all.back().question.members.push_back(std::move(member));
    } else {
      all.back().answer[words.at(1)] = parse_partitions(words.at(2));
    }
  }
  return all;
}

// Asks the same of `assign` and compares; returns how many questions there were.
inline int compare_with_kafka(
    const std::function<bool(const KafkasAssignment&)>& wanted,
    const std::function<GroupAssignment(const AssignmentQuestion&)>& assign) {
  int compared = 0;
  int number = 0;
  for (const KafkasAssignment& kafkas : kafkas_assignments()) {
    ++number;
    if (!wanted(kafkas)) continue;
    GroupAssignment ours = assign(kafkas.question);
    for (const AssignedMember& member : kafkas.question.members) ours[member.id];
    EXPECT_EQ(ours, kafkas.answer) << "question " << number;
    ++compared;
  }
  return compared;
}

}  // namespace moldau::group::test
