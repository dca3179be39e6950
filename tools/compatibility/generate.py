#!/usr/bin/env python3
"""Makes docs/compatibility.md from what is there: the schema, the code, the tests, and what test runs recorded.

    tools/compatibility/generate.py           write the page
    tools/compatibility/generate.py --check   exit 1 if the page is another, or a claim has no evidence

A claim is made only of what a file shows. The evidence: golden vectors (tests/data/golden), answers that equal those of
Apache Kafka (tests/evidence/differential.tsv, written by tests/differential/run.py --record), clients that others wrote
(tests/evidence/clients.tsv, written by ./test.sh interop), and the unit tests that name a thing. That an API is served also claims that
schema/rpc says of every error field of its answer what the errors mean there ("! ERROR  -- meaning").
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import apis  # noqa: E402
import configs  # noqa: E402
import errors  # noqa: E402
import tool_options  # noqa: E402
from evidence import Evidence  # noqa: E402

PAGE = "docs/compatibility.md"
HEAD = """# Compatibility with Apache Kafka 4.4

Made by `tools/compatibility/generate.py` from the code, the tests and what test runs recorded; never edited by hand. What is
different on purpose is in [differences.md](differences.md).

What counts as shown: **golden**, bytes that Kafka's own classes wrote are read, written and measured equal
(`tests/data/golden`); **differential**, generated requests of that version were answered by Apache Kafka 4.4.0 and by Moldau
with nothing unexplained between the answers (`tests/evidence/differential.tsv`); a **client**, that others wrote and that
sent that version while its own checks held (`tests/evidence/clients.tsv`); a **test** of ours that names the thing.
"""


def page(root: pathlib.Path) -> tuple[str, list[str]]:
    """The text, and the claims that lack evidence."""
    evidence = Evidence(root)
    parts, missing = [HEAD], []
    for section in (apis, errors, tool_options, configs):
        text, lacking = section.section(evidence)
        parts.append(text)
        missing += lacking
    return "\n".join(parts), missing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text, missing = page(options.root)
    for claim in missing:
        print(f"no evidence: {claim}")
    path = options.root / PAGE
    current = path.read_text(encoding="utf-8") if path.exists() else ""
    if options.check:
        if current != text:
            print(f"{PAGE} is not what the code and the evidence say; run tools/compatibility/generate.py")
    else:
        path.write_text(text, encoding="utf-8")
    return 1 if missing or options.check and current != text else 0


if __name__ == "__main__":
    sys.exit(main())
