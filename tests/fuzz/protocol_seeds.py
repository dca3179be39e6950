#!/usr/bin/env python3
"""Writes seeds for the fuzz targets from the golden vectors: protocol_seeds.py DIRECTORY.

The order of messages is that of protocol::all_messages(): request and response of each API by key,
then records by family, stored form, id and name, as tools/codegen writes them.
"""

import gzip
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/codegen"))

import schema as model  # noqa: E402

GOLDEN = ROOT / "tests/data/golden"
RECORD_CHOICE = {("metadata", "frame"): 0, ("tiered", "frame"): 1, ("group", "key"): 2,
                 ("share", "key"): 3, ("transaction", "key"): 4, ("group", "value"): 6,
                 ("share", "value"): 7, ("transaction", "value"): 8}


def rows(name: str):
    with gzip.open(GOLDEN / name, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def main(folder: pathlib.Path) -> None:
    schema = model.read(ROOT / "schema")
    messages = [m for api in schema.apis for m in (api.request, api.response)] + schema.records
    place = {message.name: index for index, message in enumerate(messages)}
    by_name = {message.name: message for message in messages}
    for name in ("protocol_message", "protocol_record", "protojson"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    count = 0

    def seed(target: str, data: bytes) -> None:
        nonlocal count
        count += 1
        (folder / target / f"{count:05}").write_bytes(data)

    def message(name: str, version: int, body: bytes, json: str) -> None:
        head = place[name].to_bytes(2, "big")
        versions = by_name[name].versions
        seed("protocol_message", head + bytes([version - versions.first]) + body)
        if version == versions.last:
            seed("protojson", head + body)
            seed("protojson", head + json.encode())

    for file, version, kind, body, json, _ in rows("messages.tsv.gz"):
        name = file.split("-", 1)[1] + kind.capitalize()
        message(name, int(version), bytes.fromhex(body), json)
    for name, version, _, body, json, _, framed in rows("records.tsv.gz"):
        message(name, int(version), bytes.fromhex(body), json)
        record = by_name[name]
        choice = RECORD_CHOICE.get((record.family, record.stored))
        if choice is not None and framed != "-":
            middle = bytes([record.id]) if record.stored == "value" else b""
            seed("protocol_record", bytes([choice]) + middle + bytes.fromhex(framed))
    for _, kind, body, _, _ in rows("headers.tsv.gz"):
        if kind.startswith("request-frame"):
            seed("protocol_record", bytes([5]) + bytes.fromhex(body)[4:])
    print(f"{count} seeds in {folder}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
