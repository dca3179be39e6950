"""A unit test for every source file, and no test file that nobody runs."""

import re

# Whole programs are tested through their output (tests/cli, tests/interop), not by a unit test.
NO_UNIT = re.compile(r"^src/bin/")
TEST_NAME = re.compile(r"_(?:test|fuzz)\.cc$")


def check(tree):
    yield from without_test(tree)
    yield from dead_tests(tree)


def without_test(tree):
    files = set(tree.files)
    for name in tree.code("src/"):
        if not name.endswith(".cc") or NO_UNIT.match(name):
            continue
        module, rest = name.removeprefix("src/").split("/", 1)
        stem = rest.removesuffix(".cc").replace("/", "_")
        names = {f"tests/unit/{module}/{stem}_test.cc",
                 f"tests/unit/{module}/{rest.removesuffix('.cc')}_test.cc",
                 f"tests/unit/{module}/{rest.split('/')[-1].removesuffix('.cc')}_test.cc"}
        if not names & files:
            yield name, f"no unit test; write {sorted(names)[0]}"


def dead_tests(tree):
    modules = {name.split("/")[1] for name in tree.code("src/")}
    for name in tree.code("tests/"):
        parts = name.split("/")
        if name.endswith("_test.cc"):
            if parts[1] == "unit" and (parts[2] not in modules or len(parts) != 4):
                yield name, "no module of that name, so nobody runs it; move it"
            if not re.search(r"\b(?:EXPECT|ASSERT|RC_ASSERT|SUCCEED_IF|static_assert)", tree.text(name)):
                yield name, "a test file that asserts nothing"
