#pragma once
#include <coroutine>
#include <utility>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "env/task.h"
#include "protocol/versions.h"

namespace moldau::rpc {

// The body of what the other side answered, header taken off, and the version it is in.
struct Answer {
  SharedBytes body;
  ApiVersion version;
};

// A call on its way. Awaiting it gives the answer as `Resp`, a response struct of protocol/;
// records in it share the frame. Await it, once, where the Task would be: it is not another
// coroutine. Errors: those of the call; bad_frame.
template <class Resp>
class [[nodiscard]] Answered {
 public:
  explicit Answered(env::Task<Result<Answer>> call) : call_(std::move(call)) {}

  [[nodiscard]] bool await_ready() const noexcept { return call_.await_ready(); }
  void await_suspend(std::coroutine_handle<> awaiter) noexcept { call_.await_suspend(awaiter); }
  [[nodiscard]] Result<Resp> await_resume() {
    Result<Answer> answer = call_.await_resume();
    if (!answer) return fail(std::move(answer).error());
    return Resp::decode(answer->body, answer->version);
  }

 private:
  env::Task<Result<Answer>> call_;
};

}  // namespace moldau::rpc
