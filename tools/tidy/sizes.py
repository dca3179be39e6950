"""Files under 1,000 lines, functions under 70, lines at most 100 columns."""

import re

FILE_LINES_MAX = 1000
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
TEXT = (".h", ".cc", ".py", ".sh", ".cmake", ".ts")
HEAD = re.compile(r"\)\s*(?:const|noexcept|override|final|mutable|requires\b[^{;]*|->[^{;]*|:[^{;]*)*\s*$")
NOT_FUNCTION = re.compile(r"\b(?:if|for|while|switch|catch|namespace|struct|class|enum|union)\b[^;{}]*$")


def check(tree):
    for name in tree.files:
        if not name.endswith(TEXT):
            continue
        text = tree.text(name)
        count = text.count("\n")
        if count > FILE_LINES_MAX:
            yield name, f"{count} lines, over {FILE_LINES_MAX}; split it by role or by state"
        for number, line in tree.lines(name):
            if len(line) > COLUMNS_MAX and "http" not in line and name.endswith((".h", ".cc")):
                yield f"{name}:{number}", f"{len(line)} columns, over {COLUMNS_MAX}"
        if name.endswith((".h", ".cc")):
            for line, size in long_functions(tree.bare(name)):
                yield f"{name}:{line}", (
                    f"a function of {size} lines, over {FUNCTION_LINES_MAX}; split it")


def long_functions(bare: str):
    """(first line, lines) of each too long function body that is not inside another."""
    depth_of_body = None
    start = 0
    depth = 0
    last_cut = 0
    line = 1
    for position, c in enumerate(bare):
        if c == "\n":
            line += 1
        elif c == "{":
            head = bare[last_cut:position]
            if depth_of_body is None and HEAD.search(head) and not NOT_FUNCTION.search(head):
                depth_of_body, start = depth, line
            depth += 1
            last_cut = position + 1
        elif c == "}":
            depth -= 1
            last_cut = position + 1
            if depth_of_body == depth:
                size = line - start - 1
                if size > FUNCTION_LINES_MAX:
                    yield start, size
                depth_of_body = None
        elif c == ";":
            last_cut = position + 1
