"""Keys of the node and its network."""

import contextlib
import pathlib
import socket

import peers
from asking import CLOSED, Ask, Peer
from bench import Bench, one, shows


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
