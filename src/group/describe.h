#pragma once
#include <string>
#include <vector>

#include "group/machine.h"

namespace moldau::group {

void describe_groups(Machine& machine, const Ask& ask, const std::vector<std::string>& groups,
                     Step& out);
void describe_consumer_groups(Machine& machine, const Ask& ask,
                              const std::vector<std::string>& groups, Step& out);
void list_groups(Machine& machine, const Ask& ask, const protocol::ListGroupsRequest& filter,
                 Step& out);

}  // namespace moldau::group
