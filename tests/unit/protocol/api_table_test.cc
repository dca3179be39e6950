#include "protocol/api_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "protocol/tables.h"
#include "support/test_data.h"

namespace moldau::protocol {
namespace {

std::vector<std::vector<std::string>> advertised_rows() {
  std::ifstream in(test_data() / "facts/versions.tsv");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    if (!row.empty() && row[0] == "api") rows.push_back(std::move(row));
  }
  return rows;
}
VersionRange range_of(const std::string& first, const std::string& last) {
  if (first == "-") return {};
  return {ApiVersion{static_cast<std::int16_t>(std::stoi(first))},
          ApiVersion{static_cast<std::int16_t>(std::stoi(last))}};
}

TEST(ApiTable, WhatIsAdvertisedIsWhatARunningKafkaAdvertises) {
  const auto rows = advertised_rows();
  EXPECT_EQ(rows.size(), 89);
  std::map<std::int16_t, const std::vector<std::string>*> by_key;
  for (const auto& row : rows) by_key[static_cast<std::int16_t>(std::stoi(row[1]))] = &row;
  for (const ApiFacts& api : all_apis()) {
    const auto found = by_key.find(static_cast<std::int16_t>(api.key));
    if (found == by_key.end()) {
      EXPECT_TRUE(api.on_broker.empty() && api.on_controller.empty()) << api.name;
      continue;
    }
    const auto& row = *found->second;
    EXPECT_EQ(api.name, row[2]);
    EXPECT_EQ(api.on_broker, range_of(row[3], row[4])) << api.name;
    EXPECT_EQ(api.on_controller, range_of(row[5], row[6])) << api.name;
    by_key.erase(found);
  }
  EXPECT_TRUE(by_key.empty());
}

TEST(ApiTable, OnlyProduceAdvertisesVersionsThatDoNotExist) {
  for (const ApiFacts& api : all_apis()) {
    for (const VersionRange& range : {api.on_broker, api.on_controller}) {
      if (range.empty()) continue;
      EXPECT_EQ(api.versions.contains(range.first), api.key != ApiKey::produce) << api.name;
      EXPECT_TRUE(api.versions.contains(range.last)) << api.name;
    }
  }
  EXPECT_EQ(facts(ApiKey::produce).on_broker.first, ApiVersion{0});
  EXPECT_EQ(facts(ApiKey::produce).versions.first, ApiVersion{3});
}

TEST(ApiTable, AnUnstableVersionIsNotAdvertised) {
  const ApiFacts& api = facts(ApiKey::init_producer_id);
  EXPECT_EQ(api.unstable.first, ApiVersion{6});
  EXPECT_EQ(api.on_broker.last, ApiVersion{5});
  EXPECT_EQ(api.versions.last, ApiVersion{6});
}

TEST(ApiTable, KeysAreOrderedAndFound) {
  EXPECT_EQ(all_apis().size(), 91);
  EXPECT_TRUE(std::ranges::is_sorted(all_apis(), {}, &ApiFacts::key));
  for (const ApiFacts& api : all_apis()) {
    EXPECT_EQ(find_api(static_cast<std::int16_t>(api.key)), &api);
    EXPECT_EQ(api.request->versions, api.versions);
    EXPECT_EQ(api.response->versions, api.versions);
    EXPECT_EQ(api.request->id, static_cast<std::int16_t>(api.key));
  }
  for (const int key : {-1, 4, 5, 6, 7, 95, 999})
    EXPECT_EQ(find_api(static_cast<std::int16_t>(key)), nullptr) << key;
  EXPECT_EQ(name_of(ApiKey::create_topics), "CreateTopics");
  EXPECT_EQ(name_of(static_cast<ApiKey>(999)), "?");
}

TEST(ApiTable, EveryMessageIsListedOnce) {
  EXPECT_EQ(all_messages().size(), 2 * 91 + 96);
  std::map<std::string_view, int> names;
  for (const MessageFacts* message : all_messages()) ++names[message->name];
  EXPECT_EQ(names.size(), all_messages().size());
}

}  // namespace
}  // namespace moldau::protocol
