#!/usr/bin/env python3
"""Rows of Moldau beside Apache Kafka, measured in one run on one machine.

Apache Kafka is warmed up by three unmeasured runs of each load. CPU is the server process's user and
system time; start is from exec to the first ApiVersions answer; memory is resident.
"""

import argparse
import json
import mmap
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/peers"), str(ROOT / "tests/e2e")]

import peers  # noqa: E402
import wire  # noqa: E402

LOAD = ROOT / "build/bench/load"
GB = 1e9
SERVER_MEMORY = 3 << 30  # for the two servers and the client
FULL, QUICK = 3_000_000_000, 600_000_000
BATCH = ("batch.size=1000000", "linger.ms=50", "batch.num.messages=100000",
         "queue.buffering.max.messages=1000000", "queue.buffering.max.kbytes=262144")
FETCH = ("fetch.message.max.bytes=4000000", "fetch.max.bytes=50000000",
         "queued.max.messages.kbytes=262144", "check.crcs=false")


def build() -> None:
    LOAD.parent.mkdir(parents=True, exist_ok=True)
    source = ROOT / "bench/macro/load.cc"
    if not LOAD.exists() or LOAD.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["clang++-19", "-std=c++23", "-O2", str(source), "-o", str(LOAD), "-lrdkafka"],
                       check=True)


