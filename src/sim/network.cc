#include "sim/network.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "sim/connection.h"
#include "sim/world.h"

namespace moldau::sim {

namespace {

class SimStream final : public env::Stream {
 public:
  SimStream(std::shared_ptr<Connection> connection, End end)
      : connection_(std::move(connection)), end_(end) {
    const End there = end == End::connector ? End::acceptor : End::connector;
    peer_ = connection_->host(there) + ":" + std::to_string(connection_->id());
  }
  ~SimStream() override { connection_->close(end_); }

  [[nodiscard]] Result<std::size_t> try_read(std::span<std::byte> into) override {
    return connection_->read(end_, into);
  }
  [[nodiscard]] Result<std::size_t> try_write(std::span<const Bytes> parts) override {
    return connection_->write(end_, parts);
  }
  [[nodiscard]] Result<std::size_t> try_send_file(const env::FileRange& range) override {
    TRY_OK(connection_->check_writable(end_));
    TRY(const std::vector<std::byte> bytes, Disk::read_range(range));
    const Bytes part{bytes};
    return connection_->write(end_, {&part, 1});
  }
  [[nodiscard]] env::Task<Result<void>> readable() override {
    return Connection::readable(connection_, end_);
  }
  [[nodiscard]] env::Task<Result<void>> writable() override {
    return Connection::writable(connection_, end_);
  }
  void shutdown_write() override { connection_->shutdown_write(end_); }
  void close() override { connection_->close(end_); }
  [[nodiscard]] const std::string& peer() const override { return peer_; }

 private:
  std::shared_ptr<Connection> connection_;
  End end_;
  std::string peer_;
};

class SimListener final : public env::Listener {
 public:
  explicit SimListener(std::shared_ptr<ListenerCore> core) : core_(std::move(core)) {}
  ~SimListener() override { core_->close(); }
  [[nodiscard]] env::Task<Result<std::unique_ptr<env::Stream>>> accept() override {
    return ListenerCore::accept(core_);
  }
  [[nodiscard]] const env::Endpoint& local() const override { return core_->local(); }
  void close() override { core_->close(); }

