"""schema/errors.tsv -> base/errc.h and base/errc.cc: one table of all errors."""

import json
import pathlib

FIRST_INTERNAL = 1000


def read(path: pathlib.Path) -> list[dict]:
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        code, name, retry, meaning = line.split("\t")
        rows.append({"code": code, "name": name, "retry": retry, "meaning": meaning})
    wire = {row["name"]: int(row["code"]) for row in rows if not row["code"].startswith("internal")}
    next_internal = FIRST_INTERNAL
    for row in rows:
        if row["code"].startswith("internal:"):
            row["value"] = next_internal
            row["wire"] = wire[row["code"].split(":")[1]]
            next_internal += 1
        else:
            row["value"] = row["wire"] = int(row["code"])
    return rows


def header(rows: list[dict]) -> str:
    names = "\n".join(
        f"  {row['name'].lower()} = {row['value']},  // {row['meaning']}" for row in rows
    )
    return f"""// Made by tools/codegen/errors.py from schema/errors.tsv.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
namespace moldau {{

// One name for each Kafka error, spelled as Kafka's in lower case, and conditions of our own from
// {FIRST_INTERNAL} on, which never travel.
enum class Errc : std::int16_t {{
{names}
}};

enum class Retry : std::uint8_t {{ no, yes, refresh_metadata }};

struct ErrcFacts {{
  Errc errc;
  std::int16_t wire;      // what an answer carries
  Retry retry;
  std::string_view name;  // as Kafka spells it
  std::string_view text;
}};

// The row of `errc`. An unlisted value gets the row of unknown_server_error.
[[nodiscard]] const ErrcFacts& facts(Errc errc);
// The error of a code from the wire; nullopt when no such code exists.
[[nodiscard]] std::optional<Errc> errc_from_wire(std::int16_t code);
[[nodiscard]] inline std::int16_t wire_code(Errc errc) {{ return facts(errc).wire; }}
[[nodiscard]] inline std::string_view name_of(Errc errc) {{ return facts(errc).name; }}

}}  // namespace moldau
"""


def source(rows: list[dict]) -> str:
    retry = {"no": "no", "yes": "yes", "refresh": "refresh_metadata"}
    lines = "\n".join(
        f"    {{Errc::{row['name'].lower()}, {row['wire']}, Retry::{retry[row['retry']]}, "
        f"{json.dumps(row['name'])}, {json.dumps(row['meaning'])}}},"
        for row in rows
    )
    internal = sum(row["code"].startswith("internal") for row in rows)
    return f"""// Made by tools/codegen/errors.py from schema/errors.tsv.
#include "base/errc.h"
#include <array>
namespace moldau {{
namespace {{
// Kafka's codes are dense from -1, so a code is an index plus one; ours follow.
constexpr auto k_table = std::to_array<ErrcFacts>({{
{lines}
}});
constexpr int k_kafka_count = static_cast<int>(k_table.size()) - {internal};
static_assert([] {{
  for (int i = 0; i < k_kafka_count; ++i)
    if (static_cast<int>(k_table[static_cast<std::size_t>(i)].errc) != i - 1) return false;
  return true;
}}());
}}  // namespace

const ErrcFacts& facts(Errc errc) {{
  const int value = static_cast<int>(errc);
  const int index = value >= {FIRST_INTERNAL} ? value - {FIRST_INTERNAL} + k_kafka_count : value + 1;
  const bool known = index >= 0 && index < static_cast<int>(k_table.size());
  return k_table[known ? static_cast<std::size_t>(index) : 0];
}}

std::optional<Errc> errc_from_wire(std::int16_t code) {{
  if (code < -1 || code + 1 >= k_kafka_count) return std::nullopt;
  return static_cast<Errc>(code);
}}

}}  // namespace moldau
"""


def outputs(schema: pathlib.Path) -> dict[str, str]:
    rows = read(schema / "errors.tsv")
    return {"base/errc.h": header(rows), "base/errc.cc": source(rows)}
