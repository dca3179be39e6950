#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "client/group_offsets.h"
#include "client/reader.h"
#include "client/record.h"

// What a program puts between itself and its client: to look at records, or to change them. They
// are called in the order in which they were given; each gets what the one before made. A client
// shares them with the program, and may not be called from inside them.
// Context: the client's shard, inside its calls and as answers come.
// Source: ProducerInterceptor, ConsumerInterceptor.
namespace moldau::client {

class ProducerInterceptor {
 public:
  ProducerInterceptor() = default;
  ProducerInterceptor(const ProducerInterceptor&) = delete;
  ProducerInterceptor& operator=(const ProducerInterceptor&) = delete;
  virtual ~ProducerInterceptor() = default;
  // Before a partition is chosen; what it returns is sent.
  [[nodiscard]] virtual OutgoingRecord on_send(const std::string& topic, OutgoingRecord record) = 0;
  // Before the program's report; also of a record that send() refused.
  virtual void on_acknowledgement(const Result<Delivery>& delivery) = 0;
};

class ConsumerInterceptor {
 public:
  ConsumerInterceptor() = default;
  ConsumerInterceptor(const ConsumerInterceptor&) = delete;
  ConsumerInterceptor& operator=(const ConsumerInterceptor&) = delete;
  virtual ~ConsumerInterceptor() = default;
  // What poll() returns. Positions do not depend on it.
  [[nodiscard]] virtual std::vector<PartitionRecords> on_consume(
      std::vector<PartitionRecords> records) = 0;
  // They were committed.
  virtual void on_commit(const GroupOffsets& offsets) = 0;
};

}  // namespace moldau::client
