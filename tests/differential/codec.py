"""Encodes requests and decodes answers from the tables in schema/rpc, on its own: no line of it is shared with src/.

A struct is a dict by the names of the schema, a list a list, bytes and records are bytes, a uuid is its 16 bytes, null is
None. What a dict lacks is written at its default. A None is written as null even where null is not allowed, and a
number outside of its type wraps: requests may be wrong on purpose.
"""

import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/codegen"))

import schema as model  # noqa: E402

NUMBERS = {"int8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8}
UNSIGNED = {"uint16", "uint32"}
SHORT = {"string"}  # an int16 length in versions that are not flexible


class Undecodable(Exception):
    pass


def load() -> model.Schema:
    return model.read(ROOT / "schema")


def default_of(types: dict, field: model.Field, version: int):
    wire = None if field.struct is not None else types[field.type].wire
    text = field.default
    if text == "null" and version in field.nullable:
        return None
    if field.is_list:
        return []
    if wire is None:
        return {inner.name: default_of(types, inner, version)
                for inner in field.struct.fields if version in inner.versions}
    if wire == "bool":
        return text == "true"
    if wire in NUMBERS:
        return int(text or 0)
    if wire == "float64":
        return float(text or 0)
    if wire == "uuid":
        return bytes(16)
    return "" if wire == "string" else b""


class Codec:
    """One message in one version."""

    def __init__(self, schema: model.Schema, message: model.Message, version: int):
        self.types = schema.types
        self.message = message
        self.version = version
        self.flexible = version in message.flexible

    def encode(self, value: dict) -> bytes:
        out = bytearray()
        self._put_struct(out, self.message.top, value)
        return bytes(out)

    def decode(self, data: bytes) -> dict:
        reader = Reader(data)
        value = self._take_struct(reader, self.message.top)
        if reader.at != len(data):
            raise Undecodable(f"{len(data) - reader.at} bytes behind the end of {self.message.name}")
        return value

    def wire_of(self, field: model.Field) -> str | None:
        return None if field.struct is not None else self.types[field.type].wire

    def default(self, field: model.Field):
        return default_of(self.types, field, self.version)

    def present(self, struct_: model.Struct):
        return [field for field in struct_.fields if self.version in field.versions]

    # Writing

    def _put_struct(self, out: bytearray, struct_: model.Struct, value: dict) -> None:
        tagged = []
        for field in self.present(struct_):
            mine = value[field.name] if field.name in value else \
                self.default(field)
            if field.tag is not None and self.flexible:
                tagged.append((field.tag, field, mine))
            else:
                self._put_field(out, field, mine, self.flexible and "flexible none" not in field.marks)
        if self.flexible:
            self._put_tags(out, tagged, value.get("_tags", {}))

    def _put_tags(self, out: bytearray, tagged: list, unknown: dict) -> None:
        values = dict(unknown)
        for tag, field, mine in tagged:
            wire = self.wire_of(field)
            if mine == self.default(field):
                continue
            part = bytearray()
            if wire is None and not field.is_list and self.version in field.nullable:
                put_uvarint(part, 0 if mine is None else 1)  # here alone null is a varint
                if mine is not None:
                    self._put_struct(part, field.struct, mine)
            else:
                self._put_field(part, field, mine, True)
            values[tag] = bytes(part)
        put_uvarint(out, len(values))
        for tag in sorted(values):
            put_uvarint(out, tag)
            put_uvarint(out, len(values[tag]))
            out += values[tag]

    def _put_field(self, out: bytearray, field: model.Field, value, compact: bool) -> None:
        wire = self.wire_of(field)
        if field.is_list:
            put_length(out, None if value is None else len(value), 4, compact)
            for element in value or ():
                if wire is None:
                    self._put_struct(out, field.struct, element)
                else:
                    put_plain(out, wire, element, compact)
        elif wire is None:
            if self.version in field.nullable:
                out += b"\xff" if value is None else b"\x01"
            if value is not None:
                self._put_struct(out, field.struct, value)
        else:
            put_plain(out, wire, value, compact)

    # Reading

    def _take_struct(self, reader: "Reader", struct_: model.Struct) -> dict:
        value = {}
        tags = {}
        for field in self.present(struct_):
            if field.tag is not None and self.flexible:
                tags[field.tag] = field
                value[field.name] = self.default(field)
            else:
                value[field.name] = self._take_field(
                    reader, field, self.flexible and "flexible none" not in field.marks)
        if not self.flexible:
            return value
        for _ in range(reader.uvarint()):
            tag, size = reader.uvarint(), reader.uvarint()
            part = Reader(reader.take(size))
            field = tags.get(tag)
            if field is None:
                value.setdefault("_tags", {})[tag] = part.data
                continue
            if field.struct is not None and not field.is_list and self.version in field.nullable:
                value[field.name] = self._take_struct(part, field.struct) if part.uvarint() else None
            else:
                value[field.name] = self._take_field(part, field, True)
            if part.at != size:
                raise Undecodable(f"{field.name}: its size is not the size of its tag")
        return value

    def _take_field(self, reader: "Reader", field: model.Field, compact: bool):
        wire = self.wire_of(field)
        if field.is_list:
            count = reader.length(4, compact)
            if count is None:
                return self._null(field)
            return [self._take_struct(reader, field.struct) if wire is None
                    else self._take_plain(reader, field, wire, compact) for _ in range(count)]
        if wire is None:
            if self.version in field.nullable and struct.unpack(">b", reader.take(1))[0] < 0:
                return None
            return self._take_struct(reader, field.struct)
        return self._take_plain(reader, field, wire, compact)

    def _take_plain(self, reader: "Reader", field: model.Field, wire: str, compact: bool):
        if wire in NUMBERS:
            return int.from_bytes(reader.take(NUMBERS[wire]), "big", signed=wire not in UNSIGNED)
        if wire == "bool":
            return reader.take(1) != b"\0"
        if wire == "float64":
            return struct.unpack(">d", reader.take(8))[0]
        if wire == "uuid":
            return reader.take(16)
        size = reader.length(2 if wire in SHORT else 4, compact)
        if size is None:
            return self._null(field)
        data = reader.take(size)
        return data.decode() if wire == "string" else data

    def _null(self, field: model.Field):
        if self.version not in field.nullable:
            raise Undecodable(f"{field.name} is null, which version {self.version} does not allow")
        return None


class Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        if not 0 <= size <= len(self.data) - self.at:
            raise Undecodable(f"{size} bytes wanted, {len(self.data) - self.at} are left")
        self.at += size
        return self.data[self.at - size:self.at]

    def uvarint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def length(self, width: int, compact: bool) -> int | None:
        size = self.uvarint() - 1 if compact else \
            int.from_bytes(self.take(width), "big", signed=True)
        return None if size < 0 else size


def put_uvarint(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def put_length(out: bytearray, size: int | None, width: int, compact: bool) -> None:
    if compact:
        put_uvarint(out, 0 if size is None else size + 1)
    else:
        out += (-1 if size is None else size).to_bytes(width, "big", signed=True)


def put_plain(out: bytearray, wire: str, value, compact: bool) -> None:
    if wire in NUMBERS:
        width = NUMBERS[wire]
        out += (value & (1 << 8 * width) - 1).to_bytes(width, "big")
    elif wire == "bool":
        out.append(1 if value else 0)
    elif wire == "float64":
        out += struct.pack(">d", value)
    elif wire == "uuid":
        out += value
    else:
        data = value.encode() if isinstance(value, str) else value
        put_length(out, None if data is None else len(data), 2 if wire in SHORT else 4, compact)
        out += data or b""


def request_header(api: model.Api, version: int, correlation: int, client: str | None) -> bytes:
    out = bytearray(struct.pack(">hhi", api.key, version, correlation))
    put_plain(out, "string", client, False)
    if version in api.request.flexible:
        out.append(0)  # no tags
    return bytes(out)


def response_header_size(api: model.Api, version: int) -> int:
    """Without tags, which no node sends. ApiVersions is answered with the oldest header (KIP-511)."""
    return 5 if version in api.response.flexible and api.name != "ApiVersions" else 4
