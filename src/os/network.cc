#include "os/network.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "os/congestion.h"
#include "os/socket.h"
#include "os/system_error.h"

namespace moldau::os {

env::Task<Result<std::vector<Address>>> PosixNetwork::addresses_of(env::Endpoint at, bool passive) {
  std::vector<Address> addresses = numeric_addresses(at, passive);
  if (addresses.empty()) {
    CO_TRY(addresses, co_await on_pool(*shard_, *readers_, [&at] { return resolve(at); }));
  }
  co_return std::move(addresses);
}

env::Task<Result<std::unique_ptr<env::Listener>>> PosixNetwork::listen(env::Endpoint at) {
  const Result<std::vector<Address>> addresses = co_await addresses_of(at, true);
  if (!addresses) {
    co_return fail(Errc::bad_configuration, "listeners: {}", addresses.error().text());
  }
  co_return acceptors_->listen(*shard_, at, *addresses);
}

env::Task<Result<std::unique_ptr<env::Stream>>> PosixNetwork::connect(env::Endpoint to) {
  CO_TRY(const std::vector<Address> addresses, co_await addresses_of(to, false));
  Result<std::unique_ptr<env::Stream>> stream = fail(Errc::connection_refused);
  for (const Address& address : addresses) {
    stream = co_await connect_one(address);
    if (stream) break;
  }
  co_return stream;
}

env::Task<Result<std::unique_ptr<env::Stream>>> PosixNetwork::connect_one(Address address) {
  Descriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.open()) {
    co_return fail(Errc::limit_reached, "{}: no socket: {}", address.text(), system_text(errno));
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  choose_congestion_control(fd.get(), address);
  if (::connect(fd.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    co_return fail(Errc::connection_refused, "{}: {}", address.text(), system_text(errno));
  }
  auto stream = std::make_unique<PosixStream>(*shard_, std::move(fd), address.text(), true);
  const env::Timers::TimerId timer =
      shard_->timers().arm(shard_->now() + k_connect_time_max, [&stream] { stream->close(); });
  const Result<void> connected = co_await stream->writable();
  if (!connected) {
    co_return fail(Errc::timed_out, "{}: no answer within {} ms", address.text(),
                   k_connect_time_max.count());
  }
  shard_->timers().cancel(timer);
  const int failed = stream->take_connect_error();
  if (failed != 0) {
    co_return fail(Errc::connection_refused, "{}: {}", address.text(), system_text(failed));
  }
  co_return std::move(stream);
}

}  // namespace moldau::os
