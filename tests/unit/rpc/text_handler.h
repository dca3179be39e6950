#pragma once
#include <charconv>
#include <string>

#include "unit/rpc/rpc_world.h"

namespace moldau::rpc {

// Answers a request by what its body says: "late:<ms>:<text>" answers <text> after a while, "none"
// gets no answer, "refuse" closes the connection, "many:<n>" is n bytes; any other is echoed.
class TextHandler final : public RequestHandler {
 public:
  [[nodiscard]] env::Task<Result<Response>> handle(RequestContext& context,
                                                   Request& request) override {
    ++running;
    most_running = std::max(most_running, running);
    std::string text{as_text(request.body())};
    if (text.starts_with("late:")) {
      co_await env::sleep_for(context.env, Milliseconds{number(text.substr(5))});
      text = text.substr(text.find(':', 5) + 1);
    }
    --running;
    if (text == "none") co_return Response::none();
    if (text == "refuse") co_return fail(Errc::bad_frame, "the body is odd");
    if (text.starts_with("many:"))
      text = std::string(static_cast<std::size_t>(number(text.substr(5))), 'm');
    Writer body;
    body.text(text);
    ++answered;
    co_return Response::of(std::move(body));
  }
  int running = 0;
  int most_running = 0;
  int answered = 0;

 private:
  static long number(const std::string& text) { return std::stol(text); }
};

// The frame that answers correlation id `id` of an API in a fixed version.
inline std::string answer_frame(std::int32_t id, const std::string& body) {
  Writer out;
  out.i32(id);
  out.text(body);
  return framed(std::string{as_text(out.view())});
}

// Metadata in a version with fixed headers.
inline std::string ask(std::int32_t id, const std::string& body) {
  return framed(request(3, 1, id, body));
}

}  // namespace moldau::rpc
