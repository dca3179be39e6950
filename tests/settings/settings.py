"""What a running node does differently under a configuration key: the evidence of docs/compatibility.md for such keys.

Each check is named by the keys that it shows; it fails as well when the node does the same without them.
"""

import collections
import contextlib
import pathlib
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/differential"))
sys.path.insert(0, str(ROOT / "tests/peers"))

import batches  # noqa: E402
import codec  # noqa: E402
import peers  # noqa: E402
from asking import CLOSED, Ask, Peer  # noqa: E402

CHECKS = []
STAMP = batches.FIRST_TIMESTAMP


def shows(*keys: str):
    """Registers a check; it gets a Bench and says what is wrong by assert."""
    def register(check):
        CHECKS.append((keys, check))
        return check
    return register


class Node:
    """A running Moldau, and the few requests that the checks need."""

    def __init__(self, bench: "Bench", overrides: dict[str, str | None]):
        ports = {"port": peers.free_port(), "controller_port": peers.free_port()}
        given = {key: value.format(**ports) for key, value in overrides.items() if value is not None}
        self.node = peers.Node("moldau", bench.fresh_folder(), given, **ports)
        gone = tuple(f"{key}=" for key, value in overrides.items() if value is None)
        lines = self.node.file.read_text().splitlines(keepends=True)
        self.node.file.write_text("".join(line for line in lines if not gone or not line.startswith(gone)))
        self.schema = bench.schema
        self.peer: Peer | None = None

    def __enter__(self) -> "Node":
        self.node.start()
        self.peer = Peer(self.schema, self.node.port, self.node.controller_port)
        self.node.wait_until_serving()
        self.peer.settle()
        return self

    def __exit__(self, *_) -> None:
        self.peer.close()
        self.node.kill()

    def ask(self, api: str, version: int, **body):
        return self.peer.ask(Ask(api, version, body))

    def create(self, name: str = "t", partitions: int = 1, **configs: str) -> int:
        answer = self.ask("CreateTopics", 7, timeout_ms=30_000, topics=[{
            "name": name, "num_partitions": partitions, "replication_factor": -1, "assignments": [],
            "configs": [{"name": key, "value": value} for key, value in configs.items()]}])
        self.peer.settle()
        return answer["topics"][0]["error_code"]

    def produce(self, data: bytes, topic: str = "t", acks: int = -1) -> dict | str:
        answer = self.ask("Produce", 9, acks=acks, timeout_ms=30_000, topic_data=[
            {"name": topic, "partition_data": [{"index": 0, "records": data}]}])
        return answer if isinstance(answer, str) else answer["responses"][0]["partition_responses"][0]

    def fetch(self, topics: tuple[str, ...] = ("t",), max_bytes: int = 1 << 24, **body) -> dict:
        return self.ask("Fetch", 11, **{"max_wait_ms": 0, "min_bytes": 0, "max_bytes": max_bytes, **body},
                        topics=[{"topic": name, "partitions": [
                            {"partition": 0, "fetch_offset": 0, "partition_max_bytes": max_bytes}]}
                                for name in topics])

    def metadata(self, *names: str, create: bool = False) -> dict:
        return self.ask("Metadata", 12, topics=[{"name": name} for name in names],
                        allow_auto_topic_creation=create)

    def auto_created(self, name: str = "auto") -> dict:
        self.peer.ask(Ask("Metadata", 12, {"topics": [{"name": name}], "allow_auto_topic_creation": True},
                          settle=True, expect=(name,)))
        return self.metadata(name)["topics"][0]

    def log_end(self, api_version: int = 0) -> int:
        return self.ask("ApiVersions", 3 + api_version, client_software_name="d",
                        client_software_version="1")["finalized_features_epoch"]

    def partition(self, name: str = "t-0") -> pathlib.Path:
        return self.node.data / name

    def files(self, ending: str, name: str = "t-0") -> list[pathlib.Path]:
        return sorted(self.partition(name).glob(f"*{ending}"))


class Bench:
    def __init__(self, schema, folder: pathlib.Path):
        self.schema = schema
        self.folder = folder
        self.counter = 0

    def fresh_folder(self) -> pathlib.Path:
        self.counter += 1
        return self.folder / str(self.counter)

    def node(self, overrides: dict[str, str | None] | None = None) -> Node:
        """In the values, {port} and {controller_port} are the node's; None takes a key out."""
        return Node(self, overrides or {})


