"""One data directory, served by Moldau and by Apache Kafka in turn; and the bytes both write."""

import filecmp
import pathlib
import subprocess
import sys

from stages.common import Counts, judge

ORDER = 70
SUMMARY = "Apache Kafka opens what Moldau wrote, and the other way round; equal bytes for equal input"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))

import peers  # noqa: E402

FILL = ["/usr/bin/python3", str(ROOT / "tests/interop/python/fill.py")]
COMPARED = (".log", ".index", ".timeindex", ".snapshot", ".txnindex")
COMPLAINTS = ("Found", "mismatch", "Invalid", "is invalid", "Corrupt", "Exception", "out of order")
MESSAGE_BYTES = "max.message.bytes=900000"


def run(context):
    counts = Counts()
    with peers.scratch() as folder:
        for first, second in (("moldau", "kafka"), ("kafka", "moldau")):
            counts += takeover(context, folder / f"{first}-first", first, second)
        counts += same_bytes(folder)
    return counts


def fill(name: str, *arguments: str) -> Counts:
    done = subprocess.run([*FILL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300, check=False)
    return judge(name, done.returncode == 0, done.stdout.decode(errors="replace")[-800:])


def one_turn(context, node, kind: str, turn: int) -> Counts:
    """Serves all earlier rounds, writes another, keeps the changed configuration; stops cleanly."""
    counts = Counts()
    name = f"turn {turn}: {kind}"
    try:
        node.start()
    except RuntimeError as problem:
        return judge(f"{name} starts", False, f"{problem}: {node.log.read_text()[-1500:]}")
    if turn == 0:
        counts += fill(f"{name} creates the topics", "create", node.bootstrap)
    else:
        counts += fill(f"{name} serves every record", "verify", node.bootstrap, str(turn))
    counts += fill(f"{name} takes another round", "produce", node.bootstrap, str(turn))
    counts += fill(f"{name} serves that too", "verify", node.bootstrap, str(turn + 1))
    described = context.run(peers.java(
        "tools-4.3", "kafka.admin.ConfigCommand", "--bootstrap-server", node.bootstrap, "--describe",
        "--entity-type", "topics", "--entity-name", "fill-none"))
    counts += judge(f"{name} keeps the topic's configuration", MESSAGE_BYTES in described.stdout,
                    described.stdout)
    counts += judge(f"{name} stops with 0", node.stop() in (0, 143), node.log.read_text()[-800:])
    return counts


def takeover(context, folder, first: str, second: str) -> Counts:
    counts = Counts()
    print(f"-- {first} writes first")
    for turn, kind in enumerate((first, second, first, second)):
        node = peers.Node(kind, folder)
        counts += one_turn(context, node, kind, turn)
        node.kill()
        if counts.failed:
            return counts
        if kind == "moldau":
            counts += dump_log(folder / "data", f"what Moldau left after turn {turn}")
    return counts


def dump_log(data: pathlib.Path, name: str) -> Counts:
    """Kafka's own dump-log reads every file without a complaint."""
    files = sorted(path for path in data.glob("*/*") if path.suffix in COMPARED
                   and path.parent.name != "__cluster_metadata-0" and path.stat().st_size)
    metadata = sorted((data / "__cluster_metadata-0").glob("*.log"))
    metadata += sorted((data / "__cluster_metadata-0").glob("*.checkpoint"))
    counts = Counts()
    for what, chosen, extra in (("segments, indexes, snapshots", files, ["--deep-iteration"]),
                                ("the metadata log", metadata, ["--cluster-metadata-decoder"])):
        done = subprocess.run(
            peers.java("tools-4.3", "org.apache.kafka.tools.DumpLogSegments", *extra, "--files",
                       ",".join(map(str, chosen))), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=300, check=False)
        out = done.stdout.decode(errors="replace")
        bad = [line for line in out.splitlines() if any(word in line for word in COMPLAINTS)
               and "payload" not in line]
        counts += judge(f"Kafka's dump-log reads {what} of {name}",
                        done.returncode == 0 and not bad and bool(chosen), "\n".join(bad[:5]) or out[-500:])
    return counts


def same_bytes(folder: pathlib.Path) -> Counts:
    """The same input through both: the files compare equal (docs/differences.md has what does not)."""
    counts = Counts()
    for kind in ("kafka", "moldau"):
        with peers.Node(kind, folder / f"bytes-{kind}") as node:
            for action in (("create", node.bootstrap), ("produce", node.bootstrap, "0")):
                counts += fill(f"same input through {kind}: {action[0]}", *action)
            node.stop()
    ours, theirs = folder / "bytes-moldau/data", folder / "bytes-kafka/data"
    different, compared = [], 0
    for partition in sorted(theirs.glob("fill-*")):
        names = {path.name for side in (ours, theirs) for path in (side / partition.name).glob("*")
                 if path.suffix in COMPARED}
        for name in sorted(names):
            pair = ours / partition.name / name, theirs / partition.name / name
            compared += 1
            if not all(path.exists() for path in pair) or not filecmp.cmp(*pair, shallow=False):
                sizes = [path.stat().st_size if path.exists() else None for path in pair]
                different.append(f"{partition.name}/{name} {sizes}")
    return counts + judge(f"{compared} files of both compare equal", compared > 50 and not different,
                          f"{len(different)} differ: {different[:12]}")
