#pragma once
#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "coordinator/step.h"

namespace moldau::coordinator::test {

// Asks a machine, keeps its answers, and lets time go by for it. Who derives from it has the log.
template <class Machine, class Ask, class Step>
class Driver {
 public:
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  virtual Machine& machine() = 0;
  [[nodiscard]] Now now() const { return {now_, timestamp_of(1'000'000) + wall_}; }
  [[nodiscard]] Timestamp wall() const { return now().wall; }

  // Time goes by; timers fire when theirs has come.
  void pass(Milliseconds time) {
    const Instant end = now_ + time;
    while (true) {
      const auto next = machine().next_deadline();
      if (!next || *next > end) break;
      advance_to(std::max(*next, now_));
      Step step;
      machine().tick(now(), step);
      execute(std::move(step));
    }
    advance_to(end);
  }

  // What `call` asks.
  template <class Call>
  AskId ask(ApiVersion version, Call&& call) {
    const Ask asked = ask_of(next_ask_, version);
    next_ask_ = next_ask_.next();
    Step step;
    call(asked, step);
    execute(std::move(step));
    return asked.id;
  }
  // The answer when there is one.
  template <class Response>
  std::optional<Response> answer(AskId id) {
    for (auto at = answers_.begin(); at != answers_.end(); ++at) {
      if (at->first != id) continue;
      Response response = std::get<Response>(std::move(at->second));
      answers_.erase(at);
      return response;
    }
    return std::nullopt;
  }
  auto take_answers() { return std::exchange(answers_, {}); }

 protected:
  explicit Driver(Instant begins) : now_(begins) {}
  ~Driver() = default;
  void keep_answers(Step& step) {
    for (auto& answer : step.answers) answers_.push_back(std::move(answer));
  }

 private:
  [[nodiscard]] virtual Ask ask_of(AskId id, ApiVersion version) = 0;
  virtual void execute(Step step) = 0;
  void advance_to(Instant to) {
    wall_ += std::chrono::duration_cast<Milliseconds>(to - now_);
    now_ = to;
  }
  Instant now_;
  Milliseconds wall_{0};
  AskId next_ask_{1};
  decltype(Step::answers) answers_;
};

}  // namespace moldau::coordinator::test
