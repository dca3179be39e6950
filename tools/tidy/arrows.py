"""Every #include inside src/ follows an arrow of src/DEPS, directly or through what that reaches."""

import re

INCLUDE = re.compile(r'^#include "([a-z]+)/')


def read_deps(text: str) -> dict[str, dict]:
    modules = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        arrows, *columns = line.split("|")
        name, needs = arrows.split(":")
        modules[name.strip()] = {
            "line": number,
            "needs": needs.split(),
            "marks": columns[1].split() if len(columns) > 1 else [],
        }
    return modules


def reach(modules: dict, name: str) -> set[str]:
    found, todo = set(), [name]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += modules.get(here, {"needs": []})["needs"]
    return found


def pure_reach(modules: dict, name: str) -> set[str]:
    """What a pure module may include: all it reaches except env and what stands on it."""
    return {other for other in reach(modules, name) if "env" not in reach(modules, other)}


def check(tree):
    if "src/DEPS" not in tree.files:
        return
    modules = read_deps(tree.text("src/DEPS"))
    seen = set()
    for name, row in modules.items():
        for need in row["needs"]:
            if need not in seen:
                yield f"src/DEPS:{row['line']}", (
                    f"{name} needs {need}, which stands below or nowhere; arrows point up the file")
        seen.add(name)
    for name in tree.code("src/"):
        module = name.split("/")[1]
        if module not in modules:
            yield name, f"module {module} has no line in src/DEPS; add one"
            continue
        pure = "pure" in modules[module]["marks"] or is_pure_log_file(name)
        allowed = pure_reach(modules, module) if pure else reach(modules, module)
        for number, line in tree.lines(name):
            match = INCLUDE.match(line)
            if match and pure and match.group(1) == module and not LOG_IO.match(included(line)):
                continue
            if match and match.group(1) in modules and match.group(1) not in allowed:
                why = "this file is pure" if pure else "no arrow in src/DEPS"
                yield f"{name}:{number}", (
                    f"{module} includes {match.group(1)}/: {why}; "
                    "move the decision down or the input and output up")


# In log/ only what opens, reads and writes files may reach env/; what decides may not.
LOG_IO = re.compile(r"^src/log/(store|partition_log|log_directory|file_pool|recovery_io)")


def included(line: str) -> str:
    return "src/" + line.split('"')[1]


def is_pure_log_file(name: str) -> bool:
    return name.startswith("src/log/") and not LOG_IO.match(name)
