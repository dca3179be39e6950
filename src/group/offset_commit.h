#pragma once
#include "group/machine.h"
#include "group/records.h"

// Committing offsets, in a transaction or not, and what the records of it come to.
namespace moldau::group {

void commit_offsets(Machine& machine, const Ask& ask, const protocol::OffsetCommitRequest& request,
                    Now now, Step& out);
void commit_offsets_in_transaction(Machine& machine, const Ask& ask,
                                   const protocol::TxnOffsetCommitRequest& request, Now now,
                                   Step& out);
void replay_offset_commit(Machine& machine, Offset offset, const OffsetCommitEntry& entry,
                          const std::optional<coordinator::Producer>& producer);

// The same said of every partition. The requests and the answers of both kinds name topics alike.
template <class Response, class Topics>
[[nodiscard]] Response answer_all(const Topics& topics, Errc code) {
  Response response;
  for (const auto& topic : topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back(
          {.partition_index = partition.partition_index, .error_code = code});
    }
  }
  return response;
}

}  // namespace moldau::group
