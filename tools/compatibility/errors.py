"""The section of the errors: each code, where the code gives it, and what shows that it does."""

import re

from evidence import Evidence, code, table

# Where an answer can get it from: not the client and the tools, which only read it.
GIVERS = tuple(f"src/{module}/" for module in (
    "broker", "config", "controller", "coordinator", "group", "log", "metadata", "node", "raft", "record", "replica", "rpc",
    "txn"))
UNITS = tuple(module.replace("src/", "tests/unit/") for module in GIVERS)


def section(evidence: Evidence) -> tuple[str, list[str]]:
    rows, never, silent = [], [], []
    for number, name, *_ in evidence.rows("schema/errors.tsv"):
        if number == "internal" or not re.fullmatch(r"-?\d+", number) or name == "NONE":
            continue
        pattern = rf"Errc::{name.lower()}\b"
        files = evidence.naming(evidence.sources, pattern, GIVERS)
        if not files:
            never.append(f"{number} {name}")
            continue
        tests = evidence.naming(evidence.tests, pattern, UNITS) or \
            evidence.naming(evidence.tests, rf"\b{name}\b", "tests/scenario/")
        same = evidence.differential["error"].get(int(number), 0)
        shown = [code(tests, 1)] if tests else []
        shown += ["differential"] if same else []
        if shown:
            rows.append((number, name, code(files, 2), ", ".join(shown)))
        else:
            silent.append(f"{number} {name}")
    text = "\n## Errors\n\nCodes, retry rules and meanings are those of `schema/errors.tsv`, which " \
        "`tools/codegen/tests/test_schema.py` compares with Kafka's.\n\n"
    text += table(("code", "error", "given in", "shown by"), rows)
    if silent:
        text += "\nGiven by the code, but shown by no test, so not claimed: " + ", ".join(silent) + ".\n"
    text += "\nKnown, and given by nothing yet: " + ", ".join(never) + ".\n"
    return text, []
