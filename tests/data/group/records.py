#!/usr/bin/env python3
"""Prints the records of an uncompressed segment: offset, producer id, control or transactional, key, value."""
import struct
import sys


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at


def field(data, at):
    size, at = varint(data, at)
    return (None, at) if size < 0 else (data[at:at + size], at + size)


def main():
    data = open(sys.argv[1], "rb").read()
    at = 0
    while at + 61 <= len(data):
        base, size = struct.unpack_from(">qi", data, at)
        attributes, = struct.unpack_from(">h", data, at + 21)
        producer, = struct.unpack_from(">q", data, at + 43)
        count, = struct.unpack_from(">i", data, at + 57)
        kind = "control" if attributes & 0x20 else "transactional" if attributes & 0x10 else "plain"
        record = at + 61
        for _ in range(count):
            length, body = varint(data, record)
            record = body + length
            _, body = varint(data, body + 1)
            delta, body = varint(data, body)
            key, body = field(data, body)
            value, body = field(data, body)
            print(base + delta, producer, kind, key.hex(), "-" if value is None else value.hex(), sep="\t")
        at += 12 + size


main()
