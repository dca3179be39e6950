"""A unit test for every source file, and no test file that nobody runs."""

import re

# What programs decide is elsewhere, and stages run them whole: tests/stages/programs.py, tools.py, sim.py.
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


ASSERTS = re.compile(r"\b(?:EXPECT_|ASSERT_|RC_ASSERT|CHECK|static_assert|FAIL|ADD_FAILURE)")
TEST = re.compile(r"\b(?:TYPED_)?TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)\s*\{|\bRC_GTEST_(?:FIXTURE_)?PROP\(\s*(\w+),\s*(\w+)[^{]*\{")
# A function, a coroutine, or the class that a test makes an object of.
NAMED = re.compile(r"\b(\w+)\s*\([^;{}]*\)[^;{}()]*\{|\b(?:class|struct)\s+(\w+)[^;{}()]*\{")
INCLUDE = re.compile(r'(?m)^#include "((?:unit|support)/[^"]+)"')


def dead_tests(tree):
    modules = {name.split("/")[1] for name in tree.code("src/")}
    for name in tree.code("tests/"):
        parts = name.split("/")
        if name.endswith("_test.cc"):
            if parts[1] == "unit" and (parts[2] not in modules or len(parts) != 4):
                yield name, "no module of that name, so nobody runs it; move it"
            yield from asserting_nothing(tree, name)


def asserting_nothing(tree, name):
    """The tests of which neither the body nor what it names, here or in the tests' own headers, asserts."""
    text = tree.bare(name)
    tests = list(TEST.finditer(text))
    if not tests and not ASSERTS.search(text):
        yield name, "a test file that asserts nothing"
    asserting = asserting_names(tree, name)
    for test in tests:
        words = set(re.findall(r"\w+", block(text, test.end())))
        if not ASSERTS.search(block(text, test.end())) and not words & asserting:
            line = text.count("\n", 0, test.start()) + 1
            yield f"{name}:{line}", f"test {test[2] or test[4]} asserts nothing"


def asserting_names(tree, name):
    texts, left, seen = [], [name], set()
    while left:
        one = left.pop()
        if one in seen or one not in tree.files:
            continue
        seen.add(one)
        texts.append(tree.bare(one))
        left += [f"tests/{path}" for path in INCLUDE.findall(tree.text(one))]
    bodies = [(found[1] or found[2], block(text, found.end()))
              for text in texts for found in NAMED.finditer(text)
              if not re.match(r"(?:if|for|while|switch|TEST\w*|TYPED_TEST)$", found[1] or "")]
    names = {called for called, body in bodies if ASSERTS.search(body)}
    while True:
        more = {called for called, body in bodies if called not in names
                and names & set(re.findall(r"\w+", body))}
        if not more:
            return names
        names |= more


def block(text, start):
    """From behind a brace to the one that ends it."""
    depth = 1
    for found in re.finditer(r"[{}]", text[start:]):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return text[start:start + found.start()]
    return text[start:]
