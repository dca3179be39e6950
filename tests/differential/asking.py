"""Sends one request to a node and takes the answer; what a node made itself is known by a name of ours on both sides.

A Ref in a request stands for such a thing: the id of a topic, a fetch session, a producer id. In answers the things are
replaced by their Refs, so that they compare.
"""

import dataclasses
import socket
import struct
import time

import batches
import codec
from codec import model

CLIENT = "differential"
CLOSED, SILENT, NOTHING = "closed", "no answer in time", "no answer, as asked"
PATIENCE_S = 8  # longer than any answer takes that comes
SETTLING_S = 30  # longer than a node takes to show what it has decided, on a machine with other work
UNKNOWN_MEMBER = 25
NOT_CONTROLLER = 41
MEMBER_ID_REQUIRED = 79
NOBODYS_PRODUCER = 987_654_321
NO_SUCH_ID = 105  # TRANSACTIONAL_ID_NOT_FOUND
UNKNOWN = {"topic": bytes(16), "member": "nobody"}  # what a Ref stands for that nothing was made for
CREATION_S = 3  # longer than a topic takes that is created in the background, if it is at all


@dataclasses.dataclass(frozen=True)
class Ref:
    kind: str  # topic, session, member, generation, epoch, producer, producer-epoch, quorum-epoch
    name: str

    def __str__(self) -> str:
        return f"<{self.kind} {self.name}>"


@dataclasses.dataclass(frozen=True)
class TransactionalBatch:
    """Records of a transaction, made when the node has told its producer."""
    transactional_id: str
    epoch: "Ref | int"
    sequence: int
    value: bytes


@dataclasses.dataclass
class Ask:
    api: str
    version: int
    body: dict | bytes
    listener: str = "broker"
    settle: bool = False
    expect: tuple[str, ...] = ()  # topics that it may create in the background
    session: str | None = None  # the fetch session that it begins, if any
    member: str | None = None  # what we call the member that it makes, if any
    tail: int = 0  # so many bytes are missing at its end (below 0), or are too many
    note: str = ""


