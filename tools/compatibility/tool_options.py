"""The section of the tools: which of Kafka's options are there, and the test whose command uses each."""

import collections
import gzip
import re

from evidence import Evidence, code, table

TOOL = re.compile(r'\{"([\w-]+)",\s*"(kafka-[\w-]+)\.sh",[^{}]*\brun_(\w+)\}')
FACTS = "tests/data/facts/tools.txt.gz"
INTRO = """
## Tools

Each is also installed under its Kafka name. The options are those that Apache Kafka's tools declare (`tests/data/facts`); one
counts as supported when a command of a test gives it to the tool. What the code has and no test uses is not claimed, and
marked so.

"""


def kafkas(evidence: Evidence) -> dict[str, dict[str, tuple[str, ...]]]:
    """Tool -> option -> its forms, as Apache Kafka's tools declare them."""
    tools, options = {}, {}
    for line in gzip.open(evidence.root / FACTS, "rt", encoding="utf-8"):
        if line.startswith("== "):
            options = tools.setdefault(line.split()[1], {})
        elif found := re.match(r"  (-[^\s,]+(?:, -[^\s,]+)*)", line):
            forms = tuple(found[1].split(", "))
            options[max(forms, key=len)] = forms
    return tools


def used(evidence: Evidence, tool: str, stem: str) -> dict[str, list[str]]:
    """Word of a command -> the tests that give it to the tool."""
    words = collections.defaultdict(list)
    in_code = re.compile(rf'\{{\s*"{tool}"([^{{}}]*)\}}')
    in_data = re.compile(rf"^\$ {tool} (.*)$", re.MULTILINE)
    own = tuple(f"tests/unit/cli/{name}" for name in (f"{stem}_", f"{stem.partition('_')[0]}_settings_"))
    for path, text in evidence.tests.items():
        given: set[str] = set()
        if path.startswith(own):  # tests of this tool alone: what begins like an option is one
            given = {word for literal in re.findall(r'"([^"\n]*)"', text) for word in literal.split()
                     if word.startswith("-")}
        elif path.startswith("tests/unit/cli/"):
            given = {word for command in in_code.findall(text) for word in re.findall(r'"([^"]*)"', command)}
        elif path.startswith(f"tests/data/{stem}/cases"):
            given = set(text.split())
        elif path.startswith("tests/data/tools/"):
            given = {word for command in in_data.findall(text) for word in command.split()}
        for word in given:
            words[word.partition("=")[0]].append(path)
    return words


def section(evidence: Evidence) -> tuple[str, list[str]]:
    rows, missing, theirs = [], [], kafkas(evidence)
    served = TOOL.findall(evidence.sources["src/cli/tools.cc"])
    for tool, script, stem in served:
        there = "".join(text for path, text in evidence.sources.items()
                        if path.startswith((f"src/cli/{stem}", "src/cli/session", "src/cli/options")))
        tests = used(evidence, tool, stem)
        by_test, silent, absent = collections.defaultdict(list), [], []
        for option, forms in sorted(theirs.get(script, {}).items()):
            places = [path for form in forms for path in tests[form]]
            if f'"{option.lstrip("-")}"' not in there and f'"{option}"' not in there:
                absent.append(f"`{option}`")
            elif places:
                by_test[sorted(places, key=lambda path: (stem not in path, path))[0]].append(f"`{option}`")
            else:
                silent.append(f"`{option}`")
        if not by_test:
            by_test.update({path: ["no option"] for path in [f"tests/unit/cli/{stem}_test.cc"] if path in evidence.tests})
        if not by_test:
            missing.append(f"tool {tool}: no command of a test uses it")
        for at, (test, options) in enumerate(sorted(by_test.items())):
            rows.append((f"`{tool}`" if at == 0 else "", code([f"src/cli/{stem}.cc"]) if at == 0 else "",
                         " ".join(options), code([test]),
                         " ".join(absent + [f"{option} (no test)" for option in silent]) or "-" if at == 0 else ""))
    if not served:
        missing.append("src/cli/tools.cc lists no tools that can be read")
    text = INTRO +  table(("tool", "code", "options", "commands of", "not supported"), rows)
    others = sorted(set(theirs) - {script for _, script, _ in served} - {"kafka-server-start"})
    text += "\nTools that are not there: " + ", ".join(f"`{name}`" for name in others) + ".\n"
    return text, missing
