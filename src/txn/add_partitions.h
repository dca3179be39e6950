#pragma once
#include "txn/machine.h"

namespace moldau::txn {

void add_partitions(
    Machine& machine, const Ask& ask,
    const protocol::AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction& request, Now now,
    Step& out);

// One error for all partitions that the request names.
[[nodiscard]] protocol::AddPartitionsToTxnResponse::AddPartitionsToTxnResult result_for_all(
    const protocol::AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction& request, Errc error);

}  // namespace moldau::txn
