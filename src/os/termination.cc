#include "os/termination.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"

namespace moldau::os {

Termination::Termination(Shard& shard, bool catch_signals) : shard_(&shard), bell_(shard) {
  if (!catch_signals) return;
  sigset_t caught;
  ::sigemptyset(&caught);
  ::sigaddset(&caught, SIGTERM);
  ::sigaddset(&caught, SIGINT);
  CHECK_OP(::pthread_sigmask(SIG_BLOCK, &caught, &before_), ==, 0);
  signals_ = Descriptor(::signalfd(-1, &caught, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK(signals_.open());
  token_ = shard_->poller().add(signals_.get(), *this);
}

Termination::~Termination() { stop_catching(); }

void Termination::stop_catching() {
  if (!token_) return;
  shard_->poller().remove(*std::exchange(token_, std::nullopt), signals_.get());
  signals_.reset();
  // Unblocked in this thread, a signal to the process ends it whatever the others block.
  CHECK_OP(::pthread_sigmask(SIG_SETMASK, &before_, nullptr), ==, 0);
}

void Termination::on_ready(Readiness /*ready*/) {
  signalfd_siginfo signal{};
  if (::read(signals_.get(), &signal, sizeof signal) != static_cast<ssize_t>(sizeof signal)) return;
  signal_ = static_cast<int>(signal.ssi_signo);
  stop_catching();
  ring();
}

void Termination::ring() {
  requested_ = true;
  bell_.ring();
}

env::Task<void> Termination::requested() {
  while (!requested_) co_await bell_;
}

void Termination::request() {
  shard_->inbox().push([this] { ring(); });
}

}  // namespace moldau::os
