#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <iterator>
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
// questions to it one after the other, replays what it decides, appends that, and answers when it
// is committed; then it carries out the effects too. What several questions led to may be one write
// (Settings::linger). Machine: group::Coordinator, or another of the form that coordinator/step.h
// says.
// Invariant: a question is answered once, by the machine or with a reason why not. What a machine
// wanted carried out is over, or will never begin, before another one is loaded.
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
    // How long records wait for others to be written with (*.append.linger.ms). nullopt: as long as
    // there is something else to decide, which is while a write runs or a burst of requests comes.
    std::optional<Milliseconds> linger = Milliseconds{0};
    // How long an answer may wait for the replicas (offsets.commit.timeout.ms); then it is
    // coordinator_not_available, and the records stay. nullopt: for ever.
    std::optional<Milliseconds> write_timeout = std::nullopt;
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
        effects_(env.scheduler),
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
  // What an effect takes: it ends before another machine is loaded, and before join() does.
  void spawn(env::Task<void> work) { effects_.spawn(std::move(work)); }
  // Nobody is answered by the machine any more.
  void stop(Errc reason) {
    stopped_ = true;
    drop_machine(reason);
    work_.ring();
  }
  [[nodiscard]] env::Task<void> join() {
    co_await tasks_.join();
    co_await effects_.join();
  }
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
  struct Held {
    replica::WaiterId id;
    Outcome outcome;
    std::optional<env::Timers::TimerId> timer;  // of the write timeout
  };
  // Replayed and not written yet: the next batch of the log.
  struct Gathered {
    coordinator::Batch batch;
    std::size_t bytes = 0;
    Offset base;
    Instant since;
    Outcome outcome;
    [[nodiscard]] bool empty() const { return batch.records.empty(); }
  };
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
        if (const auto time = std::exchange(load_after_, std::nullopt)) co_await pause(*time);
        // A marker that the machine before had written late, behind the one that the next orders
        // for the same transaction, would end the producer's transaction after it.
        co_await effects_.join();
        if (!stopped_) co_await load();
        continue;
      }
      if (is_write_due()) {
        co_await write_gathered();
        continue;
      }
      if (queue_.empty()) {
        co_await wait_for_work();
        continue;
      }
      Item item = std::move(queue_.front());
      queue_.pop_front();
      if (item.ending) {
        co_await write_gathered();
        co_await append_end(*std::move(item.ending));
        continue;
      }
      Step step;
      item.work(*machine_, now(), step);
      co_await execute(std::move(step), item.guard);
    }
  }

  [[nodiscard]] bool is_write_due() const {
    if (gathered_.empty()) return false;
    if (!settings_.linger) return queue_.empty();
    return env_.clock.now() >= gathered_.since + *settings_.linger;
  }

  env::Task<void> wait_for_work() {
    std::optional<Instant> deadline = machine_->next_deadline();
    if (deadline && *deadline <= env_.clock.now()) {
      enqueue({.work = [](Machine& machine, coordinator::Now at, Step& out) {
        machine.tick(at, out);
      }});
      co_return;
    }
    if (!gathered_.empty()) {
      const Instant due = gathered_.since + *settings_.linger;
      deadline = deadline ? std::min(*deadline, due) : due;
    }
    std::optional<env::Timers::TimerId> timer;
    if (deadline) timer = env_.timers.arm(*deadline, [this] { work_.ring(); });
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
      co_await pause(k_load_again);
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
  env::Task<void> pause(Milliseconds time) {
    const Instant end = env_.clock.now() + time;
    const env::Timers::TimerId timer = env_.timers.arm(end, [this] { work_.ring(); });
    while (!stopped_ && env_.clock.now() < end) co_await work_;
    env_.timers.cancel(timer);
  }

  env::Task<void> execute(Step step, log::VerificationGuard guard) {
    for (coordinator::Batch& batch : step.batches) {
      Errc error = Errc::none;
      const bool in_transaction = batch.producer.has_value();
      if (in_transaction) {
        co_await write_gathered();
        if (machine_) error = co_await append(std::move(batch), guard);
      } else {
        error = co_await gather(std::move(batch.records));
        // Another machine would decide the same again.
        if (error != Errc::none) load_after_ = k_load_again;
      }
      if (stopped_ || !machine_) co_return;
      if (error == Errc::none) continue;
      if (in_transaction && is_of_producer(error)) co_return refuse(step.answers, error);
      co_return drop_machine(Errc::coordinator_not_available);
    }
    if (step.answers.empty() && step.effects.empty()) co_return;
    if (gathered_.empty()) co_return hold({std::move(step.answers), std::move(step.effects)});
    // Whoever was answered has seen what is not written yet.
    std::ranges::move(step.answers, std::back_inserter(gathered_.outcome.answers));
    std::ranges::move(step.effects, std::back_inserter(gathered_.outcome.effects));
  }

  // What the log has against a producer is nothing against the machine, which has changed nothing
  // yet: only who asked learns of it.
  static bool is_of_producer(Errc error) {
    return error == Errc::invalid_producer_epoch || error == Errc::invalid_txn_state;
  }

  // Replays records of one step and puts them with those that wait to be written: all in one batch.
  env::Task<Errc> gather(std::vector<coordinator::Record> records) {
    if (records.empty()) co_return Errc::none;
    const std::size_t bytes = bytes_of(records);
    const auto bytes_max = static_cast<std::size_t>(partition_->settings().log->message_bytes_max);
    if (!gathered_.empty() && gathered_.bytes + bytes > bytes_max) co_await write_gathered();
    if (!machine_) co_return Errc::coordinator_not_available;
    if (gathered_.empty()) {
      gathered_.base = partition_->log().log_end_offset();
      gathered_.since = env_.clock.now();
      gathered_.bytes = k_batch_overhead;
    }
    const auto first = static_cast<std::int64_t>(gathered_.batch.records.size());
    const Errc replayed = replay(gathered_.base + first, records, std::nullopt);
    if (replayed != Errc::none) co_return replayed;
    gathered_.bytes += bytes;
    std::ranges::move(records, std::back_inserter(gathered_.batch.records));
    co_return Errc::none;
  }

  static std::size_t bytes_of(const std::vector<coordinator::Record>& records) {
    std::size_t bytes = 0;
    for (const coordinator::Record& record : records) {
      bytes += k_record_overhead + record.key.size() + (record.value ? record.value->size() : 0);
    }
    return bytes;
  }

  env::Task<void> write_gathered() {
    if (gathered_.empty()) co_return;
    Gathered gathered = std::exchange(gathered_, {});
    const AppendAnswer appended =
        co_await write(encode(gathered.batch), gathered.batch.records.size(), log::k_no_guard);
    if (!machine_) co_return;
    if (appended.error != Errc::none) co_return drop_machine(Errc::coordinator_not_available);
    if (appended.base_offset != gathered.base) {
      // Somebody else wrote into the partition: the machine goes by other offsets than the log.
      log_.warn("{}-{}: records went to offset {} and not {}; it loads anew",
                partition_->log().topic(), partition_->log().partition(), appended.base_offset,
                gathered.base);
      co_return drop_machine(Errc::coordinator_not_available);
    }
    end_ = appended.end_offset;
    const Outcome& outcome = gathered.outcome;
    if (!outcome.answers.empty() || !outcome.effects.empty()) hold(std::move(gathered.outcome));
  }

  [[nodiscard]] SharedBytes encode(const coordinator::Batch& batch) const {
    return SharedBytes::take(encode_batch(batch, env_.clock.wall(), settings_.compression));
  }
  env::Task<AppendAnswer> write(SharedBytes encoded, std::size_t count,
                                log::VerificationGuard guard) {
    AppendAnswer appended = co_await partition_->append_own(std::move(encoded), 0, guard);
    if (appended.error != Errc::none) {
      log_.warn("{}-{}: {} records were not appended: {}", partition_->log().topic(),
                partition_->log().partition(), count, name_of(appended.error));
    }
    co_return appended;
  }

  // Why it is not in the log, or could not be replayed.
  env::Task<Errc> append(coordinator::Batch batch, log::VerificationGuard guard) {
    if (batch.records.empty()) co_return Errc::none;
    const AppendAnswer appended = co_await write(encode(batch), batch.records.size(), guard);
    if (appended.error != Errc::none) co_return appended.error;
    if (!machine_) co_return Errc::coordinator_not_available;
    end_ = appended.end_offset;
    co_return replay(appended.base_offset, batch.records, batch.producer);
  }

  Errc replay(Offset offset, const std::vector<coordinator::Record>& records,
              const std::optional<coordinator::Producer>& producer) {
    for (const coordinator::Record& record : records) {
      const Result<void> done = machine_->replay(offset, record, producer);
      if (!done) {
        log_.error("{}-{}: offset {}: {}", partition_->log().topic(), partition_->log().partition(),
                   offset, done.error().describe());
        return done.error().code();
      }
      offset = offset.next();
    }
    return Errc::none;
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
    if (partition_->leader() == nullptr) {
      return lose(outcome, Errc::not_coordinator, k_load_for_new_epoch);
    }
    const std::optional<Errc> known = partition_->leader()->acknowledged(replica::Acks::all, end_);
    if (known && *known == Errc::none) return give(std::move(outcome));
    if (known) return lose(outcome, Errc::coordinator_not_available, k_load_again);
    const replica::WaiterId id = partition_->await_ack(*this, replica::Acks::all, end_);
    held_.push_back({id, std::move(outcome), std::nullopt});
    if (!settings_.write_timeout) return;
    held_.back().timer = env_.timers.arm(env_.clock.now() + *settings_.write_timeout,
                                         [this, id] { answer_time_over(id); });
  }

  std::vector<Held>::iterator find_held(replica::WaiterId id) {
    const auto at = std::ranges::lower_bound(held_, id, {}, &Held::id);
    return at == held_.end() || at->id != id ? held_.end() : at;
  }

  // What is to be carried out goes on waiting.
  void answer_time_over(replica::WaiterId id) {
    const auto at = find_held(id);
    if (at == held_.end()) return;
    at->timer.reset();
    const Answers answers = std::exchange(at->outcome.answers, {});
    if (at->outcome.effects.empty()) {
      held_.erase(at);
      partition_->forget(id);
    }
    refuse(answers, Errc::coordinator_not_available);
  }

  void give(Outcome outcome) {
    for (auto& [id, answer] : outcome.answers) complete(id, std::move(answer));
    for (EffectType& effect : outcome.effects) settings_.perform(*this, std::move(effect));
  }
  // It is in the log, and nobody can say when it will be committed; or it was decided under a
  // leader epoch that is over, be it that this broker leads under the next one too. A machine that
  // wanted more than to answer must not wait for that for ever: another one asks for it again.
  void lose(const Outcome& outcome, Errc told, Milliseconds load_after) {
    refuse(outcome.answers, told);
    if (outcome.effects.empty()) return;
    drop_machine(told);
    load_after_ = load_after;
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
    const auto at = find_held(id);
    if (at == held_.end()) return;
    if (at->timer) env_.timers.cancel(*at->timer);
    Outcome outcome = std::move(at->outcome);
    held_.erase(at);
    if (error == Errc::none) return give(std::move(outcome));
    if (error == Errc::not_leader_or_follower) {
      return lose(outcome, Errc::not_coordinator, k_load_for_new_epoch);
    }
    lose(outcome, Errc::coordinator_not_available, k_load_again);
  }

  void drop_machine(Errc reason) {
    machine_.reset();
    for (Item& item : queue_) {
      AppendAnswer refusal;
      refusal.error = reason;
      if (item.ending) item.ending->answer->complete(std::move(refusal));
    }
    queue_.clear();
    for (const Held& held : held_) {
      if (held.timer) env_.timers.cancel(*held.timer);
      partition_->forget(held.id);
    }
    held_.clear();
    gathered_ = {};
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
  static constexpr Milliseconds k_load_for_new_epoch{100};
  // At most, in the format of a batch: its header; lengths and deltas of a record.
  static constexpr std::size_t k_batch_overhead = 61;
  static constexpr std::size_t k_record_overhead = 36;

  env::Env& env_;
  std::shared_ptr<Partition> partition_;
  Settings settings_;
  Make make_;
  Work first_;
  telemetry::Logger log_;
  std::unique_ptr<Machine> machine_;  // nullptr: loading
  std::unique_ptr<Machine> loading_;
  std::deque<Item> queue_;
  Gathered gathered_;
  std::vector<Asked> asked_;  // by id, as they come
  std::vector<Held> held_;    // by id, as they come
  coordinator::AskId next_ask_{1};
  Offset end_{0};  // of what was appended here; answers wait until it is committed
  bool stopped_ = false;
  std::optional<Milliseconds> load_after_;  // nullopt: at once
  env::TaskGroup tasks_;
  env::TaskGroup effects_;
  env::Signal work_;
};

}  // namespace moldau::broker
