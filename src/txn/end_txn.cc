// EndTxn, and aborts that no producer asked for.
#include "txn/end_txn.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "txn/markers.h"

namespace moldau::txn {
namespace {

using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using State = TransactionState;

// Clients of transaction version 2 show it by this version of the request.
constexpr ApiVersion k_bumps_epoch_from{5};

enum class Do : std::uint8_t { prepare, done, invalid };
enum class Is : std::uint8_t { no, yes, any };

// Rows E1-E14. v2: the client's transaction version bumps the epoch. retry: the request's epoch is
// the one before, so its first try was carried out; without v2 epochs do not tell.
// A prepared one has no row: refusal_of() answers for it.
struct EndRow {
  std::string_view label;
  State state;
  Is v2;
  Is commit;
  Is retry;
  Do then;
};
constexpr auto k_end_rows = std::to_array<EndRow>({
    {"E1", State::ongoing, Is::any, Is::any, Is::any, Do::prepare},
    {"E2", State::complete_commit, Is::no, Is::yes, Is::any, Do::done},
    {"E3", State::complete_commit, Is::no, Is::no, Is::any, Do::invalid},
    {"E4", State::complete_abort, Is::no, Is::no, Is::any, Do::done},
    {"E5", State::complete_abort, Is::any, Is::yes, Is::any, Do::invalid},
    {"E6", State::complete_commit, Is::yes, Is::yes, Is::yes, Do::done},
    {"E7", State::complete_commit, Is::yes, Is::yes, Is::no, Do::invalid},
    {"E8", State::complete_commit, Is::yes, Is::no, Is::yes, Do::invalid},
    {"E9", State::complete_abort, Is::yes, Is::no, Is::yes, Do::done},
    // The client does not know whether anything began: aborting nothing bumps the epoch too.
    {"E10", State::complete_commit, Is::yes, Is::no, Is::no, Do::prepare},
    {"E11", State::complete_abort, Is::yes, Is::no, Is::no, Do::prepare},
    {"E12", State::empty, Is::yes, Is::no, Is::any, Do::prepare},
    {"E13", State::empty, Is::yes, Is::yes, Is::any, Do::invalid},
    {"E14", State::empty, Is::no, Is::any, Is::any, Do::invalid},
});

constexpr bool fits(Is asked, bool value) {
  return asked == Is::any || (asked == Is::yes) == value;
}
constexpr bool fits(const EndRow& row, State state, bool v2, bool commit, bool retry) {
  return row.state == state && fits(row.v2, v2) && fits(row.commit, commit) &&
         fits(row.retry, retry);
}
constexpr bool every_case_has_exactly_one_row() {
  for (const State state :
       {State::empty, State::ongoing, State::complete_commit, State::complete_abort}) {
    for (int bits = 0; bits < 8; ++bits) {
      int rows = 0;
      for (const EndRow& row : k_end_rows) {
        if (fits(row, state, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0)) ++rows;
      }
      if (rows != 1) return false;
    }
  }
  return true;
}
static_assert(every_case_has_exactly_one_row());

Do what_to_do(State state, bool v2, bool commit, bool retry) {
  for (const EndRow& row : k_end_rows) {
    if (fits(row, state, v2, commit, retry)) return row.then;
  }
  return Do::invalid;
}

// How the request stands to the epoch of the transaction.
struct Epochs {
  bool is_current = false;
  bool is_bumped = false;      // the request's epoch is the one before
  bool is_overflowed = false;  // the one before was the last of another producer id
};
Epochs compare(const Transaction& known, const EndTxnRequest& request) {
  const bool overflowed = known.previous_producer_id == request.producer_id &&
                          request.producer_epoch.value() == INT16_MAX - 1 &&
                          known.epoch == ProducerEpoch{0};
  return {.is_current = known.epoch == request.producer_epoch,
          .is_bumped = known.epoch.value() == request.producer_epoch.value() + 1,
          .is_overflowed = overflowed};
}

bool has_valid_epoch(State state, const Epochs& epochs) {
  if (state == State::complete_commit || state == State::complete_abort) {
    return epochs.is_current || epochs.is_bumped || epochs.is_overflowed;
  }
  return epochs.is_current;
}

Errc refusal_of(const Transaction* known, const EndTxnRequest& request, bool v2) {
  if (request.transactional_id.empty()) return Errc::invalid_request;
  if (known == nullptr) return Errc::invalid_producer_id_mapping;
  // Before all else: the producer may already go on under the id and epoch that it will have then.
  if (is_prepared(known->state)) return Errc::concurrent_transactions;
  const Epochs epochs = compare(*known, request);
  if (known->producer_id != request.producer_id && !(v2 && epochs.is_overflowed)) {
    return Errc::invalid_producer_id_mapping;
  }
  const bool is_valid = v2 ? has_valid_epoch(known->state, epochs) : epochs.is_current;
  return is_valid ? Errc::none : Errc::producer_fenced;
}

void answer(const Ask& ask, Errc error, ProducerIdAndEpoch producer, Step& out) {
  EndTxnResponse response;
  response.error_code = error;
  response.producer_id = producer.id;
  response.producer_epoch = producer.epoch;
  out.answer(ask.id, std::move(response));
}

// `next` is prepared: writes it, and has the markers written when it is committed.
void prepare(Machine& machine, const std::string& id, const Transaction& next, Step& out) {
  machine.decide(id, next, out);
  complete_when_committed(machine, id, next, out);
}

}  // namespace

void refuse_end(const Ask& ask, Errc error, Step& out) {
  answer(ask, error, {k_no_producer_id, k_no_producer_epoch}, out);
}

void end_transaction(Machine& machine, const Ask& ask, const EndTxnRequest& request, Now now,
                     Step& out) {
  const bool v2 = ask.version >= k_bumps_epoch_from;
  const Transaction* known = machine.find(request.transactional_id);
  if (const Errc error = refusal_of(known, request, v2); error != Errc::none) {
    return refuse_end(ask, error, out);
  }
  const Epochs epochs = compare(*known, request);
  const bool retry = epochs.is_bumped || epochs.is_overflowed;
  const ProducerIdAndEpoch none{k_no_producer_id, k_no_producer_epoch};
  switch (what_to_do(known->state, v2, request.committed, retry)) {
    case Do::done:
      return answer(ask, Errc::none,
                    v2 ? ProducerIdAndEpoch{known->producer_id, known->epoch} : none, out);
    case Do::invalid:
      return refuse_end(ask, Errc::invalid_txn_state, out);
    case Do::prepare:
      break;
  }
  ProducerId next_id = k_no_producer_id;
  if (v2 && is_exhausted(known->epoch)) {
    const auto id = machine.take_id();
    if (!id) return machine.wait_for_id(WaitingEnd{ask, request}, out);
    next_id = *id;
  }
  const auto client = v2 ? TransactionVersion::v2 : TransactionVersion::v0;
  const Transaction next = prepared(*known, request.committed, client, next_id, now.wall);
  // The client goes on under what the transaction has when it is complete.
  const Transaction end = completed(next, now.wall);
  answer(ask, Errc::none, v2 ? ProducerIdAndEpoch{end.producer_id, end.epoch} : none, out);
  prepare(machine, request.transactional_id, next, out);
}

bool abort_by_fence(Machine& machine, const std::string& transactional_id, Now now, Step& out) {
  const Transaction* known = machine.find(transactional_id);
  CHECK(known != nullptr);
  CHECK(known->state == State::ongoing);
  ProducerId next_id = k_no_producer_id;
  if (bumps_epoch(machine.version()) && is_exhausted(known->epoch)) {
    const auto id = machine.take_id();
    if (!id) return false;
    next_id = *id;
  }
  prepare(machine, transactional_id, fenced(*known, machine.version(), next_id, now.wall), out);
  return true;
}

}  // namespace moldau::txn
