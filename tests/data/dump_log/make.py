"""Makes the folders here from ../golden, and has Apache Kafka's kafka-dump-log print them: make.py LIBS.

LIBS is a folder with the jars of Apache Kafka 4.3.1 and what they need.
"""

import gzip
import pathlib
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
LOG = f"{0:020}.log"
TRANSACTION_STATES = ["Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort"]


def rows(name: str) -> list[list[str]]:
    text = gzip.decompress((GOLDEN / name).read_bytes()).decode()
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(number: int) -> bytes:
    zigzag = ((number << 1) ^ (number >> 63)) & (2**64 - 1)
    out = b""
    while zigzag >= 0x80:
        out += bytes([zigzag & 0x7F | 0x80])
        zigzag >>= 7
    return out + bytes([zigzag])


def batch(records: list[tuple[bytes | None, bytes | None]]) -> bytes:
    body = b""
    for index, pair in enumerate(records):
        record = b"\0" + varint(index) + varint(index)
        for part in pair:
            record += varint(-1) if part is None else varint(len(part)) + part
        record += varint(0)
        body += varint(len(record)) + record
    count = len(records)
    rest = struct.pack(">hiqqqhii", 0, count - 1, 1000, 999 + count, -1, -1, -1, count) + body
    return struct.pack(">qiibI", 0, 9 + len(rest), 0, 2, crc32c(rest)) + rest


def put(folder: str, name: str, content: bytes) -> None:
    (HERE / folder).mkdir(exist_ok=True)
    (HERE / folder / name).write_bytes(content)


def make_batches() -> None:
    runs = {"v0": b"", "v1": b"", "v2": b""}
    for name, bytes_hex, _ in rows("batches.tsv.gz"):
        if not name.startswith("large"):
            runs[name[:2] if name[:2] in runs else "v2"] += bytes.fromhex(bytes_hex)
    for index, run in enumerate(runs.values()):
        put("batches-0", f"{index:020}.log", run)


def make_remote(records: list[list[str]]) -> None:
    values = []
    for name, _, _, _, json, case, framed in records:
        if not name.startswith("Remote") or case not in ("full", "nulls", "default"):
            continue
        value = bytearray(bytes.fromhex(framed))
        values.append((None, bytes(value)))
        # States in the vectors have no names; here one that has.
        state = int(json.split("State\":")[-1].split("}")[0].split(",")[0])
        for back in range(1, 8):
            if case != "default" and value[-back] == state & 255:
                named = bytearray(value)
                named[-back] = 1
                values.append((None, bytes(named)))
    put("__remote_log_metadata-0", LOG, batch(values))


def make_coordinators(records: list[list[str]]) -> None:
    topics: dict[str, list] = {"__consumer_offsets": [], "__transaction_state": [], "__share_group_state": []}
    own = {"TransactionLog": "__transaction_state", "ShareSnapshot": "__share_group_state",
           "ShareUpdate": "__share_group_state"}
    for name in sorted({row[0][:-3] for row in records if row[0].endswith("Key")}):
        if name == "StreamsGroupMetadata":  # 4.4 added fields that the tool of 4.3 does not know
            continue
        pairs = topics[own.get(name, "__consumer_offsets")]
        keys = [bytes.fromhex(row[6]) for row in records
                if row[0] == name + "Key" and row[5] in ("full", "default", "extreme")]
        pairs += [(keys[0], bytes.fromhex(row[6])) for row in records
                  if row[0] == name + "Value" and row[5] in ("full", "nulls", "default")]
        pairs += [(key, None) for key in keys]
    for topic, pairs in topics.items():
        key = pairs[0][0]
        pairs += [(b"\x03\x99abc", b"x"), (b"\0", b"y"), (key, b"\0\x63abc"), (key, b"\0")]
        put(topic + "-0", LOG, batch(pairs))


def make_texts() -> None:
    texts = [b"a\x80b", b"\xc3\xa9\xe2\x82", b"\xf0\x9f\x98\x80\xf0\x9f", b"\xed\xa0\x80\xc0\xaf\xff",
             b"\xed\xa0A\xed\xa0", b"\xe2\x28\xa1\xf4\x90\x80\x80"]
    put("texts-0", LOG, batch([(text, text) for text in texts] + [(None, None), (b"k", None)]))


def make_damaged() -> None:
    """Indexes that do not fit, and a log with something behind its last batch."""
    source = HERE.parent / "log" / "one" / "txn-0"
    log = (source / LOG).read_bytes() + (source / f"{3:020}.log").read_bytes()
    put("damaged-0", LOG, log[:-7])
    put("damaged-0", f"{0:020}.index", struct.pack(">iiii", 2, 0, 7, 0))
    put("damaged-0", f"{0:020}.timeindex",
        b"".join(struct.pack(">qi", time, offset) for time, offset in ((5, 2), (4, 2), (9, 4), (1, 10**6))))
    put("damaged-0", f"{3:020}.snapshot", b"abc")
    put("damaged-0", f"{4:020}.snapshot", struct.pack(">hIi", 1, 7, 0))
    put("damaged-0", f"{4:020}.index", struct.pack(">ii", 2, 10**6))
    put("damaged-0", f"{4:020}.log", log[:100])
    put("damaged-0", f"{5:020}.index", b"\0" * 5)
    put("damaged-0", f"{5:020}.log", b"\0" * 100)


def kafka_prints(libs: str) -> None:
    shutil.rmtree(HERE / "printed", ignore_errors=True)
    (HERE / "printed").mkdir()
    for line in (HERE / "cases.tsv").read_text().splitlines():
        name, folder, files, *options = line.split("\t")
        words = ["java", "-Xmx256m", "-Dfile.encoding=UTF-8", "-cp", f"{libs}/*",
                 "org.apache.kafka.tools.DumpLogSegments", "--files", files, *options]
        done = subprocess.run(words, cwd=HERE / folder, capture_output=True, check=False,
                              env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        said = [line for line in done.stderr.decode().splitlines() if not line.startswith(("\t", "Caused by"))]
        out = done.stdout.decode()
        for number, state in enumerate(TRANSACTION_STATES):  # as 4.4 prints them
            out = out.replace(f'"transactionStatus":{number}', f'"transactionStatus":"{state}"')
        if said and said[0].startswith("Non-consecutive"):  # in the order of Java's hashes
            blocks = ("\n" + "\n".join(said)).split("\nNon")[1:]
            said = [line for block in sorted(blocks) for line in ("Non" + block).splitlines()]
        said_text = "".join(line + "\n" for line in said)
        text = out + "--- stderr\n" + said_text.replace(f"{(HERE / folder).resolve()}/", "<dir>/")
        (HERE / "printed" / f"{name}.txt").write_text(text + f"--- exit {done.returncode}\n")


if __name__ == "__main__":
    record_rows = rows("records.tsv.gz")
    make_batches()
    make_remote(record_rows)
    make_coordinators(record_rows)
    make_texts()
    make_damaged()
    kafka_prints(sys.argv[1])
