#!/usr/bin/env python3
"""Holds the rules of the house: tools/tidy/tidy.py [--root DIR] [RULE...]

Each finding is one line: file:line: rule: what is wrong; what to do instead. Exit 1 if there is
any. There is no waiver list.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import arrows  # noqa: E402
import banned  # noqa: E402
import docs  # noqa: E402
import pairs  # noqa: E402
import sizes  # noqa: E402
from tree import Tree  # noqa: E402

RULES = {
    "arrows": arrows.check,
    "banned": banned.check,
    "docs": docs.check,
    "pairs": pairs.check,
    "sizes": sizes.check,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path.cwd())
    parser.add_argument("rules", nargs="*", metavar="RULE", help=", ".join(RULES))
    options = parser.parse_args()
    unknown = [rule for rule in options.rules if rule not in RULES]
    if unknown:
        parser.error(f"no rule {unknown[0]}; there are {', '.join(RULES)}")
    tree = Tree(options.root)
    findings = []
    for name, rule in RULES.items():
        if not options.rules or name in options.rules:
            findings += [f"{place}: {name}: {text}" for place, text in rule(tree)]
    for finding in findings:
        print(finding)
    print(f"tidy: {len(tree.files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
