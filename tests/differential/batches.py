"""Record batches to produce, good and bad, and fetched ones taken apart so that they can be compared."""

import contextlib
import gzip
import hashlib
import pathlib
import random
import struct
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import wire  # noqa: E402

HEAD = struct.Struct(">qiibIhiqqqhii")  # a batch of format 2, up to its records
FIRST_TIMESTAMP = 1_700_000_000_000
TRANSACTIONAL, CONTROL = 0x10, 0x20
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def record(delta: int, key: bytes | None, value: bytes | None, stamp: int = 0,
           headers: list[tuple[str, bytes]] = ()) -> bytes:
    body = b"\0" + wire.varint(stamp) + wire.varint(delta)
    for part in (key, value):
        body += wire.varint(-1) if part is None else wire.varint(len(part)) + part
    body += wire.varint(len(headers))
    for name, text in headers:
        body += wire.varint(len(name)) + name.encode() + wire.varint(len(text)) + text
    return wire.varint(len(body)) + body


def batch(records: bytes, count: int, *, attributes: int = 0, first: int = FIRST_TIMESTAMP,
          last: int | None = None, producer: tuple[int, int, int] = (-1, -1, -1), base: int = 0,
          epoch: int = -1, magic: int = 2, last_delta: int | None = None,
          stated: int | None = None, crc: int | None = None, length: int | None = None) -> bytes:
    tail = struct.pack(">hiqqqhii", attributes, count - 1 if last_delta is None else last_delta, first,
                       first if last is None else last, *producer,
                       count if stated is None else stated) + records
    crc = wire.crc32c(tail) if crc is None else crc
    length = len(tail) + 9 if length is None else length
    return struct.pack(">qiibI", base, length, epoch, magic, crc) + tail


def packed(codec: int, data: bytes) -> bytes:
    """Compressed so that any reader takes it; literally, where Python's library has no such codec."""
    if codec == 1:
        return gzip.compress(data, 6, mtime=0)
    if codec == 2:
        return _varint(len(data)) + b"\xf4" + struct.pack("<H", len(data) - 1) + data
    if codec == 3:
        head = b"\x60\x40"  # version 1, blocks stand alone; blocks of 64 KB
        frame = b"\x04\x22\x4d\x18" + head + bytes([_xxh32(head) >> 8 & 0xFF])
        return frame + struct.pack("<I", len(data) | 1 << 31) + data + bytes(4)
    if codec == 4:
        head = b"\x28\xb5\x2f\xfd\x60" + struct.pack("<H", len(data) - 256)
        return head + (len(data) << 3 | 1).to_bytes(3, "little") + data
    return data


def _varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _xxh32(data: bytes) -> int:
    """Of fewer than 4 bytes, seed 0."""
    mask, value = 0xFFFFFFFF, 374761393 + len(data)
    for byte in data:
        value = value + byte * 374761393 & mask
        value = (value << 11 | value >> 21) & mask
        value = value * 2654435761 & mask
    value = (value ^ value >> 15) * 2246822519 & mask
    value = (value ^ value >> 13) * 3266489917 & mask
    return value ^ value >> 16


def good(rng: random.Random, producer: tuple[int, int, int] = (-1, -1, -1), codec: int = 0) -> bytes:
    count = rng.randint(1, 4)
    first = FIRST_TIMESTAMP + rng.randrange(0, 5000, 7)
    stamps = [rng.randrange(0, 900, 3) for _ in range(count)]
    records = b"".join(
        record(at, rng.choice((b"k", b"key-2")), rng.choice((b"v", b"a value", b"x" * 300)),
               stamps[at], rng.choice(([], [("h", b"1")]))) for at in range(count))
    if codec:
        records += b"" if codec != 4 or len(records) >= 256 else b""
        if codec == 4 and len(records) < 256:  # the form of frame that packed() writes begins there
            count += 1
            records += record(count - 1, b"k", b"y" * 300, stamps[0])
        records = packed(codec, records)
    return batch(records, count, attributes=codec, first=first, last=first + max(stamps),
                 producer=producer)


