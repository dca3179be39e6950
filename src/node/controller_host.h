#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "broker/controller_client.h"
#include "controller/config_rules.h"
#include "controller/controller.h"
#include "env/completion.h"
#include "env/env.h"
#include "env/task_group.h"
#include "node/raft_driver.h"
#include "security/authorizer.h"
#include "telemetry/log.h"

namespace moldau::node {

// Runs controller::Controller on the metadata log: decide -> append -> replay -> answer when
// committed. The one place where requests for the active controller end, from whatever listener,
// shard or broker they come.
// Invariant: between a decision and the replay of its records nothing else is decided, for the
// three
//            steps happen without waiting. An answer leaves when the log end of its decision is
//            committed, so nobody is told what a crash could take back.
// Context:   the shard of the metadata log. start() after the driver is there; stop() before it
// goes.
class ControllerHost {
 public:
  struct Parts {
    env::Env& env;
    const controller::ConfigRules& rules;
    const security::Authorizer& authorizer;
    telemetry::Logger log;
    // The node cannot go on.
    std::function<void(const Error&)> failed;
    // Completes when the broker of this node, if it has one, shows and serves all below the end. A
    // client that reads its own change must find it: in one process nothing excuses a delay.
    std::function<env::Task<void>(Offset)> shown{};
  };
  static constexpr Milliseconds k_patience{30'000};
  ControllerHost(Parts parts, controller::Settings settings);
  ControllerHost(const ControllerHost&) = delete;
  ControllerHost& operator=(const ControllerHost&) = delete;
  ~ControllerHost();

  // The driver outlives stop().
  void start(RaftDriver& driver);
  // Decides nothing any more: requests that wait and those that come end with not_controller. For
  // a metadata log that cannot go on, which will never commit what they wait for. Idempotent.
  void close();
  // close(), and what runs here has ended.
  [[nodiscard]] env::Task<void> stop();

  // ---- from the metadata log, in its order (see MetadataLogUser)
  // ---------------------------------
  void load(std::shared_ptr<const metadata::Image> image);
  // Records of a committed batch. An active controller has replayed its own before.
  [[nodiscard]] Result<void> committed(std::span<const metadata::MetadataRecord> records,
                                       Offset base, Offset end);
  void high_watermark(Offset end);
  [[nodiscard]] Result<void> gained(const raft::LeadershipGained& gained);
  void lost();

  // ---- requests
  // ---------------------------------------------------------------------------------- The encoded
  // body of the answer. A request that the controller refuses is answered with its error; an Error
  // here closes the connection (a body that does not decode). Waits a while when nobody is active:
  // as long as the request says (timeout_ms), then it is answered with request_timed_out; at most
  // k_patience, then errors: not_controller.
  [[nodiscard]] env::Task<Result<SharedBytes>> answer(broker::ControllerRequest request);
  [[nodiscard]] bool is_active() const { return controller_.is_active(); }
  [[nodiscard]] const controller::Controller& controller() const { return controller_; }

  // For the answering functions in controller_answers.cc.
  // Waits for this node to be active, for `patience` or as long as requests may wait at all
  // (k_patience). Whether it is.
  [[nodiscard]] env::Task<bool> wait_until_active(Milliseconds patience);
  [[nodiscard]] controller::Controller& machine() { return controller_; }
  [[nodiscard]] controller::Call call(const broker::ControllerRequest& request);
  // Appends and replays. Where the answer may leave: the end that must be committed.
  // Errors: not_controller, and what the log refuses.
  [[nodiscard]] Result<Offset> append(const std::vector<metadata::MetadataRecord>& records,
                                      bool atomic);
  // none: committed. not_controller: the leadership went before.
  [[nodiscard]] env::Task<Errc> wait_until_committed(Offset end);
  // See Parts::shown. REQUIRES: records end at `end`, and they are committed.
  [[nodiscard]] env::Task<void> wait_until_shown(Offset end);

 private:
  struct Held {
    Offset end;
    env::Completion<Errc>* done;
  };
  [[nodiscard]] env::Task<void> run_clock();
  void arm_clock();

  Parts parts_;
  controller::Controller controller_;
  Rng rng_;
  RaftDriver* driver_ = nullptr;
  LeaderEpoch epoch_ = k_no_leader_epoch;
  Offset committed_{0};
  std::deque<Held> held_;  // by end
  std::vector<env::Signal*> waiting_for_active_;
  env::TaskGroup tasks_;
  env::Signal clock_bell_;
  std::optional<env::Timers::TimerId> clock_timer_;
  bool stopping_ = false;
};

}  // namespace moldau::node