def one(value: bytes = b"v", key: bytes | None = b"k", stamp: int = STAMP) -> bytes:
    return batches.batch(batches.record(0, key, value), 1, first=stamp)


def squeezed(level_text: bytes = b"") -> bytes:
    """Records that a better level makes smaller."""
    words = b" ".join(b"%d" % (number * 7919 % 1009) for number in range(9000)) + level_text
    return one(words)


def eventually(what, seconds: float = 8) -> bool:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


# Topics


@shows("num.partitions")
def number_of_partitions(bench: Bench) -> None:
    for wanted in (1, 3):
        with bench.node({"num.partitions": str(wanted)}) as node:
            assert len(node.auto_created()["partitions"]) == wanted
            node.create("made", partitions=-1)
            assert len(node.metadata("made")["topics"][0]["partitions"]) == wanted


@shows("default.replication.factor")
def default_replication_factor(bench: Bench) -> None:
    with bench.node({"default.replication.factor": "2"}) as node:
        assert node.create() == 38  # INVALID_REPLICATION_FACTOR: there is one broker
    with bench.node() as node:
        assert node.create() == 0


@shows("auto.create.topics.enable")
def auto_creation(bench: Bench) -> None:
    with bench.node({"auto.create.topics.enable": "false"}) as node:
        assert node.metadata("new", create=True)["topics"][0]["error_code"] == 3
        time.sleep(0.3)
        assert node.metadata("new")["topics"][0]["error_code"] == 3
    with bench.node() as node:
        assert node.auto_created("new")["error_code"] == 0


@shows("delete.topic.enable")
def topic_deletion(bench: Bench) -> None:
    for allowed, code in (("false", 73), ("true", 0)):  # TOPIC_DELETION_DISABLED
        with bench.node({"delete.topic.enable": allowed}) as node:
            node.create()
            answer = node.ask("DeleteTopics", 5, topic_names=["t"], timeout_ms=30_000)
            assert answer["responses"][0]["error_code"] == code


@shows("message.max.bytes", "max.message.bytes")
def largest_message(bench: Bench) -> None:
    with bench.node({"message.max.bytes": "500"}) as node:
        node.create()
        node.create("u", **{"max.message.bytes": "2000"})
        large = one(b"x" * 1000)
        assert node.produce(large)["error_code"] == 10  # MESSAGE_TOO_LARGE
        assert node.produce(large, "u")["error_code"] == 0
        assert node.produce(one())["error_code"] == 0


@shows("max.decompressed.message.bytes")
def largest_message_unpacked(bench: Bench) -> None:
    zeros = batches.packed(1, batches.record(0, b"k", bytes(100_000)))
    with bench.node({"max.decompressed.message.bytes": "5000"}) as node:
        node.create()
        node.create("u", **{"max.decompressed.message.bytes": "200000"})
        small = batches.batch(zeros, 1, attributes=1)
        assert node.produce(small)["error_code"] != 0
        assert node.produce(small, "u")["error_code"] == 0


@shows("log.message.timestamp.type", "message.timestamp.type")
def timestamp_type(bench: Bench) -> None:
    with bench.node({"log.message.timestamp.type": "LogAppendTime"}) as node:
        node.create()
        node.create("u", **{"message.timestamp.type": "CreateTime"})
        assert node.produce(one())["log_append_time_ms"] > STAMP
        assert node.produce(one(), "u")["log_append_time_ms"] == -1


@shows("log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms")
def oldest_timestamp(bench: Bench) -> None:
    with bench.node({"log.message.timestamp.before.max.ms": "60000"}) as node:
        node.create()
        node.create("u", **{"message.timestamp.before.max.ms": "9223372036854775807"})
        assert node.produce(one())["error_code"] == 32  # INVALID_TIMESTAMP
        assert node.produce(one(), "u")["error_code"] == 0


@shows("log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms")
def latest_timestamp(bench: Bench) -> None:
    ahead = one(stamp=int(time.time() * 1000) + 600_000)
    with bench.node({"log.message.timestamp.after.max.ms": "60000"}) as node:
        node.create()
        node.create("u", **{"message.timestamp.after.max.ms": "6000000"})
        assert node.produce(ahead)["error_code"] == 32
        assert node.produce(ahead, "u")["error_code"] == 0


