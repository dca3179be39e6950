#include "txn/add_partitions.h"

#include <algorithm>
#include <functional>

namespace moldau::txn {
namespace {

using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using Request = AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction;
using AddResult = AddPartitionsToTxnResponse::AddPartitionsToTxnResult;

// Brokers, which speak version 4 and later, add what clients of transaction version 2 produce to.
constexpr ApiVersion k_of_brokers_from{4};

using ErrorOf = std::function<Errc(const std::string& topic, PartitionIndex partition)>;

AddResult result_of(const Request& request, const ErrorOf& error_of) {
  AddResult result;
  result.transactional_id = request.transactional_id;
  for (const auto& topic : request.topics) {
    auto& out = result.topic_results.emplace_back();
    out.name = topic.name;
    for (const PartitionIndex partition : topic.partitions) {
      auto& one = out.results_by_partition.emplace_back();
      one.partition_index = partition;
      one.partition_error_code = error_of(topic.name, partition);
    }
  }
  return result;
}

bool has(const Transaction& transaction, const std::string& topic, PartitionIndex partition) {
  const auto found = transaction.partitions.find(topic);
  return found != transaction.partitions.end() && found->second.contains(partition);
}

bool has_all(const Transaction& transaction, const Request& request) {
  return std::ranges::all_of(request.topics, [&](const auto& topic) {
    return std::ranges::all_of(topic.partitions, [&](PartitionIndex partition) {
      return has(transaction, topic.name, partition);
    });
  });
}

Errc refusal_of(const Transaction* known, const Request& request) {
  if (request.transactional_id.empty()) return Errc::invalid_request;
  if (known == nullptr) return Errc::invalid_producer_id_mapping;
  // Before all else: the producer may already go on under the id and epoch that it will have then.
  if (!request.verify_only && is_prepared(known->state)) return Errc::concurrent_transactions;
  if (known->producer_id != request.producer_id) return Errc::invalid_producer_id_mapping;
  if (known->epoch != request.producer_epoch) return Errc::producer_fenced;
  return is_prepared(known->state) ? Errc::concurrent_transactions : Errc::none;
}

Partitions partitions_of(const Request& request) {
  Partitions all;
  for (const auto& topic : request.topics) {
    all[topic.name].insert(topic.partitions.begin(), topic.partitions.end());
  }
  return all;
}

}  // namespace

AddResult result_for_all(const Request& request, Errc error) {
  return result_of(request, [error](const std::string&, PartitionIndex) { return error; });
}

void add_partitions(Machine& machine, const Ask& ask, const Request& request, Now now, Step& out) {
  const Transaction* known = machine.find(request.transactional_id);
  if (const Errc error = refusal_of(known, request); error != Errc::none) {
    return out.answer(ask.id, result_for_all(request, error));
  }
  if (request.verify_only) {
    return out.answer(
        ask.id, result_of(request, [known](const std::string& topic, PartitionIndex partition) {
          return has(*known, topic, partition) ? Errc::none : Errc::transaction_abortable;
        }));
  }
  const bool nothing_new = known->state == TransactionState::ongoing && has_all(*known, request);
  if (!nothing_new) {
    const auto client =
        ask.version >= k_of_brokers_from ? TransactionVersion::v2 : TransactionVersion::v0;
    machine.need_image(ask.metadata);
    machine.decide(request.transactional_id,
                   with_partitions(*known, partitions_of(request), client, now.wall), out);
  }
  out.answer(ask.id, result_for_all(request, Errc::none));
}

}  // namespace moldau::txn
