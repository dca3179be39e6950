#pragma once
#include <signal.h>

#include <optional>

#include "env/completion.h"
#include "env/task.h"
#include "os/descriptor.h"
#include "os/shard.h"

namespace moldau::os {

// Hears that the process should end. Made before any thread starts, so that all of them inherit the
// blocked signals; the second signal finds the system's default and ends the process.
// Context: shard 0; request() from any thread.
class Termination final : public Pollable {
 public:
  Termination(Shard& shard, bool catch_signals);
  ~Termination() override;

  [[nodiscard]] env::Task<void> requested();
  void request();
  // Which signal it was; 0: none.
  [[nodiscard]] int signal() const { return signal_; }
  void on_ready(Readiness ready) override;

 private:
  void ring();
  void stop_catching();

  Shard* shard_;
  env::Signal bell_;
  bool requested_ = false;
  int signal_ = 0;
  Descriptor signals_;
  std::optional<Poller::Token> token_;
  sigset_t before_{};
};

}  // namespace moldau::os
