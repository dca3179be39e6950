"""schema/configs/*.tsv -> config/key_tables.cc: every configuration key as constant data."""

import json
import pathlib
import re

# In the order of config::Scope.
SCOPES = ("broker", "topic", "group", "client-metrics", "quota", "producer", "consumer", "admin")
COLUMNS = (
    "key type default valid importance update_mode sensitive internal synonyms notes standing "
    "documentation"
).split()
TYPES = {
    "boolean": "boolean",
    "string": "string",
    "int": "int32",
    "short": "int16",
    "long": "int64",
    "double": "float64",
    "list": "list",
    "class": "class_name",
    "password": "password",
    "as key": "unknown",
}


def read(path: pathlib.Path) -> list[dict]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise SystemExit(f"{path}:{number}: {len(cells)} columns, not {len(COLUMNS)}")
        rows.append(dict(zip(COLUMNS, cells)))
    names = [row["key"] for row in rows]
    if names != sorted(set(names)):
        raise SystemExit(f"{path}: keys are not sorted, or one is there twice")
    return rows


def quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class Arrays:
    """Constant arrays by content, so that equal ones exist once."""

    def __init__(self, type_name: str, prefix: str):
        self.type_name, self.prefix, self.names = type_name, prefix, {}

    def name(self, items: list[str]) -> str:
        if not items:
            return "{}"
        body = ", ".join(items)
        return self.names.setdefault(body, f"{self.prefix}{len(self.names)}")

    def text(self) -> str:
        return "\n".join(
            f"constexpr {self.type_name} {name}[] = {{{body}}};" for body, name in self.names.items()
        )


def number(text: str) -> str:
    """A bound as a C++ double; empty is an open end, and the caller gives the infinity."""
    return repr(float(text))


def rule_of(valid: str) -> tuple[str, dict]:
    """The Rule of a `valid` cell and what belongs to it."""
    bounds = re.fullmatch(r"\[([-0-9.]+),\.\.\.(?:,([-0-9.]+))?\]( or -1)?", valid)
    if bounds:
        facts = {"low": bounds[1], "high": bounds[2] or ""}
        return ("range_or_minus_one" if bounds[3] else "range"), facts
    if "items" in valid:
        listed = re.search(r"\[(.*)\]", valid)
        return "list", {
            "choices": listed[1].split(", ") if listed else [],
            "may_be_empty": "not empty" not in valid,
            "may_be_null": "may be null" in valid,
        }
    if valid.startswith("[partitionId]"):
        return "throttled_replicas", {}
    choices = re.fullmatch(r"(\(case insensitive\) )?\[(.*)\]", valid)
    if choices:
        names = choices[2].split(", ")
        if any("by_duration" in name for name in names):
            return "offset_reset", {"choices": [name for name in names if ":" not in name]}
        return ("one_of_any_case" if choices[1] else "one_of"), {"choices": names}
    return {
        "non-empty list": "non_empty_list",
        "non-empty string": "non_empty_string",
        "non-null string": "non_null",
    }.get(valid, "any"), {}


def synonyms_of(row: dict) -> list[tuple[str, int]]:
    """Strongest first. A broker key's cell also names keys of other scopes, which is not asked."""
    own = [part for part in row["synonyms"].split("; ") if re.match(r"[a-z0-9.]+( >|$| \(x)", part)]
    found = []
    for part in own[:1]:
        for name in part.split(" > "):
            match = re.fullmatch(r"(\S+)(?: \(x(\d+)\))?", name)
            found.append((match[1], int(match[2] or 1)))
    return found


def entry(row: dict, choices: Arrays, synonyms: Arrays) -> str:
    rule, facts = rule_of(row["valid"])
    if rule == "one_of" and row["default"].lower() in facts["choices"]:
        # A default in other letters shows that the case does not count.
        rule = "one_of_any_case" if row["default"] not in facts["choices"] else rule
    low, high = facts.get("low", ""), facts.get("high", "")
    standing = row["standing"].split()
    default = {"null": "", "(required)": "", '""': ""}.get(row["default"], row["default"])
    mode = "none" if row["update_mode"] == "-" else row["update_mode"].replace("-", "_")
    fields = [
        f".name = {quote(row['key'])}",
        f".type = Type::{TYPES[row['type']]}",
        f".importance = Importance::{row['importance'].replace('-', 'none')}",
        f".update_mode = UpdateMode::{mode}",
        f".standing = Standing::{standing[0]}",
    ]
    if row["default"] == "(required)":
        fields.append(".required = true")
    elif row["default"] not in ("null", "-"):
        fields.append(".has_default = true")
    if row["internal"] == "internal":
        fields.append(".internal = true")
    if "idle" in standing:
        fields.append(".in_effect = false")
    if default:
        fields.append(f".default_text = {quote(default)}")
    valid = [f".rule = Rule::{rule}"]
    for flag in ("may_be_empty", "may_be_null"):
        if facts.get(flag) is False:
            valid.append(f".{flag} = false")
    if low or high:
        valid.append(f".low = {number(low) if low else '-k_open'}")
        valid.append(f".high = {number(high) if high else 'k_open'}")
        valid.append(f".low_text = {quote(low)}, .high_text = {quote(high)}")
    if facts.get("choices"):
        valid.append(f".choices = {choices.name([quote(c) for c in facts['choices']])}")
    valid.append(f".text = {quote(row['valid'])}")
    fields.append(f".valid = {{{', '.join(valid)}}}")
    pairs = [f"{{{quote(name)}, {factor}}}" for name, factor in synonyms_of(row)]
    if pairs:
        fields.append(f".synonyms = {synonyms.name(pairs)}")
    if row["notes"] != "-":
        fields.append(f".notes = {quote(row['notes'])}")
    fields.append(f".documentation = {quote(row['documentation'])}")
    return "    {" + ", ".join(fields) + "},"


def source(tables: dict[str, list[dict]]) -> str:
    choices = Arrays("std::string_view", "k_choices_")
    synonyms = Arrays("SynonymOf", "k_synonyms_")
    bodies, cases = [], []
    for scope, rows in tables.items():
        name = scope.replace("-", "_")
        lines = "\n".join(entry(row, choices, synonyms) for row in rows)
        bodies.append(f"constexpr ConfigKey k_{name}[] = {{\n{lines}\n}};")
        cases.append(f"    case Scope::{name}:\n      return k_{name};")
    body, case = "\n".join(bodies), "\n".join(cases)
    return f"""// Made by tools/codegen/configs.py from schema/configs/.
#include <limits>

#include "base/check.h"
#include "config/keys.h"
namespace moldau::config {{
namespace {{
constexpr double k_open = std::numeric_limits<double>::infinity();
{choices.text()}
{synonyms.text()}
{body}
}}  // namespace

std::span<const ConfigKey> keys(Scope scope) {{
  switch (scope) {{
{case}
  }}
  CHECK(false);
  return {{}};
}}

}}  // namespace moldau::config
"""


def outputs(schema: pathlib.Path) -> dict[str, str]:
    tables = {scope: read(schema / "configs" / f"{scope}.tsv") for scope in SCOPES}
    return {"config/key_tables.cc": source(tables)}
