"""A running node for the checks of tests/settings, and the register of the checks."""

import contextlib
import pathlib

import batches
import peers
from asking import Ask, Peer

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

    def produce_to_pair(self, data: bytes) -> list[dict | str]:
        """The answers of "t" and "u"; see Bench.pair()."""
        return [self.produce(data, topic) for topic in ("t", "u")]

    def codes_of_pair(self, data: bytes) -> tuple[int, ...]:
        return tuple(answer["error_code"] for answer in self.produce_to_pair(data))

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

    @contextlib.contextmanager
    def pair(self, overrides: dict[str, str | None], **own: str):
        """A node with two topics: "t" goes by the node's keys, "u" by its own."""
        with self.node(overrides) as node:
            node.create()
            node.create("u", **own)
            yield node


def one(value: bytes = b"v", key: bytes | None = b"k", stamp: int = STAMP) -> bytes:
    return batches.batch(batches.record(0, key, value), 1, first=stamp)
