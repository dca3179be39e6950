#include "txn/init_producer_id.h"

#include "txn/end_txn.h"

namespace moldau::txn {
namespace {

using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;

// What the client believes it has; nullopt: it begins.
std::optional<ProducerIdAndEpoch> expected_by(const InitProducerIdRequest& request) {
  if (request.producer_id == k_no_producer_id) return std::nullopt;
  return ProducerIdAndEpoch{request.producer_id, request.producer_epoch};
}

Milliseconds timeout_of(const InitProducerIdRequest& request) {
  return request.enable2_pc ? Milliseconds{INT32_MAX} : request.transaction_timeout_ms;
}

// Another producer took over unless the client has the current id, or the one before and retries
// the bump that exhausted its epochs.
bool is_of_current_producer(const Transaction& known, const ProducerIdAndEpoch& expected) {
  return expected.id == known.producer_id ||
         (expected.id == known.previous_producer_id && is_exhausted(expected.epoch));
}

struct Begun {
  Errc error = Errc::none;
  bool needs_id = false;
  Transaction next;
};

// The producer of a transaction at rest begins again.
Begun begin_again(Machine& machine, const Transaction& known,
                  const std::optional<ProducerIdAndEpoch>& expected, Milliseconds timeout,
                  Timestamp now) {
  const bool is_retry = expected && expected->epoch != known.epoch;
  if (is_retry) {
    // Its first try was answered, but the answer did not arrive. A new producer in between would
    // have made the last epoch none.
    if (expected->epoch != known.last_epoch) return {.error = Errc::producer_fenced, .next = {}};
    return {.next = with_epoch(known, known.epoch, known.last_epoch, timeout, now)};
  }
  const ProducerEpoch last = expected ? known.epoch : k_no_producer_epoch;
  if (!is_exhausted(known.epoch)) {
    return {.next = with_epoch(known, known.epoch.next(), last, timeout, now)};
  }
  const auto id = machine.take_id();
  if (!id) return {.needs_id = true, .next = {}};
  return {.next = with_new_producer(known, *id, last, timeout, now)};
}

Begun begin_first(Machine& machine, Milliseconds timeout, Timestamp now) {
  const auto id = machine.take_id();
  if (!id) return {.needs_id = true, .next = {}};
  const Transaction unborn{.producer_id = *id};
  return {.next = with_epoch(unborn, ProducerEpoch{0}, k_no_producer_epoch, timeout, now)};
}

void answer(const Ask& ask, Errc error, ProducerIdAndEpoch producer, Step& out) {
  InitProducerIdResponse response;
  response.error_code = error;
  response.producer_id = producer.id;
  response.producer_epoch = producer.epoch;
  out.answer(ask.id, std::move(response));
}

}  // namespace

Errc init_refusal(const Settings& settings, const InitProducerIdRequest& request) {
  if (request.transactional_id->empty()) return Errc::invalid_request;
  // In Kafka's words and order; it knows the flag of a kept transaction and does not do it yet.
  if (request.enable2_pc && !settings.two_phase_commit) {
    return Errc::transactional_id_authorization_failed;
  }
  if (request.keep_prepared_txn) return Errc::unsupported_version;
  const Milliseconds timeout = request.transaction_timeout_ms;
  const bool fits = timeout > Milliseconds{0} && timeout <= settings.timeout_max;
  return request.enable2_pc || fits ? Errc::none : Errc::invalid_transaction_timeout;
}

void refuse_init(const Ask& ask, Errc error, Step& out) {
  answer(ask, error, {k_no_producer_id, k_no_producer_epoch}, out);
}

void init_producer_id(Machine& machine, const Ask& ask, const InitProducerIdRequest& request,
                      Now now, Step& out) {
  if (const Errc error = init_refusal(machine.settings, request); error != Errc::none) {
    return refuse_init(ask, error, out);
  }
  const std::string& id = *request.transactional_id;
  const Transaction* known = machine.find(id);
  const auto expected = expected_by(request);
  if (known != nullptr) {
    if (is_prepared(known->state)) return refuse_init(ask, Errc::concurrent_transactions, out);
    if (expected && !is_of_current_producer(*known, *expected)) {
      return refuse_init(ask, Errc::producer_fenced, out);
    }
    if (known->state == TransactionState::ongoing) {
      // The client tries again when the abort is complete; no producer gets the epoch of the fence.
      if (!abort_by_fence(machine, id, now, out)) {
        return machine.wait_for_id(WaitingInit{ask, request}, out);
      }
      return refuse_init(ask, Errc::concurrent_transactions, out);
    }
  }
  const Milliseconds timeout = timeout_of(request);
  Begun begun = known == nullptr ? begin_first(machine, timeout, now.wall)
                                 : begin_again(machine, *known, expected, timeout, now.wall);
  if (begun.needs_id) return machine.wait_for_id(WaitingInit{ask, request}, out);
  if (begun.error != Errc::none) return refuse_init(ask, begun.error, out);
  answer(ask, Errc::none, {begun.next.producer_id, begun.next.epoch}, out);
  machine.decide(id, std::move(begun.next), out);
}

}  // namespace moldau::txn
