"""Bad input over a real socket: each case has a named outcome, and other clients notice nothing."""

import contextlib
import pathlib
import resource
import struct
import subprocess
import sys
import time

from stages.common import Counts

ORDER = 50
SUMMARY = "bad input over a real socket: named outcomes, bounded memory, others undisturbed"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))
sys.path.insert(0, str(ROOT / "tests/e2e"))

import peers  # noqa: E402
import wire  # noqa: E402

TOPIC = "hostile"
CLOSED = "closed"
BUDGET_MB = 150  # above the idle node, while the worst of the table is under way
OTHERS_WAIT_MS = 250

# Kafka's codes.
NONE, CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, UNSUPPORTED_VERSION, INVALID_RECORD = 0, 2, 10, 35, 87
UNSUPPORTED_FOR_FORMAT, INVALID_REQUIRED_ACKS = 43, 21
OFFSET_OUT_OF_RANGE, UNKNOWN_PARTITION, INVALID_REQUEST = 1, 3, 42


def first_word(answer: bytes) -> int:
    """The error code of an ApiVersions answer: after the correlation id."""
    return struct.unpack_from(">h", answer, 4)[0]


def of_partition(answer: bytes) -> int:
    return wire.produce_error(answer, TOPIC)


def bomb(tool: list[str], data: bytes) -> bytes:
    """`data` compressed by a command that tools/setup/install.sh brings."""
    return subprocess.run(tool, input=data, stdout=subprocess.PIPE, check=True).stdout


def snappy_bomb(size: int) -> bytes:
    """Raw snappy: one literal byte and copies of it, 64 bytes each."""
    out, rest = wire.record(b"\0" * size), b""
    head = out.rstrip(b"\0")
    literal = head + b"\0"
    total = len(out)
    value, length = total, b""
    while value >= 0x80:
        length += bytes([value & 0x7F | 0x80])
        value >>= 7
    length += bytes([value])
    rest = bytes([len(literal) - 1 << 2]) + literal
    left = total - len(literal)
    while left > 0:
        step = min(64, left)
        rest += bytes([step - 1 << 2 | 2]) + struct.pack("<H", 1)
        left -= step
    return length + rest


def delete_records(topic: str, *asked: tuple[int, int]) -> bytes:
    body = struct.pack(">i", 1) + wire.string(topic) + struct.pack(">i", len(asked))
    return wire.frame(wire.header(21, 1) + body + b"".join(
        struct.pack(">iq", partition, offset) for partition, offset in asked) + struct.pack(">i", 5000))


def of_deleted(answer: bytes) -> int:
    """The error code of the last partition of an answer of version 1."""
    return struct.unpack(">h", answer[-2:])[0]


def of_election(answer: bytes) -> int:
    """The error code of the whole answer, behind correlation id and throttle time."""
    return struct.unpack_from(">h", answer, 8)[0]


def elect_leaders(kind: int, count: int) -> bytes:
    one = struct.pack(">i", 1) + wire.string(TOPIC) + struct.pack(">i", count) + struct.pack(">i", 7) * count
    return wire.frame(wire.header(43, 1) + struct.pack(">b", kind) + one + struct.pack(">i", 5000))


def administration():
    """Requests about records, directories, elections and reassignments; as table()."""
    two_billion, flexible = struct.pack(">i", 2_000_000_000), b"\xff\xff\xff\xff\x07"
    yield "records deleted beyond the log", delete_records(TOPIC, (0, 2**62)), (
        of_deleted, (OFFSET_OUT_OF_RANGE,))
    yield "records deleted below nothing", delete_records(TOPIC, (0, -2)), (
        of_deleted, (OFFSET_OUT_OF_RANGE,))
    yield "records deleted of a partition that is none", delete_records(TOPIC, (-1, 0)), (
        of_deleted, (UNKNOWN_PARTITION,))
    yield "records deleted of 200,000 partitions that are none", delete_records(
        TOPIC, *((partition, 0) for partition in range(1000, 201_000))), (
            of_deleted, (UNKNOWN_PARTITION,))
    yield "records deleted of one partition 200,000 times", delete_records(
        TOPIC, *((0, 0) for _ in range(200_000))), (of_deleted, (NONE,))
    yield "records deleted of two billion topics", wire.frame(wire.header(21, 1) + two_billion), CLOSED
    yield "log directories of two billion topics", wire.frame(wire.header(35, 1) + two_billion), CLOSED
    yield "log directories with a topic cut short", wire.frame(
        wire.header(35, 1) + struct.pack(">ih", 1, 9) + b"t"), CLOSED
    yield "an election that is none", elect_leaders(9, 1), (of_election, (INVALID_REQUEST,))
    yield "an election of 200,000 partitions that are none", elect_leaders(0, 200_000), (
        of_election, (NONE,))
    yield "a reassignment of two billion topics", wire.frame(
        wire.header(45, 0) + b"\0" + struct.pack(">i", 5000) + flexible), CLOSED
    yield "a list of two billion reassignments", wire.frame(
        wire.header(46, 0) + b"\0" + struct.pack(">i", 5000) + flexible), CLOSED
    yield "two billion kinds of resources", wire.frame(wire.header(74, 1) + b"\0" + flexible), CLOSED


