#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/coordinator_log.h"
#include "broker/partition.h"
#include "broker/waiters.h"
#include "compress/codec.h"
#include "coordinator/step.h"
#include "env/completion.h"
#include "env/env.h"
#include "env/task_group.h"
#include "telemetry/log.h"

namespace moldau::broker {

// The end of a transaction in a coordinator's partition: what goes into the log, and what it says.
struct TransactionEnd {
  coordinator::Producer producer;
  bool commit = false;
  SharedBytes batch;
  std::int16_t txn_version = 0;
};

// Runs one coordinator's machine on the partition that holds its records: loads it, puts the
// questions to it one after the other, appends what it decides, replays that, and answers when it
// is committed; then it carries out the effects too. Machine: group::Coordinator, or another of the
// form that coordinator/step.h says.
// Invariant: a question is answered once, by the machine or with a reason why not.
// Context:   the shard that owns the partition. stop() and then join() before it goes.
// Errors of ask(): coordinator_load_in_progress, not_coordinator (stopped, or no leader any more),
//            coordinator_not_available (a record cannot be read or appended; it loads anew).
// Source:    CoordinatorRuntime.
template <class Machine, class AnswerType, class EffectType = coordinator::NoEffect>
class CoordinatorHost final : private Waiter, private RecordSink {
 public:
  using Answer = AnswerType;
  using Step = coordinator::Step<AnswerType, EffectType>;
  using Call = std::function<void(Machine&, coordinator::AskId, coordinator::Now, Step&)>;
  using Make = std::function<std::unique_ptr<Machine>()>;
  using Work = std::function<void(Machine&, coordinator::Now, Step&)>;
  struct Settings {
    std::int32_t load_buffer_bytes = 5 << 20;
    compress::Compression compression = compress::Compression::of(compress::Codec::none);
    // Carries out an effect. What takes time is spawn()ed; what came of it, tell() says.
    std::function<void(CoordinatorHost&, EffectType)> perform = {};
  };

  // `make` brings an empty machine; `first` tells a loaded one what is not in its log (topics,
  // settings), before it is asked anything.
  CoordinatorHost(env::Env& env, std::shared_ptr<Partition> partition, Settings settings, Make make,
                  Work first, telemetry::Logger log)
      : env_(env),
        partition_(std::move(partition)),
        settings_(std::move(settings)),
        make_(std::move(make)),
        first_(std::move(first)),
        log_(log),
        tasks_(env.scheduler),
        work_(env.scheduler) {
    tasks_.spawn(run());
  }
  ~CoordinatorHost() override = default;

  // Puts a question; the machine may answer it much later. `guard`: of the verified transaction
  // that what it decides begins in the log.
  [[nodiscard]] env::Task<Result<AnswerType>> ask(Call call,
                                                  log::VerificationGuard guard = log::k_no_guard) {
    if (stopped_) co_return fail(Errc::not_coordinator);
    if (!machine_) co_return fail(Errc::coordinator_load_in_progress);
    const coordinator::AskId id = next_ask_;
    next_ask_ = id.next();
    env::Completion<Result<AnswerType>> answer(env_.scheduler);
    asked_.push_back({id, &answer});
    enqueue({.work = [call = std::move(call), id](Machine& machine, coordinator::Now now,
                                                  Step& out) { call(machine, id, now, out); },
             .guard = guard});
    co_return co_await answer;
  }
  // Appends the marker of a transaction behind all that was decided before, and shows it to the
  // machine. The answer comes when it is in the log; who wants it committed waits for that.
  // Errors: those of ask(), and those of an append, which the machine then does not learn of.
  [[nodiscard]] env::Task<AppendAnswer> end_transaction(TransactionEnd end) {
    AppendAnswer refusal;
    refusal.error = stopped_ ? Errc::not_coordinator : Errc::coordinator_load_in_progress;
    if (stopped_ || !machine_) co_return refusal;
    env::Completion<AppendAnswer> answer(env_.scheduler);
    enqueue({.ending = {{std::move(end), &answer}}});
    co_return co_await answer;
  }
  // Something happened that nobody asked for (topics changed, settings).
  void tell(Work news) {
    if (machine_) enqueue({.work = std::move(news)});
  }
  // Work that ends before join() does.
  void spawn(env::Task<void> work) { tasks_.spawn(std::move(work)); }
  // Nobody is answered by the machine any more.
  void stop(Errc reason) {
    stopped_ = true;
    drop_machine(reason);
    work_.ring();
  }
  [[nodiscard]] env::Task<void> join() { return tasks_.join(); }
  [[nodiscard]] const TopicIdPartition& id() const { return partition_->id(); }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return partition_->leader_epoch(); }
  [[nodiscard]] bool active() const { return machine_ != nullptr; }

