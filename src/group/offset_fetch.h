#pragma once
#include "group/machine.h"

namespace moldau::group {

void fetch_offsets(Machine& machine, const Ask& ask,
                   const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request,
                   bool require_stable, Step& out);

}  // namespace moldau::group
