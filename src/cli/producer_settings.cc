#include "cli/producer_settings.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/value_text.h"

namespace moldau::cli {
namespace {

std::string text_of(const PropertyMap& properties, std::string_view key,
                    std::string_view otherwise) {
  const auto found = properties.find(key);
  return std::string(found == properties.end() ? otherwise : config::java_trim(found->second));
}

Result<compress::Compression> compression_of(const PropertyMap& properties) {
  const std::string name = text_of(properties, "compression.type", "none");
  const std::optional<compress::Codec> codec = compress::codec_named(name);
  CHECK(codec.has_value());  // as check_values() says
  compress::Compression out = compress::Compression::of(*codec);
  const std::string key = fmt::format("compression.{}.level", name);
  if (!compress::levels_of(*codec) || !properties.contains(key)) return out;
  TRY(const auto level, integer_of(properties, key, INT32_MIN));
  out.level = compress::Level{static_cast<std::int32_t>(level.value_or(out.level.value()))};
  if (!compress::is_level_of(*codec, out.level)) {
    return fail(Errc::bad_configuration, "Invalid value {} for configuration {}", *level, key);
  }
  return out;
}

// "all" and "-1" are the same.
client::Acks acks_of(const PropertyMap& properties) {
  const std::string text = text_of(properties, "acks", "all");
  if (text == "0") return client::Acks::none;
  return text == "1" ? client::Acks::leader : client::Acks::all;
}

// Source: ProducerConfig.postProcessAndValidateIdempotenceConfigs.
Result<void> choose_idempotence(client::ProducerSettings& out, const PropertyMap& properties) {
  constexpr std::uint32_t k_inflight_max = 5;
  const client::AccumulatorSettings& gather = out.accumulator;
  const bool asked = properties.contains("enable.idempotence");
  bool& idempotent = out.accumulator.idempotent;
  idempotent = is_true(properties, "enable.idempotence", true);
  if (!idempotent) return {};
  if (gather.retries == 0) {
    if (asked) {
      return fail(Errc::bad_configuration,
                  "Must set retries to non-zero when using the idempotent producer.");
    }
    idempotent = false;
  }
  if (out.acks != client::Acks::all) {
    if (asked) {
      return fail(Errc::bad_configuration,
                  "Must set acks to all in order to use the idempotent producer. Otherwise we "
                  "cannot guarantee idempotence.");
    }
    idempotent = false;
  }
  if (gather.inflight_per_partition_max > k_inflight_max) {
    return fail(Errc::bad_configuration,
                "To use the idempotent producer, max.in.flight.requests.per.connection must be set "
                "to at most 5. Current value is {}.",
                gather.inflight_per_partition_max);
  }
  return {};
}

Result<client::PartitionerSettings> partitioner_of(const PropertyMap& properties) {
  client::PartitionerSettings out;
  out.ignore_keys = is_true(properties, "partitioner.ignore.keys", false);
  out.adaptive = is_true(properties, "partitioner.adaptive.partitioning.enable", true);
  const std::string name = text_of(properties, "partitioner.class", "");
  if (name.empty()) return out;
  if (name != "org.apache.kafka.clients.producer.RoundRobinPartitioner") {
    return fail(
        Errc::bad_configuration,
        "Invalid value {} for configuration partitioner.class: Class {} could not be found.", name,
        name);
  }
  out.kind = client::PartitionerSettings::Kind::round_robin;
  return out;
}

Result<void> choose_transactions(client::ProducerSettings& out, const PropertyMap& properties) {
  const auto id = properties.find("transactional.id");
  if (id == properties.end()) return {};
  if (!out.accumulator.idempotent) {
    return fail(Errc::bad_configuration,
                "Cannot set a transactional.id without also enabling idempotence.");
  }
  client::TransactionSettings& settings = out.transactions.emplace();
  settings.transactional_id = id->second;
  settings.retry_backoff = out.accumulator.retry_backoff;
  TRY(const auto timeout, integer_of(properties, "transaction.timeout.ms", INT32_MIN));
  if (timeout) settings.timeout = Milliseconds{*timeout};
  return {};
}

// Source: KafkaProducer.configureDeliveryTimeout.
Result<void> choose_delivery_timeout(client::ProducerSettings& out, const PropertyMap& properties) {
  client::AccumulatorSettings& gather = out.accumulator;
  constexpr Milliseconds k_most{INT32_MAX};
  const Milliseconds least =
      std::min(std::min(gather.linger, k_most) + out.request_timeout, k_most);
  if (gather.delivery_timeout >= least) return {};
  if (properties.contains("delivery.timeout.ms")) {
    return fail(Errc::bad_configuration,
                "delivery.timeout.ms should be equal to or larger than linger.ms + "
                "request.timeout.ms");
  }
  gather.delivery_timeout = least;
  return {};
}

}  // namespace

Result<client::ProducerSettings> producer_settings(const PropertyMap& properties) {
  TRY_OK(check_values(config::Scope::producer, properties));
  client::ProducerSettings out;
  client::AccumulatorSettings& gather = out.accumulator;
  const auto number = [&](std::string_view key, auto& into) -> Result<void> {
    TRY(const auto value, integer_of(properties, key, 0));
    if (value) into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
    return {};
  };
  out.acks = acks_of(properties);
  TRY(gather.compression, compression_of(properties));
  TRY(out.partitioner, partitioner_of(properties));
  TRY_OK(number("batch.size", gather.batch_bytes));
  TRY_OK(number("linger.ms", gather.linger));
  TRY_OK(number("buffer.memory", gather.memory_bytes));
  TRY_OK(number("delivery.timeout.ms", gather.delivery_timeout));
  TRY_OK(number("retry.backoff.ms", gather.retry_backoff));
  TRY_OK(number("retries", gather.retries));
  TRY_OK(number("max.in.flight.requests.per.connection", gather.inflight_per_partition_max));
  TRY_OK(number("max.request.size", out.request_bytes_max));
  TRY_OK(number("request.timeout.ms", out.request_timeout));
  TRY_OK(number("max.block.ms", out.max_block));
  TRY_OK(choose_idempotence(out, properties));
  TRY_OK(choose_transactions(out, properties));
  TRY_OK(choose_delivery_timeout(out, properties));
  return out;
}

}  // namespace moldau::cli
