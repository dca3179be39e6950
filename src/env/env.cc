#include "env/env.h"

#include "env/completion.h"

namespace moldau::env {

Uuid new_uuid(Entropy& entropy) {
  while (true) {
    const Uuid id = Uuid::from_random_bits(entropy.next(), entropy.next());
    if (id.usable_as_new()) return id;
  }
}

Task<void> sleep_until(Env& env, Instant when) {
  Signal fired(env.scheduler);
  (void)env.timers.arm(when, [&fired] { fired.ring(); });
  co_await fired;
}

Task<void> sleep_for(Env& env, Duration time) { return sleep_until(env, env.clock.now() + time); }

}  // namespace moldau::env
