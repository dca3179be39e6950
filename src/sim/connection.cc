#include "sim/connection.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "sim/world.h"

namespace moldau::sim {

Connection::Connection(Fabric& fabric, std::uint64_t id, ShardEnv& connector, ShardEnv& acceptor)
    : fabric_(fabric), id_(id) {
  side(End::connector).shard = &connector;
  side(End::connector).host = connector.boot().host().name();
  side(End::acceptor).shard = &acceptor;
  side(End::acceptor).host = acceptor.boot().host().name();
}

Result<std::size_t> Connection::read(End end, std::span<std::byte> into) {
  Side& here = side(end);
  if (here.closed || here.shard == nullptr) return fail(Errc::cancelled);
  if (here.broken) return fail(Errc::connection_closed);
  std::size_t size = std::min(into.size(), here.received.size() - here.read_at);
  if (size == 0) {
    if (here.ended && !into.empty()) return fail(Errc::connection_closed);
    return 0;
  }
  if (fabric_.draw_short_call()) size = 1 + fabric_.draw_below(size);
  std::copy_n(here.received.begin() + static_cast<std::ptrdiff_t>(here.read_at), size,
              into.begin());
  here.read_at += size;
  here.unread -= size;
  if (here.read_at == here.received.size()) {
    here.received.clear();
    here.read_at = 0;
  }
  Side& there = side(other(end));
  if (there.shard != nullptr) there.writable.ring(there.shard->env().scheduler);
  return size;
}

std::size_t Connection::room(End from) const {
  const std::size_t used = side(other(from)).unread;
  return used >= fabric_.timing().window ? 0 : fabric_.timing().window - used;
}

Result<void> Connection::check_writable(End end) const {
  const Side& here = side(end);
  if (here.closed || here.shard == nullptr) return fail(Errc::cancelled);
  if (here.broken || here.write_shut) return fail(Errc::connection_closed);
  return {};
}

Result<std::size_t> Connection::write(End end, std::span<const Bytes> parts) {
  TRY_OK(check_writable(end));
  std::size_t want = 0;
  for (const Bytes part : parts) want += part.size();
  std::size_t size = std::min(want, room(end));
  if (size == 0) return 0;
  if (fabric_.draw_short_call()) size = 1 + fabric_.draw_below(size);
  Chunk chunk;
  chunk.bytes.reserve(size);
  for (const Bytes part : parts) {
    const std::size_t take = std::min(part.size(), size - chunk.bytes.size());
    chunk.bytes.insert(chunk.bytes.end(), part.begin(),
                       part.begin() + static_cast<std::ptrdiff_t>(take));
  }
  send(end, std::move(chunk));
  return size;
}

void Connection::send(End from, Chunk chunk) {
  Side& there = side(other(from));
  if (there.shard == nullptr || there.broken) return;  // into the void
  there.unread += chunk.bytes.size();
  there.arriving.push_back(std::move(chunk));
  schedule_arrival(other(from));
}

void Connection::schedule_arrival(End at) {
  Side& here = side(at);
  here.last_arrival = std::max(here.last_arrival, fabric_.world().now() + fabric_.draw_delay());
  (void)here.shard->push(here.last_arrival, EventKind::network, id_,
                         [self = shared_from_this(), at] { self->arrive(at); });
}

void Connection::arrive(End at) {
  Side& here = side(at);
  if (here.shard == nullptr || here.arriving.empty()) return;
  if (fabric_.blocked(here.host, side(other(at)).host)) {
    ++here.held;
    return;
  }
  Chunk chunk = std::move(here.arriving.front());
  here.arriving.pop_front();
  fabric_.world().hash().fold(Bytes{chunk.bytes});
  if (here.closed) {
    // Nobody reads here any more: a reset goes back.
    here.unread -= chunk.bytes.size();
    if (!chunk.last) break_end_later(other(at), fabric_.draw_delay());
    return;
  }
  here.received.insert(here.received.end(), chunk.bytes.begin(), chunk.bytes.end());
  here.ended = here.ended || chunk.last;
  here.readable.ring(here.shard->env().scheduler);
}

void Connection::resume_arrivals() {
  for (const End at : {End::connector, End::acceptor}) {
    Side& here = side(at);
    for (std::size_t held = std::exchange(here.held, 0); held > 0 && here.shard != nullptr;
         --held) {
      schedule_arrival(at);
    }
  }
}

void Connection::shutdown_write(End end) {
  Side& here = side(end);
  if (here.write_shut || here.broken || here.closed || here.shard == nullptr) return;
  here.write_shut = true;
  send(end, {.bytes = {}, .last = true});
}

void Connection::close(End end) {
  Side& here = side(end);
  if (here.closed || here.shard == nullptr) return;
  shutdown_write(end);
  here.closed = true;
  here.unread -= here.received.size() - here.read_at;
  here.received.clear();
  here.read_at = 0;
  ring(here);
  Side& there = side(other(end));
  if (there.shard != nullptr) there.writable.ring(there.shard->env().scheduler);
}

void Connection::break_end(End end) {
  Side& here = side(end);
  if (here.broken || here.shard == nullptr) return;
  here.broken = true;
  here.arriving.clear();
  here.received.clear();
  here.read_at = 0;
  here.unread = 0;
  ring(here);
}

void Connection::break_end_later(End end, Duration after) {
  Side& here = side(end);
  if (here.shard == nullptr) return;
  (void)here.shard->push(fabric_.world().now() + after, EventKind::network, id_,
                         [self = shared_from_this(), end] { self->break_end(end); });
}

void Connection::break_both() {
  break_end(End::connector);
  break_end(End::acceptor);
}

void Connection::lose_owner(End end, bool silently) {
  Side& here = side(end);
  if (here.shard == nullptr) return;
  if (silently) {
    break_end_later(other(end), fabric_.draw_silence());
  } else {
    shutdown_write(end);
  }
  ring(here);
  here.closed = true;
  here.shard = nullptr;
  here.arriving.clear();
  here.received.clear();
  here.unread = 0;
  Side& there = side(other(end));
  if (there.shard != nullptr) there.writable.ring(there.shard->env().scheduler);
}

void Connection::ring(Side& here) {
  here.readable.ring(here.shard->env().scheduler);
  here.writable.ring(here.shard->env().scheduler);
}

bool Connection::open() const {
  return std::ranges::any_of(
      sides_, [](const Side& s) { return s.shard != nullptr && !s.closed && !s.broken; });
}

bool Connection::touches(const std::string& host) const {
  return std::ranges::any_of(sides_, [&](const Side& s) { return s.host == host; });
}

bool Connection::is_between(const std::string& a, const std::string& b) const {
  return (sides_[0].host == a && sides_[1].host == b) ||
         (sides_[0].host == b && sides_[1].host == a);
}

env::Task<Result<void>> Connection::readable(std::shared_ptr<Connection> self, End end) {
  while (true) {
    Side& here = self->side(end);
    if (here.closed || here.shard == nullptr) co_return fail(Errc::cancelled);
    if (here.broken || here.ended || here.read_at < here.received.size()) {
      co_return Result<void>{};
    }
    co_await here.readable;
  }
}

env::Task<Result<void>> Connection::writable(std::shared_ptr<Connection> self, End end) {
  while (true) {
    Side& here = self->side(end);
    if (here.closed || here.shard == nullptr) co_return fail(Errc::cancelled);
    if (here.broken || here.write_shut || self->room(end) > 0) co_return Result<void>{};
    co_await here.writable;
  }
}

}  // namespace moldau::sim