def wrong(rng: random.Random) -> tuple[str, bytes | None]:
    """A name for what is wrong, and the records."""
    one = record(0, b"k", b"value")
    two = one + record(1, b"k", b"second")
    choices = {
        "null": None,
        "empty": b"",
        "crc": batch(one, 1, crc=1),
        "magic 0": batch(one, 1, magic=0),
        "magic 1": batch(one, 1, magic=1),
        "magic 3": batch(one, 1, magic=3),
        "no records": batch(b"", 0),
        "count too large": batch(one, 1, stated=2),
        "count too small": batch(two, 2, stated=1),
        "negative count": batch(one, 1, stated=-1),
        "delta too large": batch(one, 1, last_delta=5),
        "delta negative": batch(one, 1, last_delta=-1),
        "offsets not in order": batch(record(1, b"k", b"v") + record(0, b"k", b"v"), 2),
        "cut": batch(one, 1)[:-3],
        "cut in the head": batch(one, 1)[:40],
        "length too short": batch(one, 1, length=10),
        "length within the head": batch(one, 1, length=30),
        "length negative": batch(one, 1, length=-5),
        "garbage behind": batch(one, 1) + b"abc",
        "garbage in the records": batch(one + b"\0\0", 1),
        "two batches": batch(one, 1) + batch(one, 1),
        "control": batch(one, 1, attributes=CONTROL),
        "transactional without producer": batch(one, 1, attributes=TRANSACTIONAL),
        "unknown codec": batch(one, 1, attributes=5),
        "broken gzip": batch(b"not gzip", 1, attributes=1),
        "broken zstd": batch(b"not zstd", 1, attributes=4),
        "unused attribute": batch(one, 1, attributes=0x100),
        "log append time claimed": batch(one, 1, attributes=8),
        "base offset": batch(one, 1, base=77),
        "leader epoch": batch(one, 1, epoch=55),
        "no timestamp": batch(one, 1, first=-1),
        "far future": batch(one, 1, first=9_000_000_000_000),
        "max timestamp wrong": batch(one, 1, last=FIRST_TIMESTAMP + 50_000),
        "no key": batch(record(0, None, b"v"), 1),
        "no value": batch(record(0, b"k", None), 1),
        "some without key": batch(record(0, b"k", b"v") + record(1, None, b"v"), 2),
        "too large": batch(record(0, b"k", b"z" * 3000), 1),
        "producer without sequence": batch(one, 1, producer=(7, 0, -1)),
        "producer without epoch": batch(one, 1, producer=(7, -1, 0)),
        "negative producer": batch(one, 1, producer=(-5, 0, 0)),
        "producer and two batches": batch(one, 1, producer=(7, 0, 0)) + batch(one, 1, producer=(7, 0, 1)),
    }
    name = rng.choice(sorted(choices))
    return name, choices[name]


def taken_apart(data: bytes | None, log_append_time: bool = False):
    """What a person can compare: the heads of the batches, a digest of their records, and a tail that is cut off.

    Under log append time the stamp of the append is left out, and the checksum with it; so are the stamp of a marker and
    the id of a transaction's producer, which the node drew.
    """
    if data is None:
        return None
    out, at = [], 0
    while len(data) - at >= HEAD.size:
        (base, length, epoch, magic, crc, attributes, delta, first, last, producer, producer_epoch,
         sequence, count) = HEAD.unpack_from(data, at)
        if magic != 2 or length + 12 > len(data) - at or length < HEAD.size - 12:
            break
        stamped = log_append_time or attributes & 8 != 0 or attributes & CONTROL != 0
        transactional = attributes & TRANSACTIONAL != 0
        body = data[at + HEAD.size:at + 12 + length]
        if attributes & 7 == 1:  # what is in it, however well it was compressed
            with contextlib.suppress(OSError, EOFError, zlib.error):
                body = gzip.decompress(body)
        out.append({
            "base_offset": base, "last_offset_delta": delta, "leader_epoch": epoch,
            "attributes": attributes, "crc": "stamped" if stamped or transactional else crc,
            "first_timestamp": "stamped" if attributes & CONTROL else first,
            "max_timestamp": "stamped" if stamped else last,
            "producer": ["drawn" if transactional and producer > 0 else producer, producer_epoch, sequence],
            "count": count,
            "records": hashlib.sha256(body).hexdigest()[:16]})
        at += 12 + length
    if at < len(data):
        out.append({"cut_off": len(data) - at})
    return out
