"""The files that git tracks (or would), read once."""

import functools
import pathlib
import re
import subprocess

CODE = (".h", ".cc")


class Tree:
    def __init__(self, root: pathlib.Path):
        self.root = root.resolve()
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=self.root, capture_output=True, check=True).stdout.decode()
        self.files = sorted(
            name for name in set(listed.split("\0")) if name and (self.root / name).is_file())

    def code(self, *folders: str) -> list[str]:
        return [name for name in self.files
                if name.endswith(CODE) and (not folders or name.startswith(folders))]

    @functools.cache
    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    @functools.cache
    def bare(self, name: str) -> str:
        """The text with comments and the insides of literals blanked, line numbers kept."""
        return strip(self.text(name))

    def lines(self, name: str):
        return enumerate(self.text(name).splitlines(), start=1)

    def bare_lines(self, name: str):
        return enumerate(self.bare(name).splitlines(), start=1)


_TOKENS = re.compile(
    r'R"(?P<tag>[^()\\ ]{0,16})\(.*?\)(?P=tag)"'
    r"|//[^\n]*"
    r"|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


def _blank(match: re.Match) -> str:
    kept = "".join(c if c == "\n" else " " for c in match.group(0))
    if match.group(0)[0] in "\"'R":
        return '"' + kept[1:-1] + '"'
    return kept


def strip(text: str) -> str:
    # An #include path is a literal that the rules need to see.
    parts = []
    for line in re.split(r"(?m)(^#include .*$)", text):
        parts.append(line if line.startswith("#include ") else _TOKENS.sub(_blank, line))
    return "".join(parts)