 private:
  using Answers = std::vector<std::pair<coordinator::AskId, AnswerType>>;
  struct Asked {
    coordinator::AskId id;
    env::Completion<Result<AnswerType>>* answer;  // in the frame of ask()
  };
  // What waits until everything appended before it is committed.
  struct Outcome {
    Answers answers;
    std::vector<EffectType> effects;
  };
  using Held = std::pair<replica::WaiterId, Outcome>;
  struct Ending {
    TransactionEnd end;
    env::Completion<AppendAnswer>* answer;  // in the frame of end_transaction()
  };
  struct Item {  // one of the two
    Work work = {};
    std::optional<Ending> ending = std::nullopt;
    log::VerificationGuard guard = log::k_no_guard;
  };

  void enqueue(Item item) {
    queue_.push_back(std::move(item));
    work_.ring();
  }

  env::Task<void> run() {
    while (!stopped_) {
      if (!machine_) {
        if (std::exchange(load_later_, false)) co_await pause();
        if (!stopped_) co_await load();
        continue;
      }
      if (queue_.empty()) {
        co_await wait_for_work();
        continue;
      }
      Item item = std::move(queue_.front());
      queue_.pop_front();
      if (item.ending) {
        co_await append_end(*std::move(item.ending));
        continue;
      }
      Step step;
      item.work(*machine_, now(), step);
      co_await execute(std::move(step), item.guard);
    }
  }

  env::Task<void> wait_for_work() {
    std::optional<env::Timers::TimerId> timer;
    if (const std::optional<Instant> deadline = machine_->next_deadline()) {
      if (*deadline <= env_.clock.now()) {
        enqueue({.work = [](Machine& machine, coordinator::Now at, Step& out) {
          machine.tick(at, out);
        }});
        co_return;
      }
      timer = env_.timers.arm(*deadline, [this] { work_.ring(); });
    }
    co_await work_;
    if (timer) env_.timers.cancel(*timer);
  }

  env::Task<void> load() {
    loading_ = make_();
    const Result<void> loaded =
        co_await load_records(env_, partition_, settings_.load_buffer_bytes, *this);
    std::unique_ptr<Machine> machine = std::move(loading_);
    if (stopped_) co_return;
    if (!loaded) {
      // A committed record that cannot be applied is never skipped; what others ask meanwhile is
      // answered with coordinator_load_in_progress, and the reason stands in the log.
      log_.error("{}-{} cannot be loaded: {}", partition_->log().topic(),
                 partition_->log().partition(), loaded.error().describe());
      co_await pause();
      co_return;
    }
    machine_ = std::move(machine);
    end_ = partition_->log().log_end_offset();
    Step step;
    first_(*machine_, now(), step);
    machine_->loaded(now(), step);
    co_await execute(std::move(step), log::k_no_guard);
  }

  // Until it is time to load again, or the host stops.
  env::Task<void> pause() {
    const Instant end = env_.clock.now() + k_load_again;
    const env::Timers::TimerId timer = env_.timers.arm(end, [this] { work_.ring(); });
    while (!stopped_ && env_.clock.now() < end) co_await work_;
    env_.timers.cancel(timer);
  }

  env::Task<void> execute(Step step, log::VerificationGuard guard) {
    for (coordinator::Batch& batch : step.batches) {
      const bool in_transaction = batch.producer.has_value();
      const Errc error = co_await append(std::move(batch), guard);
      if (stopped_) co_return;
      if (error == Errc::none) continue;
      if (in_transaction && is_of_producer(error)) co_return refuse(step.answers, error);
      co_return drop_machine(Errc::coordinator_not_available);
    }
    if (step.answers.empty() && step.effects.empty()) co_return;
    hold({std::move(step.answers), std::move(step.effects)});
  }

  // What the log has against a producer is nothing against the machine, which has changed nothing
  // yet: only who asked learns of it.
  static bool is_of_producer(Errc error) {
    return error == Errc::invalid_producer_epoch || error == Errc::invalid_txn_state;
  }

  // Why it is not in the log, or could not be replayed.
  env::Task<Errc> append(coordinator::Batch batch, log::VerificationGuard guard) {
    if (batch.records.empty()) co_return Errc::none;
    const AppendAnswer appended = co_await partition_->append_own(
        SharedBytes::take(encode_batch(batch, env_.clock.wall(), settings_.compression)), 0, guard);
    if (appended.error != Errc::none) {
      log_.warn("{}-{}: {} records were not appended: {}", partition_->log().topic(),
                partition_->log().partition(), batch.records.size(), name_of(appended.error));
      co_return appended.error;
    }
    if (!machine_) co_return Errc::coordinator_not_available;
    end_ = appended.end_offset;
    Offset offset = appended.base_offset;
    for (const coordinator::Record& record : batch.records) {
      const Result<void> done = machine_->replay(offset, record, batch.producer);
      if (!done) {
        log_.error("{}-{}: offset {}: {}", partition_->log().topic(), partition_->log().partition(),
                   offset, done.error().describe());
        co_return done.error().code();
      }
      offset = offset.next();
    }
    co_return Errc::none;
  }

