#pragma once
#include <cstddef>
#include <vector>

#include "base/ids.h"
#include "bytes/writer.h"

namespace moldau::raft {

// The value of a control record. All are written in version 0.
template <class Record>
[[nodiscard]] std::vector<std::byte> control_value(const Record& record) {
  Writer out;
  record.encode(out, ApiVersion{0});
  return out.take();
}

}  // namespace moldau::raft
