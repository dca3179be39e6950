#pragma once
#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "txn/coordinator.h"
#include "txn/transaction.h"

namespace moldau::txn {

// Partitions of a prepared transaction that have no marker yet.
struct Completion {
  Partitions left;
  std::int32_t attempts = 0;
  // Nobody writes them now: when to try again. nullopt: they are being written.
  std::optional<Instant> retry;
};

// A question that cannot be decided without a new producer id.
struct WaitingInit {
  Ask ask;
  protocol::InitProducerIdRequest request;
};
struct WaitingEnd {
  Ask ask;
  protocol::EndTxnRequest request;
};
struct WaitingAbort {  // of a transaction whose time is over
  std::string transactional_id;
};
using Waiting = std::variant<WaitingInit, WaitingEnd, WaitingAbort>;

// All that one coordinator knows. The parts of the protocol are functions on it, each in a file of
// its own: init_producer_id.h, add_partitions.h, end_txn.h, markers.h, expiry.h, describe.h.
struct Machine {
  Settings settings;
  std::shared_ptr<const metadata::Image> image = std::make_shared<const metadata::Image>();
  std::map<std::string, Transaction, std::less<>> transactions;
  std::set<std::string, std::less<>> ongoing;  // those of them whose time may be over

  // ---- soft -------------------------------------------------------------------------------------
  // What was decided and is on its way through the log; records do not say all of it.
  std::map<std::string, Transaction, std::less<>> decided;
  std::map<std::string, Completion, std::less<>> completions;
  std::set<std::pair<Instant, std::string>> retries;  // of completions
  std::deque<Waiting> waiting;
  bool asked_for_id = false;
  std::optional<ProducerId> spare_id;
  Instant next_abort;                 // when to look for transactions whose time is over
  Instant next_expiry;                // and for ids that nobody uses
  Offset image_needed = k_no_offset;  // what is not in an older one may be yet to come
  bool loaded = false;

  [[nodiscard]] const Transaction* find(std::string_view transactional_id) const;
  void need_image(Offset last) { image_needed = std::max(image_needed, last); }
  [[nodiscard]] bool image_is_new_enough() const {
    return image->provenance.last_contained_offset >= image_needed;
  }
  // Of the cluster.
  [[nodiscard]] TransactionVersion version() const;
  // Writes the new state. At most one for each id in a step.
  void decide(const std::string& transactional_id, Transaction next, Step& out);
  // nullopt: wait_for_id() and be asked again.
  [[nodiscard]] std::optional<ProducerId> take_id();
  void wait_for_id(Waiting question, Step& out);
};

}  // namespace moldau::txn
