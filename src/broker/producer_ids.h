#pragma once
#include <memory>
#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "env/completion.h"
#include "env/task.h"

namespace moldau::broker {

struct Shard;

// Hands out producer ids from blocks that the controller allocates; each id once in the life of the
// cluster. One block for each shard, asked for when the last one is used up.
// Context: one shard. Source: RPCProducerIdManager.
class ProducerIdBlocks {
 public:
  // Errors: coordinator_load_in_progress when the controller gave none (clients try again).
  [[nodiscard]] env::Task<Result<ProducerId>> next(Shard& shard);

 private:
  [[nodiscard]] std::optional<ProducerId> take();
  ProducerId next_{0};
  std::int64_t left_ = 0;
};

}  // namespace moldau::broker
