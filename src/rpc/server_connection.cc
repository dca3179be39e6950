#include "rpc/server_connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "env/task_group.h"
#include "protocol/api_table.h"
#include "rpc/frame_reader.h"
#include "rpc/frame_writer.h"

namespace moldau::rpc {

struct ServerConnection::State {
  State(ServerParts& its_parts, const ConnectionSettings& its_settings, RequestHandler& its_handler,
        std::unique_ptr<env::Stream> its_stream)
      : parts(its_parts),
        settings(its_settings),
        handler(its_handler),
        stream(std::move(its_stream)),
        reader(parts.env, *stream, parts.memory,
               {.frame_bytes_max = settings.frame_bytes_max, .stall_max = settings.stall_max}),
        writer(parts.env, *stream),
        tasks(parts.env.scheduler) {
    facts.peer = stream->peer();
    facts.listener = settings.listener;
  }

  ServerParts& parts;
  const ConnectionSettings& settings;
  RequestHandler& handler;
  std::unique_ptr<env::Stream> stream;
  FrameReader reader;
  FrameWriter writer;
  env::TaskGroup tasks;  // answers, and the writer
  ConnectionFacts facts;
  std::size_t request_bytes = 0;  // of requests that are being handled
  bool draining = false;
  std::optional<env::Timers::TimerId> idle_timer;

  // Room for one more request: in their number, their bytes, and the bytes of answers.
  [[nodiscard]] bool has_room() const {
    return writer.unsent() < static_cast<std::size_t>(k_inflight_per_connection_max.value) &&
           request_bytes < static_cast<std::size_t>(k_frame_bytes_per_connection_max.value) &&
           writer.unsent_bytes() <
               static_cast<std::size_t>(k_response_bytes_per_connection_max.value);
  }
  // Nothing more is answered: requests that the reader has already are left, for their slots would
  // never get free.
  [[nodiscard]] bool is_over() const { return draining || writer.ended(); }
  [[nodiscard]] env::Task<void> read_requests();
  [[nodiscard]] env::Task<void> answer(FrameWriter::Slot slot, Request request);
  [[nodiscard]] env::Task<void> write_answers();
  void broken(const Error& error);
  void arm_idle_timer(Instant when);
  void look_for_idle();
};

env::Task<void> ServerConnection::State::read_requests() {
  while (true) {
    while (!is_over() && !has_room()) co_await writer.progress();
    if (is_over()) co_return;
    Result<SharedBytes> frame = co_await reader.next();
    if (!frame) co_return broken(frame.error());
    if (is_over()) co_return;
    const Result<RequestHeader> header = parse_request_header(frame->view());
    if (!header) co_return broken(header.error());
    request_bytes += frame->size();
    const FrameWriter::Slot slot = writer.reserve();
    tasks.spawn(answer(slot, Request{*header, *std::move(frame), parts.env.clock.now()}));
  }
}

env::Task<void> ServerConnection::State::answer(FrameWriter::Slot slot, Request request) {
  RequestContext context{parts.env, facts, request.header, request.received};
  Result<Response> response = co_await handler.handle(context, request);
  request_bytes -= request.frame.size();
  writer.progress().ring();
  if (!response) {
    const protocol::ApiFacts& api = protocol::facts(request.header.api);
    parts.log.warn_limited(parts.hostile_lines, parts.env.clock.now(),
                           "{} on {}: {} v{}: {}; the connection is closed", facts.peer,
                           facts.listener, api.name, request.header.version,
                           response.error().describe());
    writer.skip(slot);
    stream->close();
  } else if (response->is_none()) {
    writer.skip(slot);
  } else {
    writer.fill(slot,
                response_front(request.header.api, request.header.version,
                               request.header.correlation, response->size()),
                response->take_pieces());
  }
}

env::Task<void> ServerConnection::State::write_answers() {
  const Result<void> outcome = co_await writer.run();
  if (!outcome && outcome.error().code() == Errc::io_failure) {
    parts.log.error("{} on {}: an answer could not be read from the log: {}", facts.peer,
                    facts.listener, outcome.error().describe());
  }
  stream->close();
}

// One line for what the other side did wrong; none for its ordinary end.
void ServerConnection::State::broken(const Error& error) {
  const bool ordinary = error.code() == Errc::cancelled || error.text().empty();
  if (!ordinary && error.code() != Errc::connection_closed) {
    parts.counters.named("connections_refused").add();
    parts.log.warn_limited(parts.hostile_lines, parts.env.clock.now(),
                           "{} on {} {} The connection is closed.", facts.peer, facts.listener,
                           error.text());
  }
  // A peer that only shut its half down may still read what it asked for.
  if (error.code() != Errc::connection_closed) stream->close();
}

void ServerConnection::State::arm_idle_timer(Instant when) {
  if (settings.idle_max < Milliseconds{0}) return;
  idle_timer = parts.env.timers.arm(when, [this] { look_for_idle(); });
}

void ServerConnection::State::look_for_idle() {
  idle_timer.reset();
  const Instant now = parts.env.clock.now();
  const bool working = writer.unsent() > 0 && !writer.blocked();
  const Instant last = working ? now : std::max(reader.last_read(), writer.last_write());
  if (now - last < settings.idle_max) return arm_idle_timer(last + settings.idle_max);
  parts.counters.named("connections_idle").add();
  parts.log.debug("{} on {} was idle for {} ms; the connection is closed", facts.peer,
                  facts.listener, settings.idle_max.count());
  stream->close();
}

ServerConnection::ServerConnection(ServerParts& parts, const ConnectionSettings& settings,
                                   RequestHandler& handler, std::unique_ptr<env::Stream> stream)
    : state_(std::make_unique<State>(parts, settings, handler, std::move(stream))) {}

ServerConnection::~ServerConnection() = default;

env::Task<void> ServerConnection::serve() {
  State& state = *state_;
  state.arm_idle_timer(state.parts.env.clock.now() + state.settings.idle_max);
  state.tasks.spawn(state.write_answers());
  co_await state.read_requests();
  state.writer.finish();
  co_await state.tasks.join();
  if (state.idle_timer) state.parts.env.timers.cancel(*state.idle_timer);
  state.stream->close();
}

void ServerConnection::close() { state_->stream->close(); }

void ServerConnection::drain() {
  state_->draining = true;
  if (state_->writer.unsent() == 0) return close();
  state_->writer.finish();
}

}  // namespace moldau::rpc