  env::Task<void> append_end(Ending ending) {
    AppendAnswer appended =
        co_await partition_->append_own(std::move(ending.end.batch), ending.end.txn_version);
    const bool is_written = appended.end_offset != k_no_offset;
    if (machine_ && is_written && appended.error == Errc::none) {
      end_ = appended.end_offset;
      machine_->replay_end_transaction(ending.end.producer, ending.end.commit);
    } else if (machine_ && is_written) {
      // In the log, but under a leader epoch that is over: what counts is what loading finds.
      drop_machine(Errc::coordinator_not_available);
    }
    ending.answer->complete(std::move(appended));
  }

  void hold(Outcome outcome) {
    if (partition_->leader() == nullptr) return refuse(outcome.answers, Errc::not_coordinator);
    const std::optional<Errc> known = partition_->leader()->acknowledged(replica::Acks::all, end_);
    if (known && *known == Errc::none) return give(std::move(outcome));
    if (known) return lose(std::move(outcome));
    const replica::WaiterId id = partition_->await_ack(*this, replica::Acks::all, end_);
    held_.emplace_back(id, std::move(outcome));
  }

  void give(Outcome outcome) {
    for (auto& [id, answer] : outcome.answers) complete(id, std::move(answer));
    for (EffectType& effect : outcome.effects) settings_.perform(*this, std::move(effect));
  }
  // It is in the log, and nobody can say when it will be committed. A machine that wanted more than
  // to answer must not wait for that for ever: another one asks for it again.
  void lose(Outcome outcome) {
    refuse(outcome.answers, Errc::coordinator_not_available);
    if (outcome.effects.empty()) return;
    drop_machine(Errc::coordinator_not_available);
    load_later_ = true;
    work_.ring();
  }
  void refuse(const Answers& answers, Errc error) {
    for (const auto& [id, answer] : answers) complete(id, fail(error));
  }
  void complete(coordinator::AskId id, Result<AnswerType> answer) {
    const auto at = std::ranges::lower_bound(asked_, id, {}, &Asked::id);
    if (at == asked_.end() || at->id != id) return;
    at->answer->complete(std::move(answer));
    asked_.erase(at);
  }

  void released(replica::WaiterId id, Errc error) override {
    const auto at = std::ranges::lower_bound(held_, id, {}, &Held::first);
    if (at == held_.end() || at->first != id) return;
    Outcome outcome = std::move(at->second);
    held_.erase(at);
    if (error == Errc::none) return give(std::move(outcome));
    if (error != Errc::not_leader_or_follower) return lose(std::move(outcome));
    refuse(outcome.answers, Errc::not_coordinator);
  }

  void drop_machine(Errc reason) {
    machine_.reset();
    for (Item& item : queue_) {
      AppendAnswer refusal;
      refusal.error = reason;
      if (item.ending) item.ending->answer->complete(std::move(refusal));
    }
    queue_.clear();
    for (const auto& [id, outcome] : held_) partition_->forget(id);
    held_.clear();
    for (const Asked& asked : asked_) asked.answer->complete(fail(reason));
    asked_.clear();
  }

  [[nodiscard]] Result<void> record(Offset offset, coordinator::Record record,
                                    const std::optional<coordinator::Producer>& producer) override {
    return loading_->replay(offset, record, producer);
  }
  void end_transaction(const coordinator::Producer& producer, bool committed) override {
    loading_->replay_end_transaction(producer, committed);
  }

  [[nodiscard]] coordinator::Now now() const { return {env_.clock.now(), env_.clock.wall()}; }

  static constexpr Milliseconds k_load_again{10'000};

  env::Env& env_;
  std::shared_ptr<Partition> partition_;
  Settings settings_;
  Make make_;
  Work first_;
  telemetry::Logger log_;
  std::unique_ptr<Machine> machine_;  // nullptr: loading
  std::unique_ptr<Machine> loading_;
  std::deque<Item> queue_;
  std::vector<Asked> asked_;  // by id, as they come
  std::vector<Held> held_;    // by id, as they come
  coordinator::AskId next_ask_{1};
  Offset end_{0};  // of what was appended here; answers wait until it is committed
  bool stopped_ = false;
  bool load_later_ = false;
  env::TaskGroup tasks_;
  env::Signal work_;
};

}  // namespace moldau::broker
