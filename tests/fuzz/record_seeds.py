#!/usr/bin/env python3
"""Unpacks Kafka's golden batches into seeds for the record_* fuzz targets.

usage: record_seeds.py DIRECTORY    makes DIRECTORY/record_batch, record_gzip, ... one file a case
"""

import gzip
import pathlib
import sys

GOLDEN = pathlib.Path(__file__).parent.parent / "data" / "golden" / "batches.tsv.gz"
CODECS = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
HEADER_SIZE = 61
ATTRIBUTES = 22


def main() -> None:
    out = pathlib.Path(sys.argv[1])

    def put(target: str, name: str, data: bytes) -> None:
        folder = out / f"record_{target}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    for line in gzip.open(GOLDEN, "rt", encoding="utf-8"):
        if line.startswith("#"):
            continue
        name, hexadecimal, _ = line.split("\t")
        data = bytes.fromhex(hexadecimal)
        if name.startswith(("v0-", "v1-")):
            put("message_set", name, data)
            continue
        for rules in (0x00, 0x03, 0x48):
            put("batch", f"{name}-{rules:02x}", bytes([rules]) + data)
        if name == "three-none":  # a long body: records with room behind them take a quicker way
            body = data[HEADER_SIZE:] * 10
            header = bytearray(data[:HEADER_SIZE])
            header[8:12] = (len(body) + HEADER_SIZE - 12).to_bytes(4, "big")
            header[26] = 29  # the last offset delta
            header[60] = 30  # the count
            put("batch", "thirty", b"\0" + bytes(header) + body)
        codec = CODECS.get(data[ATTRIBUTES] & 7)
        if codec:
            put(codec, name, data[HEADER_SIZE:])


if __name__ == "__main__":
    main()