@shows("log.cleanup.policy", "cleanup.policy")
def compacted_topics_want_keys(bench: Bench) -> None:
    with bench.node({"log.cleanup.policy": "compact"}) as node:
        node.create()
        node.create("u", **{"cleanup.policy": "delete"})
        assert node.produce(one(key=None))["error_code"] == 87  # INVALID_RECORD
        assert node.produce(one(key=None), "u")["error_code"] == 0


@shows("compression.type")
def compression_type(bench: Bench) -> None:
    with bench.node({"compression.type": "gzip"}) as node:
        for number, name in enumerate(("uncompressed", "gzip", "snappy", "lz4", "zstd")):
            node.create(name, **{"compression.type": name})
            node.produce(squeezed(), name)
            assert stored_codec(node, name) == number, name
        node.create()
        node.produce(squeezed())
        assert stored_codec(node, "t") == 1


def stored_codec(node: Node, name: str) -> int:
    return batches.HEAD.unpack_from(node.files(".log", f"{name}-0")[0].read_bytes())[5] & 7


@shows("compression.gzip.level", "compression.lz4.level", "compression.zstd.level")
def compression_levels(bench: Bench) -> None:
    for name, low, high in (("gzip", "1", "9"), ("lz4", "1", "12"), ("zstd", "-5", "19")):
        key = f"compression.{name}.level"
        with bench.node({key: low, "compression.type": name}) as node:
            node.create("of-node")
            node.create("of-topic", **{key: high})
            for topic in ("of-node", "of-topic"):
                node.produce(squeezed(), topic)
            sizes = [node.files(".log", f"{topic}-0")[0].stat().st_size for topic in ("of-node", "of-topic")]
            assert sizes[1] < sizes[0], (name, sizes)


# The log


@shows("log.segment.bytes", "segment.bytes")
def segment_bytes(bench: Bench) -> None:
    with bench.node({"log.segment.bytes": "1048576"}) as node:
        node.create()
        node.create("u", **{"segment.bytes": "100000000"})
        for _ in range(5):
            for topic in ("t", "u"):
                node.produce(one(b"x" * 400_000), topic)
        assert (len(node.files(".log")), len(node.files(".log", "u-0"))) == (3, 1)


@shows("log.roll.ms", "log.roll.hours", "segment.ms")
def segment_time(bench: Bench) -> None:
    for key, value in (("log.roll.ms", "60000"), ("log.roll.hours", "1")):
        with bench.node({key: value}) as node:
            node.create()
            node.create("u", **{"segment.ms": "604800000"})
            for stamp in (STAMP, STAMP + 7_200_000):
                for topic in ("t", "u"):
                    node.produce(one(stamp=stamp), topic)
            assert (len(node.files(".log")), len(node.files(".log", "u-0"))) == (2, 1), key


@shows("log.index.interval.bytes", "index.interval.bytes")
def index_interval(bench: Bench) -> None:
    with bench.node({"log.index.interval.bytes": "1"}) as node:
        node.create()
        node.create("u", **{"index.interval.bytes": "1000000"})
        for _ in range(5):
            for topic in ("t", "u"):
                node.produce(one(b"x" * 1000), topic)
        node.node.stop()
        assert node.files(".index")[0].stat().st_size > 0
        assert node.files(".index", "u-0")[0].stat().st_size == 0


@shows("log.index.size.max.bytes", "segment.index.bytes")
def index_size(bench: Bench) -> None:
    with bench.node({"log.index.size.max.bytes": "24", "log.index.interval.bytes": "1"}) as node:
        node.create()
        node.create("u", **{"segment.index.bytes": "1000000"})
        for _ in range(9):
            for topic in ("t", "u"):
                node.produce(one(b"x" * 1000), topic)
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
            seen = eventually(lambda: path.exists() and "t 0 1" in path.read_text(), 3 if there else 0.5)
            assert seen == there, interval


@shows("producer.id.expiration.ms", "producer.id.expiration.check.interval.ms")
def producers_expire(bench: Bench) -> None:
    for expiration, check, code in (("500", "100", 0), ("86400000", "100", 45), ("500", "600000", 45)):
        with bench.node({"producer.id.expiration.ms": expiration,
                         "producer.id.expiration.check.interval.ms": check}) as node:
            node.create()
            now = int(time.time() * 1000)
            for sequence, wanted in ((0, 0), (7, code)):  # OUT_OF_ORDER_SEQUENCE_NUMBER, while it is known
                data = batches.batch(batches.record(0, b"k", b"v"), 1, first=now, producer=(4000, 0, sequence))
                assert node.produce(data)["error_code"] == wanted, (expiration, check, sequence)
                time.sleep(1)


