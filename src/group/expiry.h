#pragma once
#include <string>
#include <vector>

#include "group/machine.h"

// Offsets and groups that go: by themselves after the time of retention, or because somebody says
// so. All of it is tombstones in the log.
namespace moldau::group {

void delete_offsets(Machine& machine, const Ask& ask, const protocol::OffsetDeleteRequest& request,
                    Step& out);
void delete_groups(Machine& machine, const Ask& ask, const std::vector<std::string>& groups,
                   Step& out);
void drop_offsets_of_topics(Machine& machine, const std::vector<DeletedTopic>& topics, Step& out);

void start_expiry(Machine& machine, Now now);
void expire(Machine& machine, Now now, Step& out);

}  // namespace moldau::group
