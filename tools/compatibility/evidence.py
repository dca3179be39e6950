"""What the repository can show: sources, tests, golden vectors, and what runs of tests recorded."""

import collections
import functools
import gzip
import pathlib
import re
import sys


class Evidence:
    def __init__(self, root: pathlib.Path):
        self.root = root
        sys.path.insert(0, str(root / "tools/codegen"))
        import schema as model  # noqa: PLC0415  of the tree that is described
        self.schema = model.read(root / "schema")
        self.snake = model.snake
        self.sources = self._texts("src", (".cc", ".h"))
        self.tests = self._texts("tests", (".cc", ".py", ".tsv", ".txt"))

    def _texts(self, folder: str, endings: tuple[str, ...]) -> dict[str, str]:
        return {str(path.relative_to(self.root)): path.read_text(encoding="utf-8", errors="replace")
                for path in sorted((self.root / folder).rglob("*"))
                if path.suffix in endings and "node_modules" not in path.parts}

    @staticmethod
    def naming(texts: dict[str, str], pattern: str, under: str | tuple[str, ...] = "") -> list[str]:
        """The files in which the pattern occurs."""
        regex = re.compile(pattern)
        return [name for name, text in texts.items() if name.startswith(under) and regex.search(text)]

    def rows(self, name: str) -> list[list[str]]:
        lines = (self.root / name).read_text(encoding="utf-8").splitlines()
        return [line.split("\t") for line in lines if line and not line.startswith("#")]

    @functools.cached_property
    def golden(self) -> dict[str, set[int]]:
        """API -> versions of which both request and response are in the vectors."""
        kinds = collections.defaultdict(set)
        with gzip.open(self.root / "tests/data/golden/messages.tsv.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("#"):
                    name, version, kind = line.split("\t", 3)[:3]
                    kinds[name.partition("-")[2], int(version)].add(kind)
        out = collections.defaultdict(set)
        for (api, version), seen in kinds.items():
            if seen == {"request", "response"}:
                out[api].add(version)
        return out

    @functools.cached_property
    def advertised_by_kafka(self) -> dict[str, dict[str, tuple[int, int]]]:
        """API -> listener -> versions, as a running Apache Kafka 4.4.0 said."""
        out = {}
        for row in self.rows("tests/data/facts/versions.tsv"):
            if row[0] == "api":
                out[row[2]] = {listener: (int(first), int(last))
                               for listener, first, last in (("broker", *row[3:5]), ("controller", *row[5:7]))
                               if first != "-"}
        return out

    @functools.cached_property
    def differential(self) -> dict[str, dict]:
        """kind -> what -> times: api (name, version), error (code)."""
        out = {"api": {}, "error": {}}
        for row in self.rows("tests/evidence/differential.tsv"):
            if row[0] == "api":
                out["api"][row[1], int(row[2])] = int(row[3])
            elif row[0] == "error":
                out["error"][int(row[1])] = int(row[2])
        return out

    @functools.cached_property
    def clients(self) -> dict[str, dict[str, set[int]]]:
        """API -> client -> versions that it used."""
        out = collections.defaultdict(lambda: collections.defaultdict(set))
        for api, version, client in self.rows("tests/evidence/clients.tsv"):
            out[api][client].add(int(version))
        return out


def ranges(versions) -> str:
    """{0, 1, 2, 5} -> 0-2, 5"""
    out, run = [], []
    for version in sorted(versions):
        if run and version != run[-1] + 1:
            out.append(run)
            run = []
        run.append(version)
    if run:
        out.append(run)
    return ", ".join(f"{r[0]}" if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in out)


def table(head: tuple[str, ...], rows: list[tuple]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def code(paths: list[str], most: int = 2) -> str:
    """Paths as the documents write them; the first ones where there are many."""
    return ", ".join(f"`{path}`" for path in paths[:most])
