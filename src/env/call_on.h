#pragma once
#include <memory>
#include <utility>

#include "env/completion.h"
#include "env/env.h"
#include "env/task_group.h"

namespace moldau::env {

// Where questions from other shards run: the env of a shard and the group that owns their tasks.
// Made before the shards start, and outlives them all.
struct ShardPort {
  Env& env;
  TaskGroup& tasks;
};

namespace detail {

template <class T, class Question>
Task<void> answer_call(Question question, std::shared_ptr<Completion<T>> answer, ShardPort& there,
                       ShardId asker) {
  T value = co_await question();
  there.env.mailbox.reply(asker, [answer = std::move(answer), value = std::move(value)]() mutable {
    answer->complete(std::move(value));
  });
}

}  // namespace detail

// Asks another shard and waits for its answer: `question()` runs there and returns Task<T>. On the
// own shard it is a plain call. T must be movable between threads.
// The question owns what it needs (SharedBytes, values, pointers to the other shard's objects); it
// is not a lambda coroutine: it calls a named coroutine and returns its task.
template <class T, class Question>
[[nodiscard]] Task<T> call_on(Env& here, ShardPort& there, Question question) {
  const ShardId to = there.env.mailbox.self();
  if (to == here.mailbox.self()) co_return co_await question();
  auto answer = std::make_shared<Completion<T>>(here.scheduler);
  co_await here.mailbox.send(to, [&there, answer, asker = here.mailbox.self(),
                                  question = std::move(question)]() mutable {
    there.tasks.spawn(detail::answer_call<T>(std::move(question), std::move(answer), there, asker));
  });
  co_return co_await *answer;
}

}  // namespace moldau::env