class Connection:
    def __init__(self, port: int):
        self.port = port
        self.socket: socket.socket | None = None

    def exchange(self, *frames: bytes) -> bytes | str:
        """One answer's frame without its size, or CLOSED or SILENT."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket.sendall(b"".join(struct.pack(">i", len(one)) + one for one in frames))
            size = struct.unpack(">i", self._exactly(4))[0]
            return self._exactly(size)
        except TimeoutError:
            self.close()
            return SILENT
        except (ConnectionError, EOFError):
            self.close()
            return CLOSED

    def _exactly(self, size: int) -> bytes:
        got = bytearray()
        while len(got) < size:
            part = self.socket.recv(size - len(got))
            if not part:
                raise EOFError
            got += part
        return bytes(got)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def _says(value, code: int, key: str = "") -> bool:
    if isinstance(value, dict):
        return any(_says(inner, code, name) for name, inner in value.items())
    if isinstance(value, list):
        return any(_says(inner, code, key) for inner in value)
    return key == "error_code" and value == code


class Peer:
    """One running node under test."""

    def __init__(self, schema: model.Schema, port: int, controller_port: int):
        self.schema = schema
        self.apis = {api.name: api for api in schema.apis}
        self.connections = {"broker": Connection(port), "controller": Connection(controller_port)}
        self.correlation = 0
        self.made: dict[Ref, bytes | int] = {}
        self.names: dict[bytes | int, Ref] = {}
        self.live: set[str] = set()

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()

    def ask(self, step: Ask):
        """The answer, with Refs in it; CLOSED, SILENT or NOTHING; or why it cannot be read."""
        answer = self.send(step)
        for _ in range(3):
            # A machine with other work may depose the only controller for a moment.
            if isinstance(answer, dict) and _says(answer, NOT_CONTROLLER):
                self.settle()
                answer = self.send(step)
        if isinstance(answer, dict):
            self.learn(step, answer)
            answer = self.named(step.api, answer)
        if step.api in ("EndTxn", "InitProducerId") and isinstance(step.body, dict):
            self._transaction_is_complete(step.body["transactional_id"])
        if step.api == "JoinGroup" and isinstance(answer, dict) and answer["error_code"] in (0, MEMBER_ID_REQUIRED):
            self._group_is_written(step.body["group_id"])
        if step.settle:
            self.settle(step.expect)
        return answer

    def send(self, step: Ask):
        api = self.apis.get(step.api)
        self.correlation += 1
        if isinstance(step.body, bytes):
            frame = step.body
        else:
            header = codec.request_header(api, step.version, self.correlation, CLIENT)
            frame = header + codec.Codec(self.schema, api.request, step.version).encode(
                self.resolved(step.body))
            frame = frame[:step.tail] if step.tail < 0 else frame + bytes(step.tail)
        connection = self.connections[step.listener]
        if step.api == "Produce" and isinstance(step.body, dict) and step.body.get("acks") == 0:
            # It has no answer: that of the next request tells whether the connection lives on.
            got = connection.exchange(
                frame, codec.request_header(self.apis["ApiVersions"], 0, self.correlation, CLIENT))
            return got if isinstance(got, str) else NOTHING
        got = connection.exchange(frame)
        if isinstance(got, str):
            return got
        return self.read(api, step.version, got)

    def read(self, api: model.Api, version: int, got: bytes):
        if struct.unpack(">i", got[:4])[0] != self.correlation and len(got) >= 4:
            return f"another correlation id: {got[:4].hex()}"
        if api.name == "ApiVersions" and version not in api.versions:
            version = 0  # the one answer that an unknown version gets
        try:
            body = got[codec.response_header_size(api, version):]
            return codec.Codec(self.schema, api.response, version).decode(body)
        except codec.Undecodable as problem:
            return f"cannot be decoded: {problem}"

    # Things that the node made

    def resolved(self, value):
        if isinstance(value, Ref):
            return self.made.get(value, UNKNOWN.get(value.kind, 0))
        if isinstance(value, TransactionalBatch):
            producer = self.made.get(Ref("producer", value.transactional_id), NOBODYS_PRODUCER)
            return batches.batch(batches.record(0, b"k", value.value), 1, attributes=batches.TRANSACTIONAL,
                                 producer=(producer, self.resolved(value.epoch), value.sequence))
        if isinstance(value, dict):
            return {name: self.resolved(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.resolved(inner) for inner in value]
        return value

    def remember(self, ref: Ref, thing) -> None:
        self.made[ref] = thing
        self.names[thing] = ref

    def learn(self, step: Ask, answer: dict) -> None:
        for topic in answer.get("topics") or ():
            known = topic.get("topic_id", bytes(16)) != bytes(16) and topic.get("name")
            if known and topic.get("error_code") == 0:
                self.remember(Ref("topic", topic["name"]), topic["topic_id"])
        if step.api == "Fetch" and step.session and answer.get("session_id"):
            self.remember(Ref("session", step.session), answer["session_id"])
        if step.api == "ConsumerGroupHeartbeat" and isinstance(step.body, dict) and answer["error_code"] == 0:
            self.made[Ref("epoch", step.body["group_id"])] = answer["member_epoch"]
        if step.api in ("EndTxn", "InitProducerId") and isinstance(step.body, dict) and \
                answer["error_code"] == 0 and answer.get("producer_id", -1) >= 0 and step.body["transactional_id"]:
            name = step.body["transactional_id"]
            self.made[Ref("producer", name)] = answer["producer_id"]
            self.made[Ref("producer-epoch", name)] = answer["producer_epoch"]
        if step.api == "JoinGroup" and isinstance(step.body, dict):
            if step.member and answer["member_id"]:
                self.remember(Ref("member", step.member), answer["member_id"])
            if answer["error_code"] == 0:
                self.made[Ref("generation", step.body["group_id"])] = answer["generation_id"]

    def named(self, api: str, value, key: str = ""):
        if isinstance(value, dict):
            return {name: self.named(api, inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.named(api, inner, key) for inner in value]
        if isinstance(value, bytes) and len(value) == 16 and key.endswith("_id"):
            if value == bytes(16):
                return "<no id>"
            return str(self.names.get(value, "<unknown id>"))
        if key == "records":
            return batches.taken_apart(value)
        if isinstance(value, bytes):
            return value.hex()
        if key in ("member_id", "leader") and value in self.names:
            return str(self.names[value])
        if key == "session_id" and value:
            return str(self.names.get(value, "<unknown session>"))
        return value

    # Waiting until the broker shows what the controller did

    def call(self, name: str, version: int, **body):
        answer = self.send(Ask(name, version, body))
        if not isinstance(answer, dict):
            raise RuntimeError(f"{name} of a settling node: {answer}")
        return answer

    def warm_up(self) -> None:
        """Until the node has a block of producer ids."""
        self.settle()
        for _ in range(200):
            if self.call("InitProducerId", 4, transactional_id=None, transaction_timeout_ms=60_000)[
                    "error_code"] == 0:
                break
            time.sleep(0.02)
        self._groups_are_loaded()
        self._transactions_are_loaded()

    def _transaction_is_complete(self, name: str | None) -> None:
        """Its end is answered before the markers are written."""
        deadline = time.monotonic() + SETTLING_S
        while name and time.monotonic() < deadline:
            state = self.call("DescribeTransactions", 0, transactional_ids=[name])["transaction_states"][0]
            if not state["transaction_state"].startswith("Prepare"):
                return
            time.sleep(0.002)

    def _group_is_written(self, name: str) -> None:
        """Kafka's coordinator tells the member before the record that makes its group is in the log; until then it
        does not list the group."""
        deadline = time.monotonic() + SETTLING_S
        while time.monotonic() < deadline:
            if any(group["group_id"] == name for group in self.call("ListGroups", 2)["groups"]):
                return
            time.sleep(0.002)

    def _transactions_are_loaded(self) -> None:
        """One id of each partition of __transaction_state is known not to be there."""
        deadline = time.monotonic() + SETTLING_S
        for name in ("a", "b", "c"):
            while time.monotonic() < deadline:
                if self.call("FindCoordinator", 3, key=name, key_type=1)["error_code"] == 0 and \
                        self.call("DescribeTransactions", 0, transactional_ids=[name])[
                            "transaction_states"][0]["error_code"] == NO_SUCH_ID:
                    break
                time.sleep(0.02)
        self.settle()

    def _groups_are_loaded(self) -> None:
        """One group of each partition of __consumer_offsets is known not to be there."""
        deadline = time.monotonic() + SETTLING_S
        for group in ("a", "b", "c"):
            while time.monotonic() < deadline:
                if self.call("FindCoordinator", 3, key=group, key_type=0)["error_code"] == 0 and \
                        self.call("Heartbeat", 4, group_id=group, generation_id=1, member_id="m",
                                  group_instance_id=None)["error_code"] == UNKNOWN_MEMBER:
                    break
                time.sleep(0.02)
        self.settle()

    def settle(self, expect: tuple[str, ...] = ()) -> None:
        deadline = time.monotonic() + SETTLING_S
        created = time.monotonic() + CREATION_S
        self._image_is_current(deadline)
        wanted = set(expect)
        while True:
            topics = self.call("Metadata", 12, topics=None, allow_auto_topic_creation=False)["topics"]
            seen = {topic["name"] for topic in topics}
            if wanted <= seen or time.monotonic() > created:
                break
            time.sleep(0.01)
        for topic in topics:
            self.remember(Ref("topic", topic["name"]), topic["topic_id"])
        for name in sorted(seen - self.live):
            count = next(len(t["partitions"]) for t in topics if t["name"] == name)
            self._log_answers(name, range(count), (0,), deadline)
        for name in sorted(self.live - seen):
            self._log_answers(name, (0,), (3,), deadline)
        self.live = seen

    def _image_is_current(self, deadline: float) -> None:
        quorum = self.call("DescribeQuorum", 1, topics=[
            {"topic_name": "__cluster_metadata", "partitions": [{"partition_index": 0}]}])
        mark = quorum["topics"][0]["partitions"][0]["high_watermark"]
        self.made[Ref("quorum-epoch", "now")] = quorum["topics"][0]["partitions"][0]["leader_epoch"]
        while self.call("ApiVersions", 4, client_software_name="d", client_software_version="1")[
                "finalized_features_epoch"] < mark - 1 and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(0.005)  # logs follow the image that Metadata shows

    def _log_answers(self, name: str, partitions, codes: tuple[int, ...], deadline: float) -> None:
        while time.monotonic() < deadline:
            answer = self.call("ListOffsets", 5, replica_id=-1, topics=[{"name": name, "partitions": [
                {"partition_index": index, "timestamp": -1} for index in partitions]}])
            if all(p["error_code"] in codes for p in answer["topics"][0]["partitions"]):
                return
            time.sleep(0.005)