# The metadata log


@shows("metadata.log.max.record.bytes.between.snapshots")
def snapshots_by_size(bench: Bench) -> None:
    for size, there in (("100", True), ("20971520", False)):
        with bench.node({"metadata.log.max.record.bytes.between.snapshots": size}) as node:
            node.create()
            assert eventually(lambda: snapshots(node) > 1, 3 if there else 0.5) == there, size


@shows("metadata.log.max.snapshot.interval.ms")
def snapshots_by_time(bench: Bench) -> None:
    for interval, there in (("300", True), ("3600000", False)):
        with bench.node({"metadata.log.max.snapshot.interval.ms": interval}) as node:
            node.create()
            assert eventually(lambda: snapshots(node) > 1, 5 if there else 0.8) == there, interval


def snapshots(node: Node) -> int:
    return len(node.files(".checkpoint", "__cluster_metadata-0"))


@shows("metadata.max.idle.interval.ms")
def idle_records(bench: Bench) -> None:
    for interval, grows in (("50", True), ("0", False)):
        with bench.node({"metadata.max.idle.interval.ms": interval}) as node:
            before = node.log_end()
            assert eventually(lambda: node.log_end() > before + 3, 3 if grows else 0.5) == grows, interval


@shows("metadata.log.segment.ms")
def metadata_segments_by_time(bench: Bench) -> None:
    for age, count in (("300", 2), ("604800000", 1)):
        with bench.node({"metadata.log.segment.ms": age}) as node:
            time.sleep(0.4)
            node.create()
            assert len(node.files(".log", "__cluster_metadata-0")) >= count
            assert count > 1 or len(node.files(".log", "__cluster_metadata-0")) == 1


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


# The node and its network


@shows("node.id", "broker.id", "broker.rack")
def who_it_is(bench: Bench) -> None:
    for key, other in (("node.id", "broker.id"), ("broker.id", "node.id")):
        with bench.node({key: "7", other: None, "broker.rack": "east",
                         "controller.quorum.voters": "7@127.0.0.1:{controller_port}"}) as node:
            broker = node.metadata()["brokers"][0]
            assert (broker["node_id"], broker["rack"]) == (7, "east")


@shows("listeners", "listener.security.protocol.map", "inter.broker.listener.name", "process.roles",
       "controller.listener.names", "controller.quorum.voters")
def listeners(bench: Bench) -> None:
    other, shut = peers.free_port(), peers.free_port()
    with bench.node({
            "listeners": f"INNER://127.0.0.1:{other},PLAINTEXT://127.0.0.1:{{port}},"
                         "QUORUM://127.0.0.1:{controller_port}",
            "advertised.listeners": f"INNER://127.0.0.1:{other},PLAINTEXT://127.0.0.1:{{port}}",
            "listener.security.protocol.map": "INNER:PLAINTEXT,PLAINTEXT:PLAINTEXT,QUORUM:PLAINTEXT",
            "controller.listener.names": "QUORUM", "inter.broker.listener.name": "INNER"}) as node:
        keys = {}
        for name, port in (("inner", other), ("client", node.node.port), ("quorum", node.node.controller_port)):
            peer = Peer(node.schema, port, port)
            keys[name] = {api["api_key"] for api in peer.ask(Ask("ApiVersions", 0, {}))["api_keys"]}
            if name != "quorum":
                answer = peer.ask(Ask("Metadata", 12, {"topics": [], "allow_auto_topic_creation": False}))
                assert answer["brokers"][0]["port"] == port, name
            peer.close()
        assert 0 in keys["inner"] and keys["inner"] == keys["client"]
        assert 0 not in keys["quorum"] and 62 in keys["quorum"]  # BrokerRegistration
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", shut), 1).close()
            raise AssertionError("something listens where nothing was asked to")


@shows("advertised.listeners")
def advertised_listeners(bench: Bench) -> None:
    with bench.node({"advertised.listeners": "PLAINTEXT://far.example:1234"}) as node:
        broker = node.metadata()["brokers"][0]
        assert (broker["host"], broker["port"]) == ("far.example", 1234)


@shows("security.inter.broker.protocol")
def inter_broker_protocol(bench: Bench) -> None:
    with bench.node({"inter.broker.listener.name": None, "security.inter.broker.protocol": "PLAINTEXT"}) as node:
        assert node.create() == 0


