#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "cli/reassignment_calls.h"
#include "cli/reassignment_plan.h"

// What --generate of kafka-reassign-partitions reads and proposes. Pure.
// Source: ReassignPartitionsCommand.
namespace moldau::cli {

// "0,1,2". Errors: invalid_request: one that is no number, one twice.
[[nodiscard]] Result<std::vector<BrokerId>> read_broker_list(std::string_view text);

// The topics of a file of --topics-to-move-json-file. Errors: invalid_request: as read_topics_json;
// one twice.
[[nodiscard]] Result<std::vector<std::string>> read_topics_to_move(std::string_view text);

// New places for all partitions of `current`, on those of the `known` brokers that are `allowed`.
// Errors: invalid_request: with `racks`, when some of them have a rack and some have none; those of
// placing.
[[nodiscard]] Result<Assignments> proposal_of(const Assignments& current,
                                              const std::vector<KnownBroker>& known,
                                              const std::vector<BrokerId>& allowed, bool racks,
                                              Rng& rng);

}  // namespace moldau::cli
