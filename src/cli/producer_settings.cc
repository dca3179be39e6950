#include "cli/producer_settings.h"

#include <fmt/format.h>

namespace moldau::cli {
namespace {

std::string text_of(const PropertyMap& properties, std::string_view key,
                    std::string_view otherwise) {
  const auto found = properties.find(key);
  return found == properties.end() ? std::string(otherwise) : found->second;
}

Result<compress::Compression> compression_of(const PropertyMap& properties) {
  const std::string name = text_of(properties, "compression.type", "none");
  const std::optional<compress::Codec> codec = compress::codec_named(name);
  if (!codec) {
    return fail(Errc::bad_configuration,
                "Invalid value {} for configuration compression.type: String must be one of: "
                "none, gzip, snappy, lz4, zstd",
                name);
  }
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

Result<client::Acks> acks_of(const PropertyMap& properties) {
  const std::string text = text_of(properties, "acks", "all");
  if (text == "all" || text == "-1") return client::Acks::all;
  if (text == "0") return client::Acks::none;
  if (text == "1") return client::Acks::leader;
  return fail(Errc::bad_configuration,
              "Invalid value {} for configuration acks: String must be one of: all, -1, 0, 1",
              text);
}

Result<void> choose_idempotence(client::ProducerSettings& out, const PropertyMap& properties) {
  constexpr std::uint32_t k_inflight_max = 5;
  const bool asked = properties.contains("enable.idempotence");
  const bool possible = out.acks == client::Acks::all && out.accumulator.retries > 0 &&
                        out.accumulator.inflight_per_partition_max <= k_inflight_max;
  out.accumulator.idempotent = is_true(properties, "enable.idempotence", possible);
  if (!asked || !out.accumulator.idempotent || possible) return {};
  if (out.acks != client::Acks::all) {
    return fail(Errc::bad_configuration,
                "Must set acks to all in order to use the idempotent producer. Otherwise we cannot "
                "guarantee idempotence.");
  }
  return fail(Errc::bad_configuration,
              "Must set retries to non-zero and max.in.flight.requests.per.connection to at most "
              "5 to use the idempotent producer.");
}

}  // namespace

Result<client::ProducerSettings> producer_settings(const PropertyMap& properties) {
  client::ProducerSettings out;
  client::AccumulatorSettings& gather = out.accumulator;
  const auto number = [&](std::string_view key, auto& into) -> Result<void> {
    TRY(const auto value, integer_of(properties, key, 0));
    if (value) into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
    return {};
  };
  TRY(out.acks, acks_of(properties));
  TRY(gather.compression, compression_of(properties));
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
  return out;
}

}  // namespace moldau::cli
