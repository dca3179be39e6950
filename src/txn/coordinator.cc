#include "txn/coordinator.h"

#include <algorithm>
#include <utility>

#include "txn/add_partitions.h"
#include "txn/describe.h"
#include "txn/end_txn.h"
#include "txn/expiry.h"
#include "txn/init_producer_id.h"
#include "txn/machine.h"
#include "txn/markers.h"
#include "txn/records.h"

namespace moldau::txn {

struct Coordinator::State : Machine {};

namespace {

// What the machine decided itself is more than its record says: the epoch before, and under
// transaction.version 0 the producer ids around the current one and the client's version.
void add_what_records_lack(Machine& machine, const std::string& id, Transaction& read) {
  const auto decided = machine.decided.extract(id);
  if (decided.empty()) return;
  read.last_epoch = decided.mapped().last_epoch;
  read.previous_producer_id = decided.mapped().previous_producer_id;
  read.next_producer_id = decided.mapped().next_producer_id;
  read.client_version = decided.mapped().client_version;
}

void ask_again(Machine& machine, const Waiting& question, Now now, Step& out) {
  if (const auto* init = std::get_if<WaitingInit>(&question)) {
    return init_producer_id(machine, init->ask, init->request, now, out);
  }
  if (const auto* end = std::get_if<WaitingEnd>(&question)) {
    return end_transaction(machine, end->ask, end->request, now, out);
  }
  abort_if_timed_out(machine, std::get<WaitingAbort>(question).transactional_id, now, out);
}

void refuse(const Waiting& question, Errc error, Step& out) {
  if (const auto* init = std::get_if<WaitingInit>(&question)) {
    refuse_init(init->ask, error, out);
  } else if (const auto* end = std::get_if<WaitingEnd>(&question)) {
    refuse_end(end->ask, error, out);
  }
}

// One only: what it decides must be replayed before the next is asked.
void resume_one(Machine& machine, Now now, Step& out) {
  if (!machine.spare_id || machine.waiting.empty()) return;
  const Waiting question = std::move(machine.waiting.front());
  machine.waiting.pop_front();
  ask_again(machine, question, now, out);
  const bool more = !machine.spare_id && !machine.waiting.empty() && !machine.asked_for_id;
  if (!more) return;
  machine.asked_for_id = true;
  out.effects.emplace_back(NeedProducerId{});
}

}  // namespace

Coordinator::Coordinator(Settings settings) : state_(std::make_unique<State>()) {
  state_->settings = settings;
}
Coordinator::~Coordinator() = default;

Result<void> Coordinator::replay(Offset /*offset*/, const coordinator::Record& record,
                                 const std::optional<coordinator::Producer>& /*producer*/) {
  TRY(std::optional<TransactionEntry> entry, read_record(record));
  if (!entry) return {};
  const std::string& id = entry->transactional_id;
  if (!entry->value) {
    state_->transactions.erase(id);
    state_->ongoing.erase(id);
    return {};
  }
  add_what_records_lack(*state_, id, *entry->value);
  if (entry->value->state == TransactionState::ongoing) {
    state_->ongoing.insert(id);
  } else {
    state_->ongoing.erase(id);
  }
  state_->transactions.insert_or_assign(id, *std::move(entry->value));
  return {};
}

void Coordinator::replay_end_transaction(const coordinator::Producer& /*producer*/,
                                         bool /*committed*/) {}

void Coordinator::loaded(Now now, Step& out) {
  state_->loaded = true;
  state_->next_abort = now.instant + state_->settings.abort_timed_out_interval;
  state_->next_expiry = now.instant + state_->settings.remove_expired_interval;
  for (const auto& [id, transaction] : state_->transactions) {
    if (!is_prepared(transaction.state)) continue;
    complete_when_committed(*state_, id, transaction, out);
  }
}

void Coordinator::new_image(std::shared_ptr<const metadata::Image> image) {
  state_->image = std::move(image);
}
void Coordinator::need_image(Offset last) { state_->need_image(last); }
void Coordinator::configure(Settings settings) { state_->settings = settings; }

void Coordinator::init_producer_id(const Ask& ask, const protocol::InitProducerIdRequest& request,
                                   Now now, Step& out) {
  txn::init_producer_id(*state_, ask, request, now, out);
}
void Coordinator::add_partitions(
    const Ask& ask,
    const protocol::AddPartitionsToTxnRequest::AddPartitionsToTxnTransaction& request, Now now,
    Step& out) {
  txn::add_partitions(*state_, ask, request, now, out);
}
void Coordinator::end(const Ask& ask, const protocol::EndTxnRequest& request, Now now, Step& out) {
  end_transaction(*state_, ask, request, now, out);
}

void Coordinator::list(const Ask& ask, const ListFilter& filter, Now now, Step& out) {
  list_transactions(*state_, ask, filter, now, out);
}
void Coordinator::describe(const Ask& ask, const std::vector<std::string>& transactional_ids,
                           Step& out) {
  describe_transactions(*state_, ask, transactional_ids, out);
}

void Coordinator::markers_written(const MarkersWritten& report, Now now, Step& out) {
  txn::markers_written(*state_, report, now, out);
}

void Coordinator::producer_id(const Result<ProducerId>& granted, Now now, Step& out) {
  state_->asked_for_id = false;
  if (granted) {
    state_->spare_id = *granted;
    return resume_one(*state_, now, out);
  }
  for (const Waiting& question : std::exchange(state_->waiting, {})) {
    refuse(question, granted.error().code(), out);
  }
}

std::optional<Instant> Coordinator::next_deadline() const {
  if (state_->spare_id && !state_->waiting.empty()) return Instant{};
  std::optional<Instant> next;
  const auto also = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  if (!state_->retries.empty()) also(state_->retries.begin()->first);
  if (!state_->ongoing.empty()) also(state_->next_abort);
  if (!state_->transactions.empty()) also(state_->next_expiry);
  return next;
}

// One concern in each call, so that none decides about what another has just decided.
void Coordinator::tick(Now now, Step& out) {
  if (state_->spare_id && !state_->waiting.empty()) return resume_one(*state_, now, out);
  if (!state_->retries.empty() && state_->retries.begin()->first <= now.instant) {
    return retry_markers(*state_, now, out);
  }
  if (state_->next_abort <= now.instant) {
    state_->next_abort = now.instant + state_->settings.abort_timed_out_interval;
    return abort_timed_out(*state_, now, out);
  }
  if (state_->next_expiry <= now.instant) {
    state_->next_expiry = now.instant + state_->settings.remove_expired_interval;
    remove_expired(*state_, now, out);
  }
}

}  // namespace moldau::txn
