#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "client/record.h"

// Offsets to be reset, as a file of lines "topic,partition,offset" or
// "group,topic,partition,offset". Source: GroupOffsetsResetter, CsvUtils, Utils.getDateTime.
namespace moldau::cli {

using NewOffsets = std::map<client::TopicPartition, Offset>;
using ResetPlan = std::map<std::string, NewOffsets>;  // of each group

// `only_group`: the one group that was named, whose lines may be without it; empty: several.
// Errors: bad_configuration with the line that is wrong.
[[nodiscard]] Result<ResetPlan> read_plan(std::string_view csv, const std::string& only_group);
[[nodiscard]] std::string plan_text(const ResetPlan& plan, bool with_group);

// "2020-01-31T00:00:00.000", with "Z" or an offset like "+01:00" or "+01"; without: UTC.
// Errors: bad_configuration, in Java's words.
[[nodiscard]] Result<Timestamp> parse_datetime(const std::string& text);

}  // namespace moldau::cli
