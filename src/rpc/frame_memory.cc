#include "rpc/frame_memory.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <new>
#include <utility>

#include "base/check.h"

namespace moldau::rpc {
namespace {

// What the shelves keep at most. A handful of producers with requests of 1 MB under way.
constexpr std::size_t k_warm_bytes_max = std::size_t{12} << 20U;
constexpr Milliseconds k_look_interval{1000};
constexpr Milliseconds k_room_interval{5};

// The shelf whose buffers have at least `capacity` bytes; beyond the last one there is none.
std::size_t shelf_of(std::size_t capacity) {
  const std::size_t chunks =
      (capacity + FrameMemory::k_chunk_capacity - 1) / FrameMemory::k_chunk_capacity;
  return chunks <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(chunks - 1));
}
std::size_t capacity_of(std::size_t shelf) { return FrameMemory::k_chunk_capacity << shelf; }

}  // namespace

// Buffers come back from any shard, without a lock: each is pushed on a list whose links lie in the
// buffers themselves, and the owner takes the whole list at once.
struct FrameBuffer::Home {
  struct Returned {
    Returned* next;
    std::size_t capacity;
  };
  std::atomic<std::size_t> charged = 0;
  std::atomic<std::size_t> out = 0;  // buffers that somebody holds
  std::atomic<FrameBuffer*> overdrawing = nullptr;
  std::atomic<Returned*> returned = nullptr;

  Home() = default;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home() {
    for (Returned* node = returned.exchange(nullptr); node != nullptr;) {
      const std::unique_ptr<std::byte[]> bytes(reinterpret_cast<std::byte*>(node));
      node = node->next;
    }
  }
  void give_back(std::unique_ptr<std::byte[]> bytes, std::size_t capacity) {
    auto* node = new (bytes.release()) Returned{returned.load(), capacity};
    while (!returned.compare_exchange_weak(node->next, node)) {
    }
  }
};

FrameBuffer::FrameBuffer(std::shared_ptr<Home> home, std::unique_ptr<std::byte[]> bytes,
                         std::size_t capacity)
    : home_(std::move(home)), bytes_(std::move(bytes)), capacity_(capacity) {
  ++home_->out;
}

FrameBuffer::~FrameBuffer() {
  home_->charged -= charged_;
  --home_->out;
  FrameBuffer* self = this;
  home_->overdrawing.compare_exchange_strong(self, nullptr);
  // Too large for a shelf: the system gets it back at once.
  if (shelf_of(capacity_) < FrameMemory::k_shelves) {
    home_->give_back(std::move(bytes_), capacity_);
  }
}

FrameMemory::FrameMemory(env::Env& env, telemetry::Counters& counters, Limit budget)
    : env_(&env),
      limit_reached_(&counters.named("frame_bytes_per_shard_max")),
      budget_(budget),
      home_(std::make_shared<FrameBuffer::Home>()) {
  static_assert((k_chunk_capacity << (k_shelves - 1)) ==
                    static_cast<std::size_t>(k_frame_bytes_at_once_max.value),
                "a frame that is taken at once must find a shelf");
}

FrameMemory::~FrameMemory() {
  CHECK_OP(waiting_, ==, 0U);
  if (look_timer_) env_->timers.cancel(*look_timer_);
}

std::shared_ptr<FrameBuffer> FrameMemory::take(std::size_t capacity) {
  collect();
  const std::size_t index = shelf_of(capacity);
  std::unique_ptr<std::byte[]> bytes;
  if (index < k_shelves) {
    capacity = capacity_of(index);
    Shelf& shelf = shelves_[index];
    if (!shelf.buffers.empty()) {
      bytes = std::move(shelf.buffers.back());
      shelf.buffers.pop_back();
      kept_warm_ -= capacity;
      shelf.unused = std::min(shelf.unused, shelf.buffers.size());
    }
  }
  if (!bytes) bytes = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (!look_timer_) {
    look_timer_ = env_->timers.arm(env_->clock.now() + k_look_interval, [this] { look_after(); });
  }
  return std::shared_ptr<FrameBuffer>(new FrameBuffer(home_, std::move(bytes), capacity));
}

void FrameMemory::collect() {
  for (auto* node = home_->returned.exchange(nullptr); node != nullptr;) {
    const std::size_t capacity = node->capacity;
    auto* next = node->next;
    std::unique_ptr<std::byte[]> bytes(reinterpret_cast<std::byte*>(node));
    if (kept_warm_ + capacity <= k_warm_bytes_max) {
      shelves_[shelf_of(capacity)].buffers.push_back(std::move(bytes));
      kept_warm_ += capacity;
    }
    node = next;
  }
}

void FrameMemory::look_after() {
  collect();
  for (std::size_t i = 0; i < k_shelves; ++i) {
    Shelf& shelf = shelves_[i];
    // What lay here through the whole interval was not needed in it.
    const std::size_t kept = shelf.buffers.size() - std::min(shelf.unused, shelf.buffers.size());
    kept_warm_ -= (shelf.buffers.size() - kept) * capacity_of(i);
    shelf.buffers.resize(kept);
    shelf.buffers.shrink_to_fit();
    shelf.unused = kept;
  }
  look_timer_.reset();
  if (kept_warm_ == 0 && home_->out == 0) return;
  look_timer_ = env_->timers.arm(env_->clock.now() + k_look_interval, [this] { look_after(); });
}

std::size_t FrameMemory::admit(FrameBuffer& buffer, std::size_t wanted) {
  const std::size_t used = home_->charged;
  const auto budget = static_cast<std::size_t>(budget_.value);
  if (used < budget) return std::min(wanted, budget - used);
  FrameBuffer* nobody = nullptr;
  const bool overdraws = home_->overdrawing.compare_exchange_strong(nobody, &buffer);
  return overdraws || nobody == &buffer ? wanted : 0;
}

void FrameMemory::charge(FrameBuffer& buffer, std::size_t size) {
  buffer.charged_ += size;
  home_->charged += size;
}

env::Task<void> FrameMemory::room() {
  limit_reached_->add();
  ++waiting_;
  co_await env::sleep_for(*env_, k_room_interval);
  --waiting_;
}

std::size_t FrameMemory::charged() const { return home_->charged; }
std::size_t FrameMemory::kept_warm() const { return kept_warm_; }

}  // namespace moldau::rpc
