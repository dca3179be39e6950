"""Reads tests/data/facts (tables of Apache Kafka 4.4's own message definitions), independently of schema.py."""

import dataclasses
import gzip
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
FACTS = ROOT / "tests/data/facts"


@dataclasses.dataclass
class Line:
    path: str  # struct.field of the tree: topics.partitions.index
    type: str
    versions: str
    marks: dict[str, str]  # nullable, tag, default, ignorable, map-key, zero-copy, flexible, entity


@dataclasses.dataclass
class Block:
    title: str
    fields: dict[str, list[Line]]


ENTITIES = ("brokerId", "topicName", "groupId", "transactionalId", "producerId")


def read(name: str) -> list[Block]:
    blocks: list[Block] = []
    stack: list[str] = []
    part = "fields"
    for line in gzip.open(FACTS / name, "rt", encoding="utf-8").read().splitlines():
        if line.startswith("== "):
            blocks.append(Block(line[3:], {}))
            part = "fields"
        elif line in ("request", "response"):
            part = line
        elif line.startswith("  ") and blocks:
            indent, field, kind, versions, rest = re.match(
                r"( +)(\S+)\s+(\S+)\s+(\S+)(?:  (.*))?$", line).groups()
            stack = stack[:len(indent) // 2 - 1] + [field]
            marks = {}
            for mark in filter(None, (m.strip() for m in (rest or "").split("  "))):
                word, _, value = mark.partition(" ")
                if mark in ENTITIES:
                    word, value = "entity", mark
                marks[word] = value
            blocks[-1].fields.setdefault(part, []).append(
                Line(".".join(stack), kind, versions, marks))
        if line in ("request", "response"):
            blocks[-1].fields.setdefault(part, [])
    return blocks


def advertised() -> dict[int, tuple[str, ...]]:
    """API key -> name, broker first and last, controller first and last, as a running Kafka says."""
    rows = {}
    for line in (FACTS / "versions.tsv").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if cells[0] == "api":
            rows[int(cells[1])] = tuple(cells[2:7])
    return rows
