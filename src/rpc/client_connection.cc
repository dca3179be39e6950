#include "rpc/client_connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "bytes/endian.h"
#include "env/completion.h"
#include "env/task_group.h"
#include "protocol/api/api_versions.h"
#include "protocol/api_table.h"
#include "rpc/frame_reader.h"
#include "rpc/frame_writer.h"

namespace moldau::rpc {
namespace {

constexpr Milliseconds k_never{-1};

FrameFront size_prefix(std::size_t frame_size) {
  FrameFront front;
  store_big(front.bytes.data(), static_cast<std::int32_t>(frame_size));
  front.size = sizeof(std::int32_t);
  return front;
}

}  // namespace

struct ClientConnection::State {
  State(env::Env& its_env, FrameMemory& memory, ClientSettings its_settings,
        std::unique_ptr<env::Stream> its_stream)
      : env(its_env),
        settings(std::move(its_settings)),
        stream(std::move(its_stream)),
        reader(env, *stream, memory,
               {.frame_bytes_max = settings.frame_bytes_max, .stall_max = k_never}),
        writer(env, *stream),
        tasks(env.scheduler) {}

  // A request without answer. `answer` is gone when its caller gave up.
  struct Pending {
    CorrelationId correlation;
    protocol::ApiKey api;
    ApiVersion version;
    env::Completion<Result<SharedBytes>>* answer;
  };
  struct Advertised {
    protocol::ApiKey api;
    AdvertisedRange range;
  };

  env::Env& env;
  ClientSettings settings;
  std::unique_ptr<env::Stream> stream;
  FrameReader reader;
  FrameWriter writer;
  env::TaskGroup tasks;
  std::deque<Pending> pending;  // in the order they were sent, which is that of the answers
  CorrelationId next_correlation{0};
  std::vector<Advertised> advertised;
  struct FinalizedFeature {
    std::string name;
    std::int16_t level;
  };
  std::vector<FinalizedFeature> finalized;
  std::optional<Error> broken;
  // Requests of send() that have not left; the peer must take something of them in time.
  std::size_t leaving = 0;
  Instant leaving_since{};
  std::optional<env::Timers::TimerId> stall_timer;