 private:
  std::shared_ptr<ListenerCore> core_;
};

bool names_self(const std::string& host) {
  return host.empty() || host == "localhost" || host == "127.0.0.1" || host == "0.0.0.0";
}

}  // namespace

bool ListenerCore::offer(std::shared_ptr<Connection> connection) {
  if (shard_ == nullptr || backlog_.size() >= fabric_.timing().backlog) return false;
  backlog_.push_back(std::move(connection));
  arrived_.ring(shard_->env().scheduler);
  return true;
}

env::Task<Result<std::unique_ptr<env::Stream>>> ListenerCore::accept(
    std::shared_ptr<ListenerCore> self) {
  while (self->shard_ != nullptr) {
    if (!self->backlog_.empty()) {
      std::shared_ptr<Connection> next = std::move(self->backlog_.front());
      self->backlog_.pop_front();
      co_return std::make_unique<SimStream>(std::move(next), End::acceptor);
    }
    co_await self->arrived_;
  }
  co_return fail(Errc::cancelled);
}

void ListenerCore::close() {
  if (shard_ == nullptr) return;
  const std::string host = shard_->boot().host().name();
  const auto place = fabric_.listeners_.find({host, at_.port});
  CHECK(place != fabric_.listeners_.end());
  std::erase_if(place->second, [&](const auto& core) { return core.get() == this; });
  arrived_.ring(shard_->env().scheduler);
  shard_ = nullptr;
  for (const auto& connection : std::exchange(backlog_, {})) {
    connection->break_end_later(End::connector, fabric_.draw_delay());
    connection->close(End::acceptor);
  }
}

Fabric::Fabric(World& world, NetworkTiming timing)
    : world_(world), timing_(timing), rng_(world.rng().fork()) {}
Fabric::~Fabric() = default;

Fabric::Link Fabric::link(const std::string& a, const std::string& b) {
  return a < b ? Link{a, b} : Link{b, a};
}

bool Fabric::blocked(const std::string& a, const std::string& b) const {
  return a != b && !blocked_.empty() && blocked_.contains(link(a, b));
}

void Fabric::partition(const std::string& a, const std::string& b) { blocked_.insert(link(a, b)); }

void Fabric::heal(const std::string& a, const std::string& b) {
  blocked_.erase(link(a, b));
  for (const auto& connection : connections_of(a)) {
    if (connection->is_between(a, b)) connection->resume_arrivals();
  }
}

void Fabric::heal_all() {
  for (const auto& [a, b] : std::set<Link>(blocked_)) heal(a, b);
}

bool Fabric::cut_one(const std::string& host) {
  const auto open = connections_of(host);
  if (open.empty()) return false;
  open[world_.rng().below(open.size())]->break_both();
  return true;
}

std::size_t Fabric::cut_all(const std::string& host) {
  const auto open = connections_of(host);
  for (const auto& connection : open) connection->break_both();
  return open.size();
}

void Fabric::refuse(const std::string& host, bool yes) {
  if (yes) {
    refusing_.insert(host);
  } else {
    refusing_.erase(host);
  }
}

std::size_t Fabric::open_connections(const std::string& host) const {
  return connections_of(host).size();
}

Duration Fabric::draw_delay() {
  const auto range = static_cast<std::uint64_t>((timing_.delay_max - timing_.delay_min).count());
  return timing_.delay_min + Duration{range == 0 ? 0 : rng_.below(range)};
}

Duration Fabric::draw_silence() {
  return Duration{rng_.below(static_cast<std::uint64_t>(timing_.silence_max.count()) + 1)};
}

bool Fabric::draw_short_call() { return rng_.below(8) < timing_.short_calls_of_8; }

std::shared_ptr<ListenerCore> Fabric::listener_at(const Port& port) {
  const auto place = listeners_.find(port);
  if (place == listeners_.end() || place->second.empty()) return nullptr;
  return place->second[rng_.below(place->second.size())];
}

std::uint16_t Fabric::free_port(const std::string& host) {
  while (listeners_.contains({host, next_port_})) ++next_port_;
  return next_port_++;
}

std::vector<std::shared_ptr<Connection>> Fabric::connections_of(const std::string& host) const {
  std::vector<std::shared_ptr<Connection>> found;
  for (const auto& [id, weak] : connections_) {
    auto connection = weak.lock();
    if (connection && connection->open() && connection->touches(host)) {
      found.push_back(std::move(connection));
    }
  }
  return found;
}

std::shared_ptr<Connection> Fabric::open_connection(ShardEnv& connector, ShardEnv& acceptor) {
  std::erase_if(connections_, [](const auto& entry) { return entry.second.expired(); });
  const std::uint64_t id = next_connection_++;
  auto connection = std::make_shared<Connection>(*this, id, connector, acceptor);
  connections_[id] = connection;
  return connection;
}

void Fabric::drop_boot(Boot& boot, bool silently) {
  for (auto& [port, cores] : listeners_) {
    for (const auto& core : std::vector<std::shared_ptr<ListenerCore>>(cores)) {
      if (core->owner() != nullptr && &core->owner()->boot() == &boot) core->close();
    }
  }
  for (const auto& [id, weak] : connections_) {
    const auto connection = weak.lock();
    if (!connection) continue;
    for (const End end : {End::connector, End::acceptor}) {
      ShardEnv* owner = connection->owner(end);
      if (owner != nullptr && &owner->boot() == &boot) connection->lose_owner(end, silently);
    }
  }
}

env::Task<Result<std::unique_ptr<env::Listener>>> ShardNetwork::listen(env::Endpoint at) {
  if (!shard_.alive()) co_return fail(Errc::cancelled);
  const std::string& host = shard_.boot().host().name();
  if (!names_self(at.host) && at.host != host) {
    co_return fail(Errc::bad_configuration, "{} is not an address of this host; listen on {}",
                   at.host, host);
  }
  if (at.port == 0) at.port = fabric_.free_port(host);
  auto& cores = fabric_.listeners_[{host, at.port}];
  for (const auto& core : cores) {
    if (core->owner() == &shard_) {
      co_return fail(Errc::bad_configuration, "port {} of {} is in use; choose another", at.port,
                     host);
    }
  }
  auto core = std::make_shared<ListenerCore>(fabric_, shard_, std::move(at));
  cores.push_back(core);
  co_return std::make_unique<SimListener>(std::move(core));
}

env::Task<Result<std::unique_ptr<env::Stream>>> ShardNetwork::connect(env::Endpoint to) {
  const std::string here = shard_.boot().host().name();
  const std::string there = names_self(to.host) ? here : to.host;
  const Instant give_up = shard_.env().clock.now() + fabric_.timing_.connect_timeout;
  std::shared_ptr<ListenerCore> listener;
  while (true) {
    if (!shard_.alive()) co_return fail(Errc::cancelled);
    co_await shard_.pause(fabric_.draw_delay(), EventKind::network, to.port);
    if (!shard_.alive()) co_return fail(Errc::cancelled);
    const Host* host = fabric_.world_.find_host(there);
    if (host == nullptr) {
      co_return fail(Errc::bad_configuration, "{}: the host has no address", there);
    }
    const bool unanswered = fabric_.blocked(here, there) || host->silent();
    if (!unanswered) break;
    if (shard_.env().clock.now() >= give_up) {
      co_return fail(Errc::connection_refused, "{}:{} does not answer", there, to.port);
    }
    co_await shard_.pause(std::chrono::milliseconds(200), EventKind::network, to.port);
  }
  if (!fabric_.refusing_.contains(there)) listener = fabric_.listener_at({there, to.port});
  std::shared_ptr<Connection> connection;
  if (listener) {
    connection = fabric_.open_connection(shard_, *listener->owner());
    if (!listener->offer(connection)) connection.reset();
  }
  co_await shard_.pause(fabric_.draw_delay(), EventKind::network, to.port);
  if (!shard_.alive()) co_return fail(Errc::cancelled);
  if (!connection) {
    co_return fail(Errc::connection_refused, "{}:{}: Connection refused", there, to.port);
  }
  co_return std::make_unique<SimStream>(std::move(connection), End::connector);
}

}  // namespace moldau::sim
