#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client/coordinator_link.h"
#include "client/transaction_state.h"
#include "env/completion.h"
#include "env/task_group.h"

namespace moldau::client {

// Runs a transactional producer's state: carries its questions to the coordinators and the answers
// back.
// Context: one shard; the cluster outlives it. Await close() before it goes.
class TransactionSession {
 public:
  // `all_sent`: no record is on its way. `news`: called after every answer.
  TransactionSession(Cluster& cluster, TransactionSettings settings, std::function<bool()> all_sent,
                     std::function<void()> news);
  TransactionSession(const TransactionSession&) = delete;
  TransactionSession& operator=(const TransactionSession&) = delete;

  [[nodiscard]] TransactionState& state() { return state_; }
  // The state was told something, or records arrived: look what it wants now.
  void poke();
  // Until the call with this ticket ends, at most for `most`. Errors: its own; timed_out, after
  // which the same call may be made again; `what`: for its text.
  [[nodiscard]] env::Task<Result<void>> wait(TransactionState::Ticket ticket, Milliseconds most,
                                             std::string what);
  [[nodiscard]] env::Task<void> close();

 private:
  [[nodiscard]] env::Task<void> run();
  [[nodiscard]] env::Task<TransactionAnswer> ask(TransactionQuestion question);
  [[nodiscard]] env::Task<Result<void>> learn();
  [[nodiscard]] Instant now() const { return env_->clock.now(); }

  Cluster* cluster_;
  env::Env* env_;
  TransactionState state_;
  CoordinatorLink coordinator_;
  std::map<std::string, std::unique_ptr<CoordinatorLink>> groups_;
  std::function<bool()> all_sent_;
  std::function<void()> news_;
  env::Signal work_;
  env::Signal progress_;
  env::TaskGroup tasks_;
  std::optional<env::Timers::TimerId> timer_;
  bool closed_ = false;
};

}  // namespace moldau::client