  [[nodiscard]] CorrelationId write(protocol::ApiKey api, ApiVersion version, Response body,
                                    FrameWriter::Left* left = nullptr);
  [[nodiscard]] env::Task<Result<void>> write_out(protocol::ApiKey api, ApiVersion version,
                                                  Response body);
  void look_for_stall();
  [[nodiscard]] env::Task<void> read_answers();
  [[nodiscard]] env::Task<void> write_requests();
  [[nodiscard]] Result<void> take_answer(const SharedBytes& frame);
  void give_up(CorrelationId correlation);
  void end(Error why);
};

CorrelationId ClientConnection::State::write(protocol::ApiKey api, ApiVersion version,
                                             Response body, FrameWriter::Left* left) {
  const CorrelationId correlation = next_correlation;
  // Kafka's clients keep theirs from 0 to 2^31 - 1.
  next_correlation = CorrelationId{(correlation.value() + 1) & 0x7fffffff};
  Writer header;
  write_request_header(header, api, version, correlation, settings.client_id);
  const std::size_t size = header.size() + body.size();
  std::vector<Piece> pieces = body.take_pieces();
  pieces.insert(pieces.begin(), SharedBytes::take(header.take()));
  writer.fill(writer.reserve(), size_prefix(size), std::move(pieces), left);
  return correlation;
}

env::Task<Result<void>> ClientConnection::State::write_out(protocol::ApiKey api, ApiVersion version,
                                                           Response body) {
  FrameWriter::Left left(env.scheduler);
  (void)write(api, version, std::move(body), &left);
  if (++leaving == 1) {
    leaving_since = env.clock.now();
    look_for_stall();
  }
  Result<void> outcome = co_await left;
  if (--leaving == 0 && stall_timer) env.timers.cancel(*std::exchange(stall_timer, std::nullopt));
  // The writer only knows that the stream was closed under it.
  if (!outcome && broken) co_return fail(*broken);
  co_return outcome;
}

// What is half written cannot be taken back, so a peer that takes nothing loses the connection.
void ClientConnection::State::look_for_stall() {
  stall_timer.reset();
  const Instant until = std::max(leaving_since, writer.last_write()) + settings.request_timeout;
  if (env.clock.now() >= until) {
    return end(Error(Errc::timed_out, fmt::format("{} takes no bytes", stream->peer())));
  }
  stall_timer = env.timers.arm(until, [this] { look_for_stall(); });
}

env::Task<void> ClientConnection::State::read_answers() {
  while (true) {
    const Result<SharedBytes> frame = co_await reader.next();
    if (!frame) co_return end(frame.error());
    if (const Result<void> taken = take_answer(*frame); !taken) co_return end(taken.error());
  }
}

env::Task<void> ClientConnection::State::write_requests() {
  const Result<void> outcome = co_await writer.run();
  if (!outcome) end(outcome.error());
}

Result<void> ClientConnection::State::take_answer(const SharedBytes& frame) {
  TRY(const CorrelationId correlation, parse_correlation(frame.view()));
  const auto found = std::ranges::find(pending, correlation, &Pending::correlation);
  if (found == pending.end()) {
    return fail(Errc::bad_frame, "answers a request that was never sent: correlation id {}.",
                correlation);
  }
  const Pending request = *found;
  pending.erase(found);
  TRY(const ResponseHeader header,
      parse_response_header(frame.view(), request.api, request.version));
  if (request.answer != nullptr) {
    request.answer->complete(frame.slice(header.body_at, frame.size() - header.body_at));
  }
  return {};
}

// The entry stays until its answer comes: an answer nobody waits for is no breach.
void ClientConnection::State::give_up(CorrelationId correlation) {
  const auto found = std::ranges::find(pending, correlation, &Pending::correlation);
  if (found == pending.end()) return;
  const Pending request = std::exchange(*found, {correlation, found->api, found->version, nullptr});
  if (request.answer == nullptr) return;
  request.answer->complete(fail(Errc::timed_out, "{}: no answer to {}", stream->peer(),
                                protocol::facts(request.api).name));
}

void ClientConnection::State::end(Error why) {
  if (broken) return;
  broken = why;
  stream->close();
  writer.finish();
  for (const Pending& request : std::exchange(pending, {})) {
    if (request.answer != nullptr) request.answer->complete(fail(why));
  }
}

ClientConnection::ClientConnection(std::shared_ptr<State> state) : state_(std::move(state)) {}

ClientConnection::~ClientConnection() = default;

namespace {

protocol::ApiVersionsRequest hello(const ClientSettings& settings) {
  protocol::ApiVersionsRequest request;
  request.client_software_name = settings.software_name;
  request.client_software_version = settings.software_version;
  return request;
}

// The version to ask ApiVersions in after an UNSUPPORTED_VERSION, which always comes in version 0
// and names the range of this one API. Before 2.4 it named nothing (KIP-511).
ApiVersion offered(const protocol::ApiVersionsResponse& refusal) {
  for (const auto& range : refusal.api_keys) {
    if (range.api_key == protocol::ApiKey::api_versions) return range.max_version;
  }
  return ApiVersion{0};
}

env::Task<Result<protocol::ApiVersionsResponse>> ask_versions(ClientConnection& connection,
                                                              ClientSettings settings) {
  // 4 lists every feature; 5 is for those who know the cluster they expect.
  ApiVersion version{4};
  for (int attempt = 0; attempt < 2; ++attempt) {
    CO_TRY(const Answer answer,
           co_await connection.call(AnyRequest(hello(settings)), version, std::nullopt));
    constexpr std::size_t k_error_size = 2;
    const bool refused =
        answer.body.size() >= k_error_size &&
        load_big<std::int16_t>(answer.body.data()) == wire_code(Errc::unsupported_version);
    CO_TRY(protocol::ApiVersionsResponse response,
           protocol::ApiVersionsResponse::decode(answer.body, refused ? ApiVersion{0} : version));
    if (!refused) co_return std::move(response);
    version = std::min(offered(response), ApiVersion{4});
  }
  co_return fail(Errc::unsupported_version, "{}: refuses every version of ApiVersions",
                 connection.peer());
}

}  // namespace

env::Task<Result<std::unique_ptr<ClientConnection>>> ClientConnection::connect(
    env::Env& env, FrameMemory& memory, env::Endpoint to, ClientSettings settings) {
  CO_TRY(std::unique_ptr<env::Stream> stream, co_await env.network.connect(to));
  const auto state = std::make_shared<State>(env, memory, settings, std::move(stream));
  std::unique_ptr<ClientConnection> connection(new ClientConnection(state));
  state->tasks.spawn(state->read_answers());
  state->tasks.spawn(state->write_requests());
  if (!settings.negotiate) co_return std::move(connection);
  const Result<protocol::ApiVersionsResponse> answer =
      co_await ask_versions(*connection, std::move(settings));
  if (!answer || answer->error_code != Errc::none) {
    connection->close();
    co_await connection->join();
    if (!answer) co_return fail(answer.error());
    co_return fail(answer->error_code, "{}: refuses ApiVersions", connection->peer());
  }
  for (const auto& range : answer->api_keys) {
    state->advertised.push_back({range.api_key, {range.min_version, range.max_version}});
  }
  std::ranges::sort(state->advertised, {}, &State::Advertised::api);
  for (const auto& feature : answer->finalized_features) {
    state->finalized.push_back({feature.name, feature.max_version_level});
  }
  co_return std::move(connection);
}

std::optional<ClientConnection::AdvertisedRange> ClientConnection::advertised(
    protocol::ApiKey api) const {
  const auto found = std::ranges::lower_bound(state_->advertised, api, {}, &State::Advertised::api);
  if (found == state_->advertised.end() || found->api != api) return std::nullopt;
  return found->range;
}

std::int16_t ClientConnection::finalized_level(std::string_view feature) const {
  const auto found = std::ranges::find(state_->finalized, feature, &State::FinalizedFeature::name);
  return found == state_->finalized.end() ? std::int16_t{0} : found->level;
}

Result<ApiVersion> ClientConnection::version_of(protocol::ApiKey api) const {
  const protocol::ApiFacts& ours = protocol::facts(api);
  const std::optional<AdvertisedRange> theirs = advertised(api);
  if (!theirs) return fail(Errc::unsupported_version, "{} does not have {}", peer(), ours.name);
  const ApiVersion best = std::min(ours.versions.last, theirs->greatest);
  if (best < ours.versions.first || best < theirs->least) {
    return fail(Errc::unsupported_version, "{} has {} {} to {}, this side {} to {}", peer(),
                ours.name, theirs->least, theirs->greatest, ours.versions.first,
                ours.versions.last);
  }
  return best;
}

env::Task<Result<void>> ClientConnection::send(AnyRequest request, ApiVersion version) {
  const std::shared_ptr<State> state = state_;
  if (state->broken) co_return fail(*state->broken);
  CO_TRY(Response body, request.body(version));
  co_return co_await state->write_out(request.api(), version, std::move(body));
}

env::Task<Result<Answer>> ClientConnection::call(AnyRequest request) {
  CO_TRY(const ApiVersion version, version_of(request.api()));
  co_return co_await call(std::move(request), version, std::nullopt);
}

env::Task<Result<Answer>> ClientConnection::call(AnyRequest request, ApiVersion version,
                                                 std::optional<Milliseconds> timeout) {
  CO_TRY(Response body, request.body(version));
  co_return co_await call(request.api(), version, std::move(body), timeout);
}

env::Task<Result<Answer>> ClientConnection::call(protocol::ApiKey api, ApiVersion version,
                                                 Response body,
                                                 std::optional<Milliseconds> timeout) {
  const std::shared_ptr<State> state = state_;
  if (state->broken) co_return fail(*state->broken);
  if (state->pending.size() >= static_cast<std::size_t>(k_client_inflight_max.value)) {
    co_return fail(Errc::limit_reached, "{}: {} requests without answer", state->stream->peer(),
                   state->pending.size());
  }
  env::Completion<Result<SharedBytes>> answer(state->env.scheduler);
  const CorrelationId correlation = state->write(api, version, std::move(body));
  state->pending.push_back({correlation, api, version, &answer});
  const Milliseconds time = timeout.value_or(state->settings.request_timeout);
  const env::Timers::TimerId timer = state->env.timers.arm(
      state->env.clock.now() + time,
      [&state_of_call = *state, correlation] { state_of_call.give_up(correlation); });
  Result<SharedBytes> outcome = co_await answer;
  state->env.timers.cancel(timer);
  if (!outcome) co_return fail(std::move(outcome).error());
  co_return Answer{*std::move(outcome), version};
}

bool ClientConnection::ended() const { return state_->tasks.running() == 0; }
bool ClientConnection::usable() const { return !state_->broken; }
std::size_t ClientConnection::inflight() const { return state_->pending.size(); }
const std::string& ClientConnection::peer() const { return state_->stream->peer(); }

void ClientConnection::close() { state_->end(Error(Errc::cancelled)); }

env::Task<void> ClientConnection::join() { return state_->tasks.join(); }

}  // namespace moldau::rpc
