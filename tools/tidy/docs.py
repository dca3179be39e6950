"""Every path that a document names is there, and every link inside the repository leads somewhere."""

import pathlib
import re

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
# `src/log/epoch_cache.h`, `tools/tidy`, `./test.sh`: a word in backticks with a known first folder.
PATH = re.compile(
    r"`((?:\./)?(?:src|tests|tools|docs|schema|bench|cmake|config|console|include|\.ci)/[\w./<>*+-]*)"
    r"[^`]*`")
SCRIPT = re.compile(r"`\./([\w-]+\.sh)[^`]*`")


def check(tree):
    known = set(tree.files)
    for name in list(known):
        known.update(str(parent) for parent in pathlib.PurePath(name).parents)
    for name in tree.files:
        if not name.endswith(".md"):
            continue
        folder = pathlib.PurePath(name).parent
        for number, line in tree.lines(name):
            for target in LINK.findall(line):
                if "://" in target or target.startswith("mailto:"):
                    continue
                path = normal(folder / target)
                if path not in known:
                    yield f"{name}:{number}", f"link to {target}, which is not there"
            for target in PATH.findall(line) + SCRIPT.findall(line):
                if "<" in target or "*" in target:
                    continue
                path = normal(pathlib.PurePath(target.removesuffix("/").removesuffix(".")))
                if path not in known:
                    yield f"{name}:{number}", f"names {target}, which is not there"


def normal(path: pathlib.PurePath) -> str:
    parts = []
    for part in path.parts:
        if part == "..":
            if parts:
                parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
