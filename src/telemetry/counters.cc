#include "telemetry/counters.h"

#include <algorithm>

namespace moldau::telemetry {

Counter& Counters::named(std::string_view name) {
  const auto found = std::ranges::find(counters_, name, &Counter::name);
  return found != counters_.end() ? *found : counters_.emplace_back(std::string{name});
}

std::vector<CounterValue> Counters::snapshot() const {
  std::vector<CounterValue> values;
  values.reserve(counters_.size());
  for (const Counter& counter : counters_) values.push_back({counter.name(), counter.value()});
  std::ranges::sort(values, {}, &CounterValue::name);
  return values;
}

}  // namespace moldau::telemetry