class UsedPages:
    """Sees to it that the page cache grows on pages that were in use before.

    A virtual machine gives free memory back to its host within seconds, and then the first touch of a
    page is a fault of the host: 1.9 CPU s per GB written here, against 0.2. Which of the two a run
    meets would be chance. A machine that has run for a while, its memory full of page cache, meets
    the second. So most of the memory is held here, and the rest is touched before each run.
    """

    BLOCK = b"\1" * (1 << 22)
    KEPT_FREE = 512 << 20

    def __init__(self, left: int):
        print("    taking memory that the runs do not need", flush=True)
        self.held = self.touch(self.free() - left)

    def renew(self) -> None:
        self.touch(self.free() - self.KEPT_FREE).close()

    @staticmethod
    def free() -> int:
        text = pathlib.Path("/proc/meminfo").read_text()
        return int(text.partition("MemFree:")[2].split()[0]) * 1024

    def touch(self, size: int) -> mmap.mmap:
        blocks = max(1, size // len(self.BLOCK))
        pages = mmap.mmap(-1, blocks * len(self.BLOCK))
        for _ in range(blocks):
            pages.write(self.BLOCK)
        return pages


def load(node, memory: UsedPages | None, action: str, topic: str, records: int, size: int,
         *settings: str) -> float:
    """Server CPU seconds per GB of payload."""
    if memory and action == "produce":
        memory.renew()
    before = node.cpu_seconds()
    done = subprocess.run([str(LOAD), action, node.bootstrap, topic, "4", str(records), str(size),
                           *settings], stdout=subprocess.PIPE, check=True, timeout=1200)
    time.sleep(0.3)  # what the server does after the last answer belongs to the load
    _, volume, seconds = done.stdout.split()
    cpu = node.cpu_seconds() - before
    rate = int(volume) / float(seconds) / 1e6
    print(f"    {node.kind:7} {action} {topic}: {cpu / (int(volume) / GB):.3f} s/GB, {rate:.0f} MB/s",
          flush=True)
    return cpu / (int(volume) / GB)


def topic(node, name: str) -> None:
    subprocess.run(peers.java("tools-4.3", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server",
                              node.bootstrap, "--create", "--if-not-exists", "--topic", name,
                              "--partitions", "4"), check=True, stdout=subprocess.DEVNULL)


def cpu_rows(volume: int, chosen) -> list[dict]:
    rows = (("produce_1k_acks_all", "produce", 1000, ("acks=all", *BATCH)),
            ("produce_100_acks_1", "produce", 100, ("acks=1", *BATCH)),
            ("fetch_1k", "consume", 1000, ("isolation.level=read_uncommitted", *FETCH)),
            ("fetch_1k_read_committed", "consume", 1000, ("isolation.level=read_committed", *FETCH)))
    rows = [row for row in rows if chosen(row[0])]
    if not rows:
        return []
    results: dict[str, dict[str, float]] = {row[0]: {} for row in rows}
    with peers.scratch() as folder:
        memory = UsedPages(2 * volume + SERVER_MEMORY)
        for kind in ("kafka", "moldau"):
            with peers.Node(kind, folder / kind) as node:
                for name, action, size, settings in rows:
                    results[name][kind] = one_cpu_row(node, memory, action, size, settings, volume)
                node.stop()
    return [row_of(name, "CPU s/GB", "lower", sides["moldau"], sides["kafka"])
            for name, sides in results.items()]


def one_cpu_row(node, memory, action: str, size: int, settings, volume: int) -> float:
    name = f"bench-{size}"
    topic(node, name)
    records = volume // size // (3 if size < 1000 else 1)
    warm = 3 if node.kind == "kafka" else 1
    if action == "consume":
        load(node, None, "produce", name, records, size, "acks=1", *BATCH)
    for _ in range(warm):
        load(node, None, action, name, records // 2, size, *settings)
    return statistics.median(load(node, memory, action, name, records, size, *settings) for _ in range(3))


def row_of(name: str, unit: str, better: str, ours: float, theirs: float) -> dict:
    return {"row": name, "unit": unit, "better": better, "moldau": round(ours, 3),
            "peer": "Apache Kafka 4.4.0", "peer_value": round(theirs, 3),
            "ratio": round(ours / theirs, 4) if theirs else None}


def answers_after(node) -> float:
    """Milliseconds from exec to an ApiVersions answer."""
    node.format()
    command = ([str(peers.DIST / "bin/moldau"), "server", str(node.file)] if node.kind == "moldau"
               else peers.java("server-4.4", "kafka.Kafka", str(node.file), heap="1g"))
    start = time.monotonic()
    with node.log.open("ab") as log:
        node.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    while True:
        try:
            if wire.ask(node.port, wire.api_versions(), 60) is not None:
                return (time.monotonic() - start) * 1000
        except OSError:
            time.sleep(0.0005)


def life_rows(volume: int, chosen) -> list[dict]:
    names = ("start_empty", "memory_idle", "start_loaded", "memory_loaded", "stop_idle")
    if not any(chosen(name) for name in names):
        return []
    sides: dict[str, dict[str, float]] = {name: {} for name in names}
    with peers.scratch() as folder:
        for kind in ("kafka", "moldau"):
            starts = []
            for i in range(3):
                node = peers.Node(kind, folder / f"{kind}-{i}")
                starts.append(answers_after(node))
                time.sleep(2)
                sides["memory_idle"][kind] = node.rss_mb()
                begin = time.monotonic()
                node.stop()
                sides["stop_idle"][kind] = (time.monotonic() - begin) * 1000
            sides["start_empty"][kind] = statistics.median(starts)
            node = peers.Node(kind, folder / f"{kind}-loaded").start()
            topic(node, "bench-1000")
            load(node, None, "produce", "bench-1000", volume // 1000, 1000, "acks=1", *BATCH)
            sides["memory_loaded"][kind] = node.rss_mb()
            node.stop()
            again = []
            for _ in range(3):
                again.append(answers_after(node))
                node.stop()
            sides["start_loaded"][kind] = statistics.median(again)
    units = {"memory_idle": "MB", "memory_loaded": "MB"}
    return [row_of(name, units.get(name, "ms"), "lower", both["moldau"], both["kafka"])
            for name, both in sides.items() if chosen(name)]


TOOLS = (("tool_topics", "kafka-topics.sh", "org.apache.kafka.tools.TopicCommand", ("--list",)),
         ("tool_get_offsets", "kafka-get-offsets.sh", "org.apache.kafka.tools.GetOffsetShell", ()),
         ("tool_configs", "kafka-configs.sh", "kafka.admin.ConfigCommand",
          ("--describe", "--entity-type", "brokers", "--entity-name", "1", "--all")))


def tool_rows(chosen) -> list[dict]:
    rows = [row for row in TOOLS if chosen(row[0])]
    found = []
    with peers.scratch() as folder:
        if not rows:
            return found
        with peers.Node("moldau", folder / "node") as node:
            topic(node, "bench-tools")
            for name, script, main, words in rows:
                words = ("--bootstrap-server", node.bootstrap, *words)
                ours = timed([str(peers.DIST / "bin" / script), *words])
                theirs = timed(peers.java("tools-4.3", main, *words))
                found.append(row_of(name, "ms", "lower", ours, theirs) | {"peer": "Apache Kafka 4.3.1"})
    return found


def timed(command: list[str]) -> float:
    times = []
    for _ in range(5):
        start = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append((time.monotonic() - start) * 1000)
    return statistics.median(times)


ROWS = {"produce_1k_acks_all": "broker CPU, 1 KB records, acks=all",
        "produce_100_acks_1": "broker CPU, 100 B records, acks=1",
        "fetch_1k": "broker CPU, hot reads of 1 KB records",
        "fetch_1k_read_committed": "the same for read_committed",
        "start_empty": "exec to ApiVersions answer, empty disk", "memory_idle": "resident, idle",
        "start_loaded": "the same on a cleanly stopped directory", "stop_idle": "SIGTERM to exit",
        "memory_loaded": "resident after the load",
        **{row[0]: f"{row[1]} from exec to exit" for row in TOOLS}}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the volume")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    options = parser.parse_args()
    if options.list:
        for name, meaning in ROWS.items():
            print(f"{name:26} {meaning}")
        return
    unknown = set(options.rows) - set(ROWS)
    if unknown:
        parser.error(f"no row {sorted(unknown)[0]}; bench/run.sh --list names them")

    def chosen(name: str) -> bool:
        return not options.rows or name in options.rows

    build()
    volume = QUICK if options.quick else FULL
    results = cpu_rows(volume, chosen) + life_rows(
        volume if options.quick else 5_000_000_000, chosen) + tool_rows(chosen)
    out = ROOT / "build/bench/results.json"
    out.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\n{'row':26} {'unit':9} {'Moldau':>10} {'Kafka':>10} {'ratio':>8}")
    for row in results:
        print(f"{row['row']:26} {row['unit']:9} {row['moldau']:10.3f} {row['peer_value']:10.3f} "
              f"{row['ratio']:8.4f}")
    print(f"written to {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
