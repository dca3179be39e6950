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
COORDINATION = ROOT / "build/release/bench/macro/coordination_load"
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
    subprocess.run(["ninja", "-C", str(ROOT / "build/release"), "coordination_load"], check=True,
                   stdout=subprocess.DEVNULL)


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


# What coordinators do: row, unit, better. Each takes the node and gives its figure.
def commit_rate(node) -> float:
    return coordination(node, "commits", "16", "8", "5", rate=True)


def commit_rate_of_one(node) -> float:
    return coordination(node, "commits", "1", "1", "5", rate=True)


def transaction_rate(node) -> float:
    count = 2000
    done = subprocess.run([str(LOAD), "transact", node.bootstrap, "bench-rates", "4", str(count * 10), "100"],
                          stdout=subprocess.PIPE, check=True, timeout=600)
    return count / float(done.stdout.split()[2])


def joining(node) -> float:
    return coordination(node, "joins", "100", rate=False) * 1000


def coordination(node, action: str, *words: str, rate: bool) -> float:
    done = subprocess.run([str(COORDINATION), action, str(node.port), "bench-rates", *words],
                          stdout=subprocess.PIPE, check=True, timeout=600)
    count, seconds = done.stdout.split()
    return int(count) / float(seconds) if rate else float(seconds)


RATES = (("commits", "1/s", "higher", commit_rate), ("commits_of_one", "1/s", "higher", commit_rate_of_one),
         ("transactions", "1/s", "higher", transaction_rate), ("join_100", "ms", "lower", joining))
GROUPS = 10_000


def coordination_rows(chosen) -> list[dict]:
    rows = [row for row in RATES if chosen(row[0])]
    found: dict[str, dict[str, float]] = {row[0]: {} for row in rows}
    memory: dict[str, float] = {}
    # Nobody waits for members that may come: the time is the coordinator's own.
    settings = {"group.initial.rebalance.delay.ms": "0"}
    with peers.scratch() as folder:
        for kind in ("kafka", "moldau"):
            if not rows:
                break
            with peers.Node(kind, folder / kind, settings) as node:
                topic(node, "bench-rates")
                for name, unit, _, measure in rows:
                    for _ in range(3 if kind == "kafka" else 1):
                        measure(node)
                    values = [measure(node) for _ in range(3)]
                    found[name][kind] = statistics.median(values)
                    print(f"    {kind:7} {name}: {', '.join(f'{value:.1f}' for value in values)} {unit}", flush=True)
        for kind in ("kafka", "moldau"):
            if chosen("memory_groups"):
                with peers.Node(kind, folder / f"{kind}-groups", settings) as node:
                    topic(node, "bench-rates")
                    memory[kind] = memory_of_groups(node)
    result = [row_of(name, unit, better, found[name]["moldau"], found[name]["kafka"])
              for name, unit, better, _ in rows]
    return result + ([row_of("memory_groups", "MB", "lower", memory["moldau"], memory["kafka"])] if memory else [])


def memory_of_groups(node) -> float:
    """Resident, with the groups and their members there."""
    with subprocess.Popen([str(COORDINATION), "groups", str(node.port), "bench-rates", str(GROUPS)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as members:
        assert members.stdout and members.stdin
        if int(members.stdout.readline().split()[0]) != GROUPS:
            raise RuntimeError("not all groups came to be")
        used = node.rss_mb()
        members.stdin.close()
    return used


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
        "commits": "offset commits, 128 groups on 16 connections, each after the answer to its last",
        "commits_of_one": "offset commits of one client that waits for each answer",
        "transactions": "transactions of one producer, 10 records of 100 B each",
        "join_100": "100 consumers join one group (classic protocol, no initial delay), to the last assignment",
        "memory_groups": f"resident with {GROUPS:,} groups of one member",
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
        volume if options.quick else 5_000_000_000, chosen) + coordination_rows(chosen) + tool_rows(chosen)
    out = ROOT / "build/bench/results.json"
    out.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\n{'row':26} {'unit':9} {'Moldau':>10} {'Kafka':>10} {'ratio':>8}")
    for row in results:
        print(f"{row['row']:26} {row['unit']:9} {row['moldau']:10.3f} {row['peer_value']:10.3f} "
              f"{row['ratio']:8.4f}")
    print(f"written to {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
