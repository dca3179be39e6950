"""The section of the configuration keys: which take effect, where, and the test that shows it; all others are accepted."""

import re

from evidence import Evidence, code, table

NODE = (("broker", "Node"), ("topic", "Topic"), ("group", "Group"), ("client-metrics", "Client metrics"),
        ("quota", "Quota"))
TOOLS = (("producer", "Producer (of the tools)"), ("consumer", "Consumer (of the tools)"),
         ("admin", "Admin client (of the tools)"))
EFFECTS = "tests/evidence/configs.tsv"
CHECKS = "tests/settings/"
INTRO = """
## Configuration keys

Every key of Apache Kafka 4.4 is known, with its type, default, range and synonyms (`schema/configs`, which
`tools/codegen/tests/test_configs.py` compares with Kafka's); what a node says about its keys, and which values it refuses,
is compared with a running Kafka (`tests/data/config`, and CreateTopics, AlterConfigs, IncrementalAlterConfigs and
DescribeConfigs in `tests/differential`). A key that takes effect is in a table with the place and the test that shows it.
The others are checked, kept and described, and change nothing; a node says so when its file has one of them, and names
unknown keys with the nearest known one. So do the tools.
"""


def effects(evidence: Evidence) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Key -> code and test; and what the table of the effects claims wrongly."""
    out, wrong = {}, []
    for key, path, text, test, name in evidence.rows(EFFECTS):
        if text not in evidence.sources.get(path, ""):
            wrong.append(f"{EFFECTS}: {key}: {path} has no {text}")
        if not re.search(rf"\b{name}\b", evidence.tests.get(test, "")):
            wrong.append(f"{EFFECTS}: {key}: {test} has no {name}")
        elif test.startswith(CHECKS) and key not in shown(evidence.tests[test], name):
            wrong.append(f"{EFFECTS}: {key}: {name} of {test} does not show it")
        out[key] = f"`{path}`", f"`{test}`, {name}"
    return out, wrong


def shown(text: str, name: str) -> set[str]:
    """The keys that a check of a running node names."""
    found = re.search(rf"@shows\(([^)]*)\)\ndef {name}\(", text)
    return set(re.findall(r'"([^"]+)"', found[1])) if found else set()


def section(evidence: Evidence) -> tuple[str, list[str]]:
    effective, missing = effects(evidence)
    text, known = INTRO, set()
    for scope, title in NODE:
        rows, accepted = [], []
        for key, *_, standing, _ in evidence.rows(f"schema/configs/{scope}.tsv"):
            known.add(key)
            if key in effective:
                rows.append((f"`{key}`", *effective[key]))
            else:
                accepted.append(key)
            # The node's warning about keys without effect goes by this column.
            if scope == "broker" and standing != "pattern" and ("idle" in standing) != (key not in effective):
                missing.append(f"schema/configs/broker.tsv calls {key} {standing}, and {EFFECTS} has "
                               f"{'a' if key in effective else 'no'} row of it")
        text += part(title, rows, accepted)
    missing += [f"{EFFECTS}: {key} is no key" for key in effective if key not in known]
    for scope, title in TOOLS:
        rows, accepted = [], []
        others = {"producer", "consumer"} - {scope}
        for key, *_, standing, _ in evidence.rows(f"schema/configs/{scope}.tsv"):
            literal = re.escape('"' + re.sub(r"^(compression)\.\w+\.(level)$", r"\1.{}.\2", key) + '"')
            files = own(evidence.naming(evidence.sources, literal, ("src/client/", "src/cli/")), others)
            tests = own(evidence.naming(evidence.tests, rf"(?<![\w.]){re.escape(key)}(?![\w.])",
                                        ("tests/unit/client/", "tests/unit/cli/", "tests/data/tools/")), others)
            # The tools' warning about keys without effect goes by this column.
            takes_effect = "idle" not in standing
            if takes_effect and not files:
                missing.append(f"schema/configs/{scope}.tsv calls {key} {standing}, and nothing reads it")
            if takes_effect:
                rows.append((f"`{key}`", code(files, 1), code(tests, 1) if tests else "no test"))
            else:
                accepted.append(key)
        text += part(title, rows, accepted)
    return text, missing


def own(paths: list[str], others: set[str]) -> list[str]:
    """Those that are not of other clients alone."""
    return [path for path in paths if not any(other in path.rsplit("/", 1)[-1] for other in others)]


def part(title: str, rows: list[tuple], accepted: list[str]) -> str:
    text = f"\n### {title}\n\n{len(rows)} keys take effect; {len(accepted)} are accepted without effect.\n\n"
    if rows:
        text += table(("key", "code", "test"), sorted(rows))
    if accepted:
        text += "\nWithout effect: " + ", ".join(f"`{key}`" for key in sorted(accepted)) + ".\n"
    return text
