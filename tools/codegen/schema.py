"""Reads schema/rpc, schema/records and schema/types.tsv into plain objects.

The notation, one statement a line, "  -- " begins a remark that becomes a comment in the code:

    api 19 CreateTopics             record TopicRecord
    versions    2-7, flexible 5+    versions  0, flexible 0+
    listeners   broker, controller  stored    frame 2
    advertised  broker 2-7
    marks       forwarded, holds-buffer
    request                         fields
      topics  []CreatableTopic  v1+  key       name  TopicName

A field: name, type, versions unless all, then marks two spaces apart: nullable RANGE (type? is short
for all of the field's versions), tag N (tag N@RANGE when not all of them), key, ignorable, view,
zero-copy, flexible none, = DEFAULT. Two spaces deeper: the fields of its struct, at the first use
of the struct, and "! ERROR  -- what it means there" under a field that carries errors.
"""

import dataclasses
import pathlib
import re

TAGS_MAX = 16  # k_tags_known_max of protocol/tables.h
LAST = 127  # an open range ends here; Kafka's highest version of today is 18
STORED = ("frame", "key", "value", "versioned", "bare", "json")


class SchemaError(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Range:
    first: int
    last: int

    @property
    def empty(self) -> bool:
        return self.first > self.last

    def __contains__(self, version: int) -> bool:
        return self.first <= version <= self.last


NONE = Range(1, 0)


def parse_range(text: str) -> Range:
    if text == "none":
        return NONE
    if text.endswith("+"):
        return Range(int(text[:-1]), LAST)
    first, _, last = text.partition("-")
    return Range(int(first), int(last or first))


@dataclasses.dataclass(frozen=True)
class Type:
    name: str
    wire: str
    cxx: str


@dataclasses.dataclass
class Struct:
    name: str
    fields: list["Field"]


@dataclasses.dataclass
class Field:
    name: str
    type: str
    is_list: bool
    versions: Range
    nullable: Range
    tag: int | None
    tagged: Range
    default: str | None
    marks: frozenset[str]
    remark: str
    errors: list[tuple[str, str]]
    struct: Struct | None = None


@dataclasses.dataclass
class Message:
    name: str
    remark: str
    versions: Range
    flexible: Range
    structs: list[Struct]  # inner ones first, the message itself last
    kind: str  # request, response, record
    stored: str = ""
    id: int | None = None
    family: str = ""

    @property
    def top(self) -> Struct:
        return self.structs[-1]


@dataclasses.dataclass
class Api:
    key: int
    name: str
    remark: str
    versions: Range
    flexible: Range
    unstable: Range
    listeners: tuple[str, ...]
    advertised: dict[str, Range]
    marks: frozenset[str]
    request: Message
    response: Message


@dataclasses.dataclass
class Schema:
    types: dict[str, Type]
    apis: list[Api]
    records: list[Message]


def snake(name: str) -> str:
    """OffsetForLeaderEpoch -> offset_for_leader_epoch"""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def camel(name: str) -> str:
    """log_append_time_ms -> logAppendTimeMs"""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def read_types(path: pathlib.Path) -> dict[str, Type]:
    types = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, wire, cxx, _ = line.split("\t")
            types[name] = Type(name, wire, cxx)
    return types


class _Fields:
    """Collects the field lines of one message and resolves its structs."""

    def __init__(self, types: dict[str, Type]):
        self.types = types
        self.known: dict[str, Struct] = {}
        self.order: list[Struct] = []

    def read(self, name: str, lines: list[tuple[int, str]]) -> list[Struct]:
        fields, rest = self._level(lines, 1)
        if rest:
            raise SchemaError(f"cannot place: {rest[0][1]}")
        self.order.append(Struct(name, fields))
        return self.order

    def _level(self, lines, depth):
        fields = []
        while lines and lines[0][0] == depth:
            text = lines[0][1]
            if text.startswith("! "):
                raise SchemaError(f"an error line belongs deeper, under its field: {text}")
            field = self._field(text)
            lines = lines[1:]
            while lines and lines[0][0] == depth + 1 and lines[0][1].startswith("! "):
                name, _, meaning = lines[0][1][2:].partition("  -- ")
                field.errors.append((name.strip(), meaning))
                lines = lines[1:]
            inner, lines = self._level(lines, depth + 1)
            self._link(field, inner)
            fields.append(field)
        tags = [field.tag for field in fields if field.tag is not None]
        names = [field.name for field in fields]
        if len(tags) > TAGS_MAX or len(set(tags)) < len(tags) or len(set(names)) < len(names):
            raise SchemaError(f"too many tags, or a tag or name that stands twice: {names}")
        return fields, lines

    def _field(self, text: str) -> Field:
        text, _, remark = text.partition("  -- ")
        name, typename, *rest = re.split(r"  +", text.strip())
        field = Field(name, typename, False, parse_range("0+"), NONE, None, NONE, None,
                      frozenset(), remark, [])
        if rest and re.fullmatch(r"v\d+(\+|-\d+)?", rest[0]):
            field.versions = parse_range(rest.pop(0)[1:])
        if field.type.endswith("?"):
            field.type = field.type[:-1]
            field.nullable = field.versions
        if field.type.startswith("[]"):
            field.type, field.is_list = field.type[2:], True
        marks = set()
        for mark in rest:
            word, _, value = mark.partition(" ")
            if word == "nullable":
                field.nullable = parse_range(value)
            elif word == "tag":
                number, _, versions = value.partition("@")
                field.tag = int(number)
                field.tagged = parse_range(versions) if versions else field.versions
            elif word == "=":
                field.default = value
            elif mark in ("key", "ignorable", "view", "zero-copy", "flexible none"):
                marks.add(mark)
            else:
                raise SchemaError(f"unknown mark {mark!r} in: {text}")
        field.marks = frozenset(marks)
        return field

    def _link(self, field: Field, inner: list[Field]) -> None:
        if inner and field.type in self.types:
            raise SchemaError(f"{field.name}: a struct may not be called {field.type}")
        if inner and field.type in self.known:
            raise SchemaError(f"{field.name}: the fields of {field.type} stand twice")
        if inner:
            self.known[field.type] = Struct(field.type, inner)
            self.order.append(self.known[field.type])
        if field.type not in self.types:
            if field.type not in self.known:
                raise SchemaError(f"{field.name}: unknown type {field.type}")
            field.struct = self.known[field.type]


def _sections(path: pathlib.Path):
    """-> (first line, {head word: rest}, {section: [(depth, text)]})"""
    title, head, sections, current = "", {}, {}, None
    for raw in path.read_text(encoding="utf-8").splitlines():
        if not raw.strip() or raw.startswith("--"):
            continue
        if raw.startswith("  "):
            if current is None:
                raise SchemaError(f"{path}: a field before request, response or fields: {raw}")
            stripped = raw.lstrip()
            current.append(((len(raw) - len(stripped)) // 2, stripped.rstrip()))
        elif raw.strip() in ("request", "response", "fields"):
            current = sections[raw.strip()] = []
        elif not title:
            title = raw
        else:
            word, _, rest = raw.partition(" ")
            head[word] = [part.strip() for part in rest.split(",")]
    return title, head, sections


def _versions(head: dict) -> tuple[Range, Range, Range]:
    versions, flexible, unstable = parse_range(head["versions"][0]), NONE, NONE
    for part in head["versions"][1:]:
        word, value = part.split()
        if word == "flexible":
            flexible = parse_range(value)
        elif word == "unstable":
            unstable = parse_range(value)
        else:
            raise SchemaError(f"unknown: versions … {part}")
    return versions, flexible, unstable


def read_api(path: pathlib.Path, types: dict[str, Type]) -> Api:
    title, head, sections = _sections(path)
    title, _, remark = title.partition("  -- ")
    word, key, name = title.split()
    if word != "api" or path.name != f"{key}_{snake(name)}":
        raise SchemaError(f"{path}: must begin with 'api' and bear the name {key}_{snake(name)}")
    versions, flexible, unstable = _versions(head)
    advertised = {}
    for part in head["advertised"]:
        if part != "none":
            listener, value = part.split()
            advertised[listener] = parse_range(value)
    parts = {}
    for kind in ("request", "response"):
        structs = _Fields(types).read(f"{name}{kind.capitalize()}", sections[kind])
        parts[kind] = Message(structs[-1].name, remark, versions, flexible, structs, kind, id=int(key))
    return Api(int(key), name, remark, versions, flexible, unstable, tuple(head["listeners"]),
               advertised, frozenset(head.get("marks", ())), parts["request"], parts["response"])


def read_record(path: pathlib.Path, types: dict[str, Type]) -> Message:
    title, head, sections = _sections(path)
    title, _, remark = title.partition("  -- ")
    word, name = title.split()
    if word != "record" or path.name != snake(name):
        raise SchemaError(f"{path}: must begin with 'record' and bear the name {snake(name)}")
    versions, flexible, _ = _versions(head)
    stored, _, number = head["stored"][0].partition(" ")
    if stored not in STORED:
        raise SchemaError(f"{path}: unknown: stored {stored}")
    structs = _Fields(types).read(name, sections["fields"])
    return Message(name, remark, versions, flexible, structs, "record", stored,
                   int(number) if number else None, path.parent.name)


def read(schema: pathlib.Path) -> Schema:
    types = read_types(schema / "types.tsv")

    def each(folder, pattern, reader):
        found = []
        for path in sorted((schema / folder).glob(pattern)):
            if path.is_file():
                try:
                    found.append(reader(path, types))
                except (SchemaError, KeyError, ValueError) as error:
                    raise SchemaError(f"{path}: {error}") from error
        return found

    apis = sorted(each("rpc", "*", read_api), key=lambda api: api.key)
    records = sorted(each("records", "*/*", read_record),
                     key=lambda r: (r.family, r.stored, r.id if r.id is not None else -1, r.name))
    return Schema(types, apis, records)
