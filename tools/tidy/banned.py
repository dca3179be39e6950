"""Calls and words that have no place: see docs/ARCHITECTURE.md, "What tidy holds"."""

import re

OUTSIDE_OS = [
    (r"\b(?:system_clock|steady_clock|high_resolution_clock)\b", "take `now` as an argument"),
    (r"\bclock_gettime\b|\bgettimeofday\b|\btime\(nullptr\)", "take `now` as an argument"),
    (r"\bstd::(?:jthread|thread|mutex|shared_mutex|condition_variable|async)\b", "use env::Mailbox"),
    (r"\brandom_device\b|\brand\(\)|\bmt19937", "use env::Entropy or base/rng.h"),
    (r"\bsleep_for\(std|\busleep\(|\bnanosleep\(", "use env::sleep_for"),
    (r"#include <sys/|#include <unistd.h>|#include <fcntl.h>|#include <pthread.h>|#include <thread>"
     r"|#include <mutex>", "use env"),
]
EVERYWHERE = [
    (r"\bassert\(|\bNDEBUG\b", "use CHECK: it holds in release builds too"),
    (r"\b(?:TODO|FIXME|XXX|HACK)\b", "do it, or file an issue"),
    (r"\bGTEST_SKIP\b|\bDISABLED_", "a test runs or does not exist"),
]
HOT = ("src/record/", "src/log/", "src/replica/", "src/rpc/", "src/broker/")
HOT_ONLY = [(r"\bstd::(?:unordered_)?(?:multi)?map\b", "use absl::flat_hash_map or a sorted vector")]
TASK_VIEW = re.compile(
    r"\bTask<[^;{}=]*>\s+[a-z_:]+\((?:[^()]|\([^()]*\))*"
    r"(?:const [A-Za-z_:<>, ]+&|&&|std::string_view|std::span<[^>]*>|\bBytes\b)[^;{}]*[;{]")
LAMBDA_COROUTINE = re.compile(r"\[[^\]\n]+\]\s*(?:\([^)]*\))?\s*(?:mutable\s*)?->\s*(?:env::)?Task<")
HEAVY = re.compile(
    r"#include <(?:nlohmann/json\.hpp|CLI/|httplib\.h|spdlog/|openssl/|fmt/(?:format|ranges|chrono)\.h)")
COMMENTED_CODE = re.compile(r"^\s*//.*(?:;|\{|\})\s*$")
CODE_WORDS = re.compile(
    r"^\s*//\s*(?:if \(|for \(|while \(|return |auto |const [a-z]+ |co_return|\}|[a-z_]+\(.*\);$)")


def _lines(tree, name, rules):
    for number, line in tree.bare_lines(name):
        for pattern, instead in rules:
            match = re.search(pattern, line)
            if match:
                yield f"{name}:{number}", f"{match.group(0).strip()} is not used here; {instead}"


def check(tree):
    for name in tree.code("src/", "tests/", "bench/", "include/"):
        if name.startswith("src/") and not name.startswith("src/os/"):
            yield from _lines(tree, name, OUTSIDE_OS)
        yield from _lines(tree, name, EVERYWHERE[:1] + EVERYWHERE[2:])
        for number, line in tree.lines(name):
            if re.search(EVERYWHERE[1][0], line):
                yield f"{name}:{number}", f"a note to do; {EVERYWHERE[1][1]}"
            if COMMENTED_CODE.match(line) and CODE_WORDS.match(line):
                yield f"{name}:{number}", "commented-out code; delete it"
        if name.startswith(HOT):
            yield from _lines(tree, name, HOT_ONLY)
        if name.startswith("src/"):
            yield from coroutine_rules(tree, name)
            yield from header_rules(tree, name)


def coroutine_rules(tree, name):
    bare = tree.bare(name)
    for match in TASK_VIEW.finditer(bare):
        line = bare.count("\n", 0, match.start()) + 1
        yield f"{name}:{line}", (
            "a Task takes a view or a reference that may bind to a temporary; "
            "pass a value, an owner's T&, or SharedBytes")
    for match in LAMBDA_COROUTINE.finditer(bare):
        line = bare.count("\n", 0, match.start()) + 1
        yield f"{name}:{line}", (
            "a lambda with captures is no coroutine, its closure dies before the frame; "
            "write a named function")


def header_rules(tree, name):
    if not name.endswith(".h"):
        return
    if "#pragma once" not in tree.text(name).splitlines()[:1]:
        yield f"{name}:1", "a header begins with #pragma once"
    for number, line in tree.lines(name):
        if HEAVY.match(line):
            yield f"{name}:{number}", "a heavy header in a header; include it in the .cc only"
        if re.match(r'#include "tests/', line):
            yield f"{name}:{number}", "tests/ is included nowhere"
