"""Keys of topics: what is created, and which records are taken."""

import time

import batches
from bench import STAMP, Bench, Node, one, shows
from peers import until


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
        assert not until(lambda: node.metadata("new")["topics"][0]["error_code"] != 3, 0.3)
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
    with bench.pair({"message.max.bytes": "500"}, **{"max.message.bytes": "2000"}) as node:
        assert node.codes_of_pair(one(b"x" * 1000)) == (10, 0)  # MESSAGE_TOO_LARGE
        assert node.produce(one())["error_code"] == 0


@shows("max.decompressed.message.bytes")
def largest_message_unpacked(bench: Bench) -> None:
    zeros = batches.packed(1, batches.record(0, b"k", bytes(100_000)))
    with bench.pair({"max.decompressed.message.bytes": "5000"},
                    **{"max.decompressed.message.bytes": "200000"}) as node:
        by_node, by_topic = node.codes_of_pair(batches.batch(zeros, 1, attributes=1))
        assert by_node != 0 and by_topic == 0


@shows("log.message.timestamp.type", "message.timestamp.type")
def timestamp_type(bench: Bench) -> None:
    with bench.pair({"log.message.timestamp.type": "LogAppendTime"},
                    **{"message.timestamp.type": "CreateTime"}) as node:
        by_node, by_topic = node.produce_to_pair(one())
        assert by_node["log_append_time_ms"] > STAMP
        assert by_topic["log_append_time_ms"] == -1


@shows("log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms")
def oldest_timestamp(bench: Bench) -> None:
    with bench.pair({"log.message.timestamp.before.max.ms": "60000"},
                    **{"message.timestamp.before.max.ms": "9223372036854775807"}) as node:
        assert node.codes_of_pair(one()) == (32, 0)  # INVALID_TIMESTAMP


@shows("log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms")
def latest_timestamp(bench: Bench) -> None:
    ahead = one(stamp=int(time.time() * 1000) + 600_000)
    with bench.pair({"log.message.timestamp.after.max.ms": "60000"},
                    **{"message.timestamp.after.max.ms": "6000000"}) as node:
        assert node.codes_of_pair(ahead) == (32, 0)


@shows("log.cleanup.policy", "cleanup.policy")
def compacted_topics_want_keys(bench: Bench) -> None:
    with bench.pair({"log.cleanup.policy": "compact"}, **{"cleanup.policy": "delete"}) as node:
        assert node.codes_of_pair(one(key=None)) == (87, 0)  # INVALID_RECORD


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


def squeezed() -> bytes:
    """Records that a better level makes smaller."""
    return one(b" ".join(b"%d" % (number * 7919 % 1009) for number in range(9000)))


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
