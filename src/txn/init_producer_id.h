#pragma once
#include "txn/machine.h"

namespace moldau::txn {

void init_producer_id(Machine& machine, const Ask& ask,
                      const protocol::InitProducerIdRequest& request, Now now, Step& out);
void refuse_init(const Ask& ask, Errc error, Step& out);

}  // namespace moldau::txn
