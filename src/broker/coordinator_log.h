#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "broker/partition.h"
#include "coordinator/step.h"
#include "env/task.h"

namespace moldau::broker {

// Whom the records of a coordinator's partition are shown to, in the order of the log.
class RecordSink {
 public:
  RecordSink() = default;
  RecordSink(const RecordSink&) = delete;
  RecordSink& operator=(const RecordSink&) = delete;
  virtual ~RecordSink() = default;
  [[nodiscard]] virtual Result<void> record(
      Offset offset, coordinator::Record record,
      const std::optional<coordinator::Producer>& producer) = 0;
  virtual void end_transaction(const coordinator::Producer& producer, bool committed) = 0;
};

// Reads everything up to the log's end. `buffer_bytes`: how much at a time (*.load.buffer.size).
// Errors: those of the log and of the sink; corrupt_message.
// Source: CoordinatorLoaderImpl.
[[nodiscard]] env::Task<Result<void>> load_records(env::Env& env,
                                                   std::shared_ptr<Partition> partition,
                                                   std::int32_t buffer_bytes, RecordSink& sink);

// The batch as the log takes it. `records` of the batch is not empty.
[[nodiscard]] std::vector<std::byte> encode_batch(const coordinator::Batch& batch, Timestamp now,
                                                  compress::Compression compression);

}  // namespace moldau::broker
