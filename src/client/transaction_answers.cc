#include <utility>

#include "client/transaction_state.h"

// What the answers of coordinators mean for a transactional producer.
namespace moldau::client {
namespace {

// The transaction before this one is still being completed, and will be soon.
constexpr Milliseconds k_first_partitions_backoff{20};

bool is_fenced(Errc code) {
  return code == Errc::invalid_producer_epoch || code == Errc::producer_fenced;
}

bool is_fatal(Errc code) {
  return code == Errc::transactional_id_authorization_failed || code == Errc::invalid_txn_state ||
         code == Errc::invalid_producer_id_mapping;
}

Error unexpected(std::string_view answer, Errc code) {
  return Error(code, fmt::format("Unexpected error in {}; {}", answer, facts(code).text));
}

}  // namespace

void TransactionState::answered(const TransactionAnswer& answer, Instant now) {
  CHECK(asked_.has_value());
  if (state_ == State::fatal_error) {
    asked_.reset();
    return;
  }
  std::visit([&](const auto& it) { take(it, now); }, answer);
  asked_.reset();
  // The connection was lost while a question was on its way, and its transaction failed meanwhile.
  if (state_ == State::fatal_error) drop_waiting();
}

bool TransactionState::take_common(Errc code, std::string_view answer, Instant now) {
  if (code == Errc::none) return false;
  if (may_pass(code)) {
    retry(now, settings_.retry_backoff);
  } else if (is_fenced(code)) {
    // Brokers of old say INVALID_PRODUCER_EPOCH.
    fatal(Error(Errc::producer_fenced));
  } else if (is_fatal(code)) {
    fatal(Error(code));
  } else if (code == Errc::unknown_producer_id) {
    abortable_if_possible(Error(code));
  } else if (code == Errc::transaction_abortable) {
    abortable(Error(code));
  } else {
    fatal(unexpected(answer, code));
  }
  return true;
}

void TransactionState::take(const protocol::InitProducerIdResponse& answer, Instant now) {
  const bool was_bump = !init_wanted_;
  const Errc code = answer.error_code;
  if (code == Errc::transactional_id_authorization_failed ||
      code == Errc::cluster_authorization_failed) {
    // The program may try again when it was given the right.
    error_ = Error(code);
    drop_waiting();
    state_ = State::uninitialized;
    error_.reset();
    return;
  }
  if (code == Errc::invalid_txn_state || code == Errc::invalid_producer_id_mapping ||
      code == Errc::unknown_producer_id) {
    return fatal(unexpected("InitProducerIdResponse", code));
  }
  if (take_common(code, "InitProducerIdResponse", now)) return;
  stamp_ = {answer.producer_id, answer.producer_epoch};
  init_wanted_ = bump_wanted_ = false;
  state_ = State::ready;
  error_.reset();
  if (!was_bump) v2_ = facts_.transactions_v2;
  end({});
}

void TransactionState::take(const protocol::AddPartitionsToTxnResponse& answer, Instant now) {
  bool refused = false;
  std::string unauthorized;
  for (const auto& topic : answer.results_by_topic_v3_and_below) {
    for (const auto& partition : topic.results_by_partition) {
      const Errc code = partition.partition_error_code;
      if (code == Errc::none) continue;
      if (code == Errc::concurrent_transactions && added_.empty()) {
        return retry(now, std::min(settings_.retry_backoff, k_first_partitions_backoff));
      }
      if (code == Errc::topic_authorization_failed) {
        if (!unauthorized.ends_with(topic.name)) {
          unauthorized += (unauthorized.empty() ? "" : ", ") + topic.name;
        }
      } else if (may_pass(code) || is_fenced(code) || is_fatal(code) ||
                 code == Errc::unknown_producer_id || code == Errc::transaction_abortable) {
        (void)take_common(code, "AddPartitionsToTxnResponse", now);
        return;
      } else {
        refused = true;
      }
    }
  }
  if (!unauthorized.empty()) {
    adding_.clear();
    return abortable(Error(Errc::topic_authorization_failed,
                           fmt::format("Not authorized to access topics: [{}]", unauthorized)));
  }
  if (refused) {
    adding_.clear();
    return abortable(Error(Errc::transaction_abortable,
                           "Could not add partitions to transaction due to errors"));
  }
  added_.merge(adding_);
  adding_.clear();
  started_ = true;
}

void TransactionState::take(const protocol::AddOffsetsToTxnResponse& answer, Instant now) {
  if (jobs_.empty()) return;  // the transaction failed while it was asked
  const Errc code = answer.error_code;
  if (code == Errc::group_authorization_failed) {
    return abortable(Error(
        code, fmt::format("Not authorized to access group: {}", jobs_.front().group.group_id)));
  }
  if (take_common(code, "AddOffsetsToTxnResponse", now)) return;
  jobs_.front().added = true;
  started_ = true;
}

bool TransactionState::take_offset(const TopicPartition& partition, Errc code) {
  OffsetJob& job = jobs_.front();
  switch (code) {
    case Errc::none:
      job.left.erase(partition);
      return true;
    case Errc::group_authorization_failed:
      abortable(Error(code, fmt::format("Not authorized to access group: {}", job.group.group_id)));
      return false;
    case Errc::fenced_instance_id:
    case Errc::transaction_abortable:
      abortable(Error(code));
      return false;
    case Errc::unknown_member_id:
    case Errc::illegal_generation:
    case Errc::group_id_not_found:
    case Errc::stale_member_epoch:
      abortable(Error(code, fmt::format("Transaction offset Commit failed due to consumer group "
                                        "metadata mismatch: {}",
                                        facts(code).text)));
      return false;
    default:
      break;
  }
  if (may_pass(code)) return true;
  if (is_fenced(code)) {
    fatal(Error(Errc::producer_fenced));
  } else if (code == Errc::transactional_id_authorization_failed ||
             code == Errc::unsupported_for_message_format) {
    fatal(Error(code));
  } else {
    fatal(unexpected("TxnOffsetCommitResponse", code));
  }
  return false;
}

void TransactionState::take(const protocol::TxnOffsetCommitResponse& answer, Instant now) {
  if (jobs_.empty()) return;
  for (const auto& topic : answer.topics) {
    for (const auto& partition : topic.partitions) {
      if (!take_offset({topic.name, partition.partition_index}, partition.error_code)) return;
    }
  }
  if (!jobs_.front().left.empty()) return retry(now, settings_.retry_backoff);
  end_job(jobs_.front(), {});
  jobs_.pop_front();
}

void TransactionState::take(const protocol::EndTxnResponse& answer, Instant now) {
  if (!end_wanted_) return;
  const Errc code = answer.error_code;
  if (code == Errc::transaction_abortable && !*end_wanted_) {
    // To abort once more would lead here again.
    return fatal(Error(code, fmt::format("Failed to abort transaction: {}", facts(code).text)));
  }
  if (take_common(code, "EndTxnResponse", now)) return;
  if (answer.producer_id != k_no_producer_id) {
    stamp_ = {answer.producer_id, answer.producer_epoch};
  }
  reset_transaction();
}

void TransactionState::take(const Error& error, Instant now) {
  if (may_pass(error.code())) return retry(now, settings_.retry_backoff);
  if (error.code() == Errc::group_authorization_failed ||
      error.code() == Errc::transaction_abortable) {
    return abortable(error);
  }
  fatal(error);
}

}  // namespace moldau::client
