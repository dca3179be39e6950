#pragma once
#include <string>
#include <vector>

#include "txn/machine.h"

namespace moldau::txn {

void list_transactions(const Machine& machine, const Ask& ask, const ListFilter& filter, Now now,
                       Step& out);
void describe_transactions(const Machine& machine, const Ask& ask,
                           const std::vector<std::string>& transactional_ids, Step& out);

}  // namespace moldau::txn