@shows("socket.request.max.bytes")
def largest_request(bench: Bench) -> None:
    with bench.node({"socket.request.max.bytes": "5000"}) as node:
        node.create()
        assert node.produce(one(b"x" * 100))["error_code"] == 0
        assert node.produce(one(b"x" * 6000)) == CLOSED


@shows("connections.max.idle.ms")
def idle_connections(bench: Bench) -> None:
    for limit, closed in (("300", True), ("600000", False)):
        with bench.node({"connections.max.idle.ms": limit}) as node, \
                socket.create_connection(("127.0.0.1", node.node.port), 5) as idle:
            idle.settimeout(5 if closed else 1)
            try:
                assert idle.recv(1) == b"" and closed
            except TimeoutError:
                assert not closed


@shows("num.network.threads")
def shards(bench: Bench) -> None:
    for number in (1, 3):
        with bench.node({"num.network.threads": str(number)}) as node:
            names = [path.read_text().strip()
                     for path in pathlib.Path(f"/proc/{node.node.process.pid}/task").glob("*/comm")]
            assert names.count("shard") == number - 1, names  # the first one is the process itself


@shows("fetch.max.bytes")
def largest_fetch(bench: Bench) -> None:
    for limit, whole in (("1024", 1), ("57671680", 2)):
        with bench.node({"fetch.max.bytes": limit}) as node:
            for name in ("t", "u"):
                node.create(name)
                node.produce(one(b"x" * 2000), name)
            got = [part["records"] for topic in node.fetch(("t", "u"))["responses"]
                   for part in topic["partitions"]]
            assert len(list(filter(None, got))) == whole, limit


@shows("max.incremental.fetch.session.cache.slots")
def fetch_sessions(bench: Bench) -> None:
    for slots, there in (("0", False), ("1000", True)):
        with bench.node({"max.incremental.fetch.session.cache.slots": slots}) as node:
            node.create()
            answer = node.fetch(session_id=0, session_epoch=0)
            assert (answer["session_id"] != 0) == there, slots


@shows("max.request.partition.size.limit")
def largest_listing(bench: Bench) -> None:
    with bench.node({"max.request.partition.size.limit": "2"}) as node:
        node.create(partitions=5)
        answer = node.ask("DescribeTopicPartitions", 0, topics=[{"name": "t"}], cursor=None,
                          response_partition_limit=2000)
        assert len(answer["topics"][0]["partitions"]) == 2
        assert answer["next_cursor"]["partition_index"] == 2


@shows("unstable.api.versions.enable")
def unstable_apis(bench: Bench) -> None:
    few, many = ({row["api_key"]: row["max_version"] for row in versions["api_keys"]}
                 for versions in versions_with(bench, "unstable.api.versions.enable"))
    assert any(few.get(key, -1) < last for key, last in many.items()), many


@shows("unstable.feature.versions.enable")
def unstable_features(bench: Bench) -> None:
    few, many = ({row["name"]: row["max_version"] for row in versions["supported_features"]}
                 for versions in versions_with(bench, "unstable.feature.versions.enable"))
    assert any(few.get(name, -1) < last for name, last in many.items()), many


def versions_with(bench: Bench, key: str) -> list[dict]:
    answers = []
    for flag in ("false", "true"):
        with bench.node({key: flag}) as node:
            answers.append(node.ask("ApiVersions", 4, client_software_name="d", client_software_version="1"))
    return answers


def failures(folder: pathlib.Path, chosen: list[str]):
    """(name, keys, None or what is wrong) of each check."""
    bench = Bench(codec.load(), folder)
    for keys, check in CHECKS:
        if chosen and not set(chosen) & {*keys, check.__name__}:
            continue
        problem = None
        try:
            check(bench)
        except (AssertionError, RuntimeError, OSError, KeyError, TypeError, IndexError) as wrong:
            problem = f"{type(wrong).__name__}: {wrong} at line {wrong.__traceback__.tb_next.tb_lineno}"
        yield check.__name__.replace("_", " "), keys, problem


def main() -> int:
    bad = 0
    with peers.scratch() as folder:
        for name, keys, problem in failures(folder, sys.argv[1:]):
            bad += problem is not None
            print(f"{'FAIL' if problem else 'ok  '} {name} ({', '.join(keys)})"
                  + (f": {problem}" if problem else ""), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
