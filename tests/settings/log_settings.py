"""Keys of the logs: segments, indexes, directories, and the log of metadata."""

import collections
import itertools
import subprocess
import time

import batches
import peers
from bench import STAMP, Bench, Node, one, shows
from peers import until


@shows("log.segment.bytes", "segment.bytes")
def segment_bytes(bench: Bench) -> None:
    with bench.pair({"log.segment.bytes": "1048576"}, **{"segment.bytes": "100000000"}) as node:
        for _ in range(5):
            node.produce_to_pair(one(b"x" * 400_000))
        assert (len(node.files(".log")), len(node.files(".log", "u-0"))) == (3, 1)


@shows("log.roll.ms", "log.roll.hours", "segment.ms")
def segment_time(bench: Bench) -> None:
    for key, value in (("log.roll.ms", "60000"), ("log.roll.hours", "1")):
        with bench.pair({key: value}, **{"segment.ms": "604800000"}) as node:
            for stamp in (STAMP, STAMP + 7_200_000):
                node.produce_to_pair(one(stamp=stamp))
            assert (len(node.files(".log")), len(node.files(".log", "u-0"))) == (2, 1), key


@shows("log.index.interval.bytes", "index.interval.bytes")
def index_interval(bench: Bench) -> None:
    with bench.pair({"log.index.interval.bytes": "1"}, **{"index.interval.bytes": "1000000"}) as node:
        for _ in range(5):
            node.produce_to_pair(one(b"x" * 1000))
        node.node.stop()
        assert node.files(".index")[0].stat().st_size > 0
        assert node.files(".index", "u-0")[0].stat().st_size == 0


@shows("log.index.size.max.bytes", "segment.index.bytes")
def index_size(bench: Bench) -> None:
    with bench.pair({"log.index.size.max.bytes": "24", "log.index.interval.bytes": "1"},
                    **{"segment.index.bytes": "1000000"}) as node:
        for _ in range(9):
            node.produce_to_pair(one(b"x" * 1000))
        assert len(node.files(".log")) > 1
        assert len(node.files(".log", "u-0")) == 1


@shows("log.dirs", "log.dir", "metadata.log.dir")
def directories(bench: Bench) -> None:
    folder = bench.fresh_folder()
    with bench.node({"metadata.log.dir": str(folder)}) as node:
        node.create()
        assert (folder / "__cluster_metadata-0").is_dir() and node.partition().is_dir()
    folder = bench.fresh_folder()
    with bench.node({"log.dirs": f"{folder}/a,{folder}/b"}) as node:
        node.create(partitions=4)
        found = collections.Counter(path.parent.name for path in folder.glob("*/t-*"))
        assert found == {"a": 2, "b": 2}, found
    folder = bench.fresh_folder()
    with bench.node({"log.dirs": None, "log.dir": str(folder)}) as node:
        node.create()
        assert (folder / "t-0").is_dir()


@shows("replica.high.watermark.checkpoint.interval.ms")
def high_watermark_checkpoint(bench: Bench) -> None:
    for interval, there in (("50", True), ("600000", False)):
        with bench.node({"replica.high.watermark.checkpoint.interval.ms": interval}) as node:
            node.create()
            node.produce(one())
            path = node.node.data / "replication-offset-checkpoint"
            seen = until(lambda: path.exists() and "t 0 1" in path.read_text(), 3 if there else 0.5)
            assert seen == there, interval


@shows("producer.id.expiration.ms", "producer.id.expiration.check.interval.ms")
def producers_expire(bench: Bench) -> None:
    for expiration, check, code in (("500", "100", 0), ("86400000", "100", 45), ("500", "600000", 45)):
        with bench.node({"producer.id.expiration.ms": expiration,
                         "producer.id.expiration.check.interval.ms": check}) as node:
            node.create()
            assert node.produce(of_producer(0))["error_code"] == 0
            out_of_order = of_producer(7)  # OUT_OF_ORDER_SEQUENCE_NUMBER, while it is known
            until(lambda: node.produce(out_of_order)["error_code"] == 0, 5 if code == 0 else 1)
            assert node.produce(out_of_order)["error_code"] == code, (expiration, check)  # once more


def of_producer(sequence: int) -> bytes:
    now = int(time.time() * 1000)
    return batches.batch(batches.record(0, b"k", b"v"), 1, first=now, producer=(4000, 0, sequence))


# The metadata log


@shows("metadata.log.max.record.bytes.between.snapshots")
def snapshots_by_size(bench: Bench) -> None:
    for size, there in (("100", True), ("20971520", False)):
        with bench.node({"metadata.log.max.record.bytes.between.snapshots": size}) as node:
            node.create()
            assert until(lambda: snapshots(node) > 1, 3 if there else 0.5) == there, size


@shows("metadata.log.max.snapshot.interval.ms")
def snapshots_by_time(bench: Bench) -> None:
    for interval, there in (("300", True), ("3600000", False)):
        with bench.node({"metadata.log.max.snapshot.interval.ms": interval}) as node:
            node.create()
            assert until(lambda: snapshots(node) > 1, 5 if there else 0.8) == there, interval


def snapshots(node: Node) -> int:
    return len(node.files(".checkpoint", "__cluster_metadata-0"))


@shows("metadata.max.idle.interval.ms")
def idle_records(bench: Bench) -> None:
    for interval, grows in (("50", True), ("0", False)):
        with bench.node({"metadata.max.idle.interval.ms": interval}) as node:
            before = node.log_end()
            assert until(lambda: node.log_end() > before + 3, 3 if grows else 0.5) == grows, interval


@shows("metadata.log.segment.ms")
def metadata_segments_by_time(bench: Bench) -> None:
    for age, rolls in (("300", True), ("604800000", False)):
        with bench.node({"metadata.log.segment.ms": age}) as node:
            assert metadata_log_rolls(node, 3 if rolls else 0.5) == rolls, age


def metadata_log_rolls(node: Node, seconds: float) -> bool:
    """A segment is left when a record comes, and each new topic brings some."""
    names = (f"t{number}" for number in itertools.count())

    def rolled() -> bool:
        node.create(next(names))
        return len(node.files(".log", "__cluster_metadata-0")) > 1
    return until(rolled, seconds)


@shows("controlled.shutdown.enable")
def controlled_shutdown(bench: Bench) -> None:
    for wanted in (True, False):
        with bench.node({"controlled.shutdown.enable": str(wanted).lower()}) as node:
            node.create()
            node.node.stop()
            printed = subprocess.run(
                [str(peers.DIST / "bin/moldau"), "dump-log", "--cluster-metadata-decoder", "--files",
                 str(node.files(".log", "__cluster_metadata-0")[0])],
                stdout=subprocess.PIPE, check=True, text=True).stdout
            assert ('"inControlledShutdown":1' in printed) == wanted, printed[-2000:]
