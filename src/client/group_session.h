#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/coordinator_link.h"
#include "client/member.h"
#include "env/completion.h"
#include "env/task_group.h"

namespace moldau::client {

using TopicFilter = std::function<bool(std::string_view)>;

// Runs a member: carries its questions to the coordinator and the answers back, tells it of the
// topics that it waits for or watches, and looks again as they get old.
// Context: one shard; the link outlives it. Await close() before it goes.
class GroupSession {
 public:
  // `news`: called when the member may have a duty or a failure that it had not before, or is out.
  GroupSession(CoordinatorLink& link, std::unique_ptr<Member> member, std::function<void()> news);
  GroupSession(const GroupSession&) = delete;
  GroupSession& operator=(const GroupSession&) = delete;

  [[nodiscard]] Member& member() { return *member_; }
  // What ended the membership, or stands in the way of the subscription; told once.
  [[nodiscard]] std::optional<Error> take_failure();
  // The member was told something: look what it wants now.
  void poke();
  // Subscribes to the topics whose names pass, now and whenever topics come or go.
  void match(TopicFilter filter);
  // Takes this very subscription; ends match().
  void subscribe(Subscription subscription);
  // Begins to leave; does not wait for an answer that may take a whole rebalance.
  [[nodiscard]] env::Task<void> leave();
  [[nodiscard]] env::Task<void> close();

 private:
  [[nodiscard]] env::Task<void> run();
  [[nodiscard]] env::Task<void> ask(GroupQuestion question);
  [[nodiscard]] env::Task<void> look();
  [[nodiscard]] env::Task<bool> look_at_all();
  [[nodiscard]] env::Task<bool> look_at(std::vector<std::string> names);
  void arm_timer();
  [[nodiscard]] Instant now() const { return env_->clock.now(); }

  CoordinatorLink* link_;
  env::Env* env_;
  std::unique_ptr<Member> member_;
  std::function<void()> news_;
  TopicFilter filter_;
  std::optional<Error> failure_;
  env::Signal work_;
  env::TaskGroup tasks_;
  std::optional<env::Timers::TimerId> timer_;
  bool join_is_asked_ = false;
  bool looking_ = false;
  bool was_out_ = true;
  bool closed_ = false;
  Instant look_at_{};
  Milliseconds look_again_{};
};

}  // namespace moldau::client
