#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "env/network.h"
#include "sim/event_queue.h"

namespace moldau::sim {

class Boot;
class Connection;
class Host;
class ListenerCore;
class ShardEnv;
class World;

struct NetworkTiming {
  Duration delay_min = std::chrono::microseconds(20);
  Duration delay_max = std::chrono::microseconds(800);
  // Bytes on the way and unread together, for each direction of a connection.
  std::size_t window = 64 << 10;
  // Of 8 writes and reads, how many take less than they could.
  std::uint32_t short_calls_of_8 = 1;
  // connect() to a host that does not answer gives up after this.
  Duration connect_timeout = std::chrono::seconds(3);
  // How long the peers of a host whose power went may take to notice.
  Duration silence_max = std::chrono::seconds(2);
  std::size_t backlog = 128;
};

// The network between all hosts of a World. Bytes of one connection arrive in order and once, after
// a delay drawn for each write; connections overtake each other. A host is reached by its name;
// "localhost", "127.0.0.1" and "" are the caller's own.
// Context: the world's thread.
class Fabric {
 public:
  Fabric(World& world, NetworkTiming timing);
  ~Fabric();
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  // Between these two hosts nothing arrives until heal(); what is on the way waits.
  void partition(const std::string& a, const std::string& b);
  void heal(const std::string& a, const std::string& b);
  void heal_all();
  // Breaks one open connection of the host, drawn by the world's rng; bytes on the way are lost,
  // both sides see connection_closed. False when it has none.
  bool cut_one(const std::string& host);
  // All of them; returns how many.
  std::size_t cut_all(const std::string& host);
  // connect() to this host is refused until it is allowed again.
  void refuse(const std::string& host, bool yes);
  [[nodiscard]] std::size_t open_connections(const std::string& host) const;

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] const NetworkTiming& timing() const { return timing_; }

 private:
  friend class Connection;
  friend class ShardNetwork;
  friend class ListenerCore;
  friend class World;
  friend class Host;

  using Link = std::pair<std::string, std::string>;
  using Port = std::pair<std::string, std::uint16_t>;
  [[nodiscard]] static Link link(const std::string& a, const std::string& b);
  [[nodiscard]] bool blocked(const std::string& a, const std::string& b) const;
  [[nodiscard]] Duration draw_delay();
  [[nodiscard]] std::shared_ptr<ListenerCore> listener_at(const Port& port);
  [[nodiscard]] std::uint16_t free_port(const std::string& host);
  [[nodiscard]] Duration draw_silence();
  [[nodiscard]] bool draw_short_call();
  [[nodiscard]] std::uint64_t draw_below(std::uint64_t end) { return rng_.below(end); }
  [[nodiscard]] std::shared_ptr<Connection> open_connection(ShardEnv& connector,
                                                            ShardEnv& acceptor);
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> connections_of(
      const std::string& host) const;
  // The boot has ended: its streams and listeners answer cancelled; peers notice at once (a dead
  // process) or later (a dead machine).
  void drop_boot(Boot& boot, bool silently);

  World& world_;
  NetworkTiming timing_;
  Rng rng_;
  std::set<Link> blocked_;
  std::set<std::string> refusing_;
  std::map<Port, std::vector<std::shared_ptr<ListenerCore>>> listeners_;
  std::map<std::uint64_t, std::weak_ptr<Connection>> connections_;
  std::uint64_t next_connection_ = 1;
  std::uint16_t next_port_ = 32768;
};

// env::Network of one shard of one boot.
class ShardNetwork final : public env::Network {
 public:
  ShardNetwork(Fabric& fabric, ShardEnv& shard) : fabric_(fabric), shard_(shard) {}
  [[nodiscard]] env::Task<Result<std::unique_ptr<env::Listener>>> listen(env::Endpoint at) override;
  [[nodiscard]] env::Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint to) override;

 private:
  Fabric& fabric_;
  ShardEnv& shard_;
};

}  // namespace moldau::sim