def table(port: int):
    """name, bytes, outcome: CLOSED, or (how to read the code, codes that count)."""
    good = wire.batch(wire.record(b"x"))
    unknown_version = wire.frame(wire.header(18, 99) + b"\0")
    yield "a frame with a negative length", struct.pack(">i", -5), CLOSED
    yield "a frame over socket.request.max.bytes", struct.pack(">i", 2_000_000_000), CLOSED
    yield "an unknown api key", wire.frame(wire.header(999, 0)), CLOSED
    yield "a version that does not exist", wire.frame(wire.header(3, 77)), CLOSED
    yield "an unknown version of ApiVersions", unknown_version, (first_word, (UNSUPPORTED_VERSION,))
    yield "produce v0, advertised but gone", wire.frame(wire.header(0, 0)), CLOSED
    yield "a header cut short", wire.frame(b"\0\x12\0"), CLOSED
    yield "a body cut short", wire.frame(wire.header(3, 4) + b"\0\0"), CLOSED
    yield "an array of two billion topics", wire.frame(
        wire.header(3, 4) + struct.pack(">i", 2_000_000_000)), CLOSED
    yield "an array of a million and one", wire.frame(
        wire.header(3, 4) + struct.pack(">i", 1_000_001) + b"\0" * 3_000_000), CLOSED
    yield "a string longer than the frame", wire.frame(
        wire.header(3, 4) + struct.pack(">ih", 1, 30_000) + b"x"), CLOSED
    yield "an HTTP request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", CLOSED
    yield "a TLS hello", bytes.fromhex("16030100c8010000c40303") + b"\0" * 200, CLOSED
    yield "a wrong CRC", wire.produce(TOPIC, wire.batch(wire.record(b"x"), crc=1)), (
        of_partition, (CORRUPT_MESSAGE,))
    yield "a wrong magic", wire.produce(TOPIC, wire.batch(wire.record(b"x"), magic=9)), (
        of_partition, (CORRUPT_MESSAGE, INVALID_RECORD, UNSUPPORTED_FOR_FORMAT))
    yield "a batch cut short", wire.produce(TOPIC, good[:-3]), (
        of_partition, (CORRUPT_MESSAGE, INVALID_RECORD))
    yield "a batch that counts more records than it has", wire.produce(
        TOPIC, wire.batch(wire.record(b"x"), count=5)), (
            of_partition, (INVALID_RECORD, CORRUPT_MESSAGE))
    yield "acks of 5", wire.produce(TOPIC, good, acks=5), (of_partition, (INVALID_REQUIRED_ACKS,))
    # max.decompressed.message.bytes is 2 GB by default, so Kafka takes such a batch; what counts is
    # that it costs no memory and delays nobody.
    bounded = (of_partition, (NONE, CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, INVALID_RECORD))
    size = 900 << 20
    yield "a gzip bomb of 900 MB", wire.produce(
        TOPIC, wire.batch(wire.gzip_bomb(size), codec=1)), bounded
    yield "a snappy bomb of 15 MB", wire.produce(
        TOPIC, wire.batch(snappy_bomb(15 << 20), codec=2)), bounded
    for codec, tool in ((3, ["lz4", "-9", "-c", "-BD", "-B4"]), (4, ["zstd", "-3", "-c"])):
        packed = bomb(tool, wire.record(b"\0" * (200 << 20)))
        yield f"a {tool[0]} bomb of 200 MB", wire.produce(
            TOPIC, wire.batch(packed, codec=codec)), bounded


class Judge:
    def __init__(self, node, idle_mb: float):
        self.node, self.idle_mb, self.counts = node, idle_mb, Counts()

    def __call__(self, name: str, good: bool, seen: str = "") -> None:
        print(f"{'ok  ' if good else 'FAIL'} {name}" + ("" if good else f": {seen}"), flush=True)
        self.counts += Counts(passed=int(good), failed=int(not good))

    def others(self, name: str) -> None:
        """Memory within the budget, and a quick answer for somebody else."""
        waited = wire.latency_ms(self.node.port)
        memory = self.node.rss_mb() - self.idle_mb
        self(f"{name}: others wait {waited:.0f} ms, {memory:.0f} MB more",
             waited <= OTHERS_WAIT_MS and memory <= BUDGET_MB, f"limits {OTHERS_WAIT_MS}, {BUDGET_MB}")


