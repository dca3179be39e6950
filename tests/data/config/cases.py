#!/usr/bin/env python3
"""Writes the cases that ConfigCases.java answers: `cases.py SCHEMA_CONFIGS [--all]`.

Values are made from each key's type and range. Without --all, one key stands for all keys of its
scope with the same type and range, and values that every type is tried with are given once.
"""

import pathlib
import re
import sys

SCOPES = ("broker", "topic", "group", "client-metrics", "producer", "consumer", "admin")
COMMON = ["", " ", "abc", "0", "1", "-1", "+7", "-2", " 12 ", "1.5", "1e3", "true", "TRUE", "a,b",
          "a, b ,a", ",", "99999999999", "9223372036854775808", "2147483648", "32768"]


def values(type_name: str, valid: str, common: bool) -> list[str]:
    found = list(COMMON) if common else []
    bounds = re.match(r"\[([-0-9.]+),\.\.\.(?:,([-0-9.]+))?\]", valid)
    for bound in bounds.groups() if bounds else ():
        if bound is None:
            continue
        step = 1 if "." not in bound and type_name != "double" else 0.25
        number = float(bound) if step == 0.25 else int(bound)
        found += [str(number - step), str(number), str(number + step)]
    choices = re.search(r"\[(.*)\]", valid)
    if choices and not bounds:
        for choice in choices[1].split(", "):
            found += [choice, choice.upper(), choice.lower(), f"{choice},{choice}"]
    if "duration" in valid:
        found += ["by_duration:PT1H", "by_duration:", "by_duration:P1DT2H3M4.5S", "by_duration:-PT1H",
                  "by_duration:1h", "by_duration:P", "by_duration:PT", "by_duration:P1D", "none"]
    if "partitionId" in valid:
        found += ["*", "0:1", "0:1,1:2", "0:1,*", "a:1", "0:1:2", "0:", "0:1, 2:3"]
    if type_name == "double":
        found += ["NaN", "Infinity", "1d", ".5", "5.", "1e400", "1e-400", "0x10", "--1"]
    if valid == "non-empty list":
        found += ["1@h:9", "1@h", "x@h:9", "1@h:9,2@[::1]:8", "1@h:x", "@h:9", "1@@h:9", "h:9", "h",
                  "[::1]:9", "h:9,i:8", "1@h y:9", "h y:9", "1@", "PLAINTEXT://h:9"]
    return list(dict.fromkeys(found))


def main() -> None:
    folder, everything = pathlib.Path(sys.argv[1]), "--all" in sys.argv
    for scope in SCOPES:
        seen, types = set(), set()
        for line in (folder / f"{scope}.tsv").read_text(encoding="utf-8").splitlines():
            cells = line.split("\t")
            if line.startswith("#") or not cells[10].startswith("defined"):
                continue
            key, type_name, valid, mode = cells[0], cells[1], cells[3], cells[5]
            kind = (type_name, valid)
            # Classes are looked up by Java only; dynamic-only keys have no static definition.
            if type_name == "class" or mode == "dynamic-only" or (kind in seen and not everything):
                continue
            seen.add(kind)
            common = everything or type_name not in types
            types.add(type_name)
            for value in values(type_name, valid, common):
                print(f"parse\t{scope}\t{key}\t{value}")


if __name__ == "__main__":
    main()