def run(context):
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with peers.scratch() as folder, peers.Node(context.against, folder / "node") as node:
        wire.create_topic(node.port, TOPIC)
        judge = Judge(node, node.rss_mb())
        for name, data, outcome in (*table(node.port), *administration()):
            one_case(judge, node, name, data, outcome)
        announced(judge, node)
        slow_senders(judge, node)
        many_connections(judge, node)
        judge("the node is still there", node.process.poll() is None)
        return judge.counts + connection_limits(context, folder)


def one_case(judge, node, name: str, data: bytes, outcome) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        answer = None
        try:
            answer = wire.ask(node.port, data, 60)
        except TimeoutError:
            judge(name, False, "no answer and not closed")
            return
        if outcome == CLOSED:
            judge(f"{name} closes the connection", answer is None, str(answer))
        elif outcome is not None:
            read, codes = outcome
            code = None if answer is None else read(answer)
            judge(f"{name} is answered with {code}", code in codes, f"expected one of {codes}")
    judge.others(name)


def announced(judge, node) -> None:
    """Apache Kafka took 852 MB more for this and stopped answering."""
    clients = [wire.Client(node.port) for _ in range(51)]
    for client in clients:
        client.send(struct.pack(">i", 100_000_000))
    time.sleep(0.5)
    judge.others("51 requests of 100 MB announced and not sent")
    for client in clients:
        client.close()


def slow_senders(judge, node) -> None:
    clients = [wire.Client(node.port) for _ in range(100)]
    request = wire.api_versions()
    for at in range(len(request)):
        for client in clients:
            client.send(request[at:at + 1])
        if at % 8 == 0:
            judge.others(f"100 slow senders after {at + 1} bytes")
    judge("slow senders get their answer in the end",
          all(client.answer() is not None for client in clients))
    for client in clients:
        client.close()


def many_connections(judge, node) -> None:
    clients = []
    with contextlib.ExitStack() as stack:
        for _ in range(5000):
            clients.append(stack.enter_context(wire.Client(node.port)))
        for client in clients[::100]:
            client.send(wire.api_versions())
        judge("5,000 connections: those that ask are answered",
              all(client.answer() is not None for client in clients[::100]))
        judge.others("5,000 connections")


def knock(port: int, seconds: float = 3) -> tuple[wire.Client, str]:
    """A new connection that asks one question: answered, closed, or (in that time) kept waiting."""
    client = wire.Client(port, seconds)
    try:
        client.send(wire.api_versions())
        return client, "closed" if client.answer() is None else "answered"
    except TimeoutError:
        return client, "waiting"
    except OSError:
        return client, "closed"


def until_answered(port: int, seconds: float = 5) -> bool:
    """A server learns a little later that a client has gone."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        client, outcome = knock(port)
        client.close()
        if outcome == "answered":
            return True
        time.sleep(0.05)
    return False


def connection_limits(context, folder) -> Counts:
    """max.connections and its family, as Apache Kafka keeps them."""
    def node_with(**settings):
        overrides = {key.replace("_", "."): value for key, value in settings.items()}
        return peers.Node(context.against, folder / "-".join(settings), overrides)

    with node_with(max_connections_per_ip=2, max_connections_per_ip_overrides="127.0.0.1:5") as node:
        judge = Judge(node, node.rss_mb())
        until_answered(node.port)
        held = [knock(node.port) for _ in range(6)]
        judge("the sixth connection of an address that may have five is closed",
              [outcome for _, outcome in held] == ["answered"] * 5 + ["closed"], str(held))
        held[0][0].close()
        judge("when one has gone another is let in", until_answered(node.port))
        counts = judge.counts
    with node_with(max_connections=3) as node:
        judge = Judge(node, node.rss_mb())
        until_answered(node.port)
        time.sleep(0.5)
        held = [knock(node.port) for _ in range(3)]
        judge("as many connections as may be are answered",
              [outcome for _, outcome in held] == ["answered"] * 3, str(held))
        late, outcome = knock(node.port, 0.7)
        judge("one too many waits", outcome == "waiting", outcome)
        held[0][0].close()
        late.socket.settimeout(5)
        judge("until another has gone", late.answer() is not None)
        counts += judge.counts
    with node_with(max_connection_creation_rate=3) as node:
        judge = Judge(node, node.rss_mb())
        until_answered(node.port)
        begun = time.monotonic()
        outcomes = [knock(node.port, 10)[1] for _ in range(36)]
        took = time.monotonic() - begun
        judge(f"36 connections where 3 a second may come take {took:.1f} s",
              set(outcomes) == {"answered"} and took >= 1, str(outcomes))
        counts += judge.counts
    return counts
