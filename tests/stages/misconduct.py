"""Members and producers that do not do their part: each with a named outcome, and bounded.

Shown to hold for Apache Kafka's answers too: `./test.sh misconduct --against kafka`.
"""

import pathlib
import sys
import time

from stages.common import Counts, judge

ORDER = 52
SUMMARY = "members and producers that do not do their part: named outcomes, bounded memory"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("peers", "e2e", "differential")]

import batches  # noqa: E402
import codec  # noqa: E402
import peers  # noqa: E402
import wire  # noqa: E402
from peers import until  # noqa: E402

SETTINGS = {"group.initial.rebalance.delay.ms": "0", "group.min.session.timeout.ms": "300",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "200",
            "offsets.topic.num.partitions": "3", "transaction.state.log.num.partitions": "3"}
TOPIC = "conduct"
MEMORY_MB = 150  # above the idle node
OTHERS_WAIT_MS = 250
FLOOD = 100_000
PRODUCERS = 50_000

# Kafka's codes.
NONE, UNKNOWN_PARTITION = 0, 3
METADATA_TOO_LARGE, ILLEGAL_GENERATION, UNKNOWN_MEMBER, REBALANCE = 12, 22, 25, 27
INCONSISTENT_PROTOCOL, INVALID_SESSION_TIMEOUT, INVALID_GROUP = 23, 26, 24
MEMBER_ID_REQUIRED, INVALID_TIMEOUT = 79, 50
FENCED_MEMBER_EPOCH, UNSUPPORTED_ASSIGNOR, INVALID_REGEX, INVALID_REQUEST = 110, 112, 128, 42
INVALID_MAPPING, INVALID_STATE, PRODUCER_FENCED, INVALID_EPOCH = 49, 48, 90, 47

OF_GROUPS = ("OffsetCommit", "OffsetFetch", "JoinGroup", "Heartbeat", "LeaveGroup", "SyncGroup", "DescribeGroups",
             "ListGroups", "DeleteGroups", "OffsetDelete", "ConsumerGroupHeartbeat", "ConsumerGroupDescribe")
OF_TRANSACTIONS = ("InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn", "WriteTxnMarkers",
                   "TxnOffsetCommit", "DescribeProducers", "DescribeTransactions", "ListTransactions")


class Client(wire.Client):
    """One connection that speaks any API of the schema; what is not said has its default."""

    schema = codec.load()
    apis = {api.name: api for api in schema.apis}

    def __init__(self, port: int):
        super().__init__(port, 30)
        self.waiting: list[tuple[str, int]] = []

    def request(self, name: str, version: int, **body) -> bytes:
        """What is in the frame of a request."""
        api = self.apis[name]
        return codec.request_header(api, version, 7, "misconduct") + codec.Codec(
            self.schema, api.request, version).encode(body)

    def begin(self, name: str, version: int, **body) -> "Client":
        self.send(wire.frame(self.request(name, version, **body)))
        self.waiting.append((name, version))
        return self

    def end(self) -> dict:
        name, version = self.waiting.pop(0)
        got = self.answer()
        if got is None:
            raise RuntimeError(f"{name} {version}: closed")
        api = self.apis[name]
        return codec.Codec(self.schema, api.response, version).decode(got[codec.response_header_size(api, version):])

    def ask(self, name: str, version: int, **body) -> dict:
        return self.begin(name, version, **body).end()


class World:
    def __init__(self, node):
        self.node = node
        self.idle_mb = node.rss_mb()
        self.counts = Counts()

    def client(self) -> Client:
        return Client(self.node.port)

    def check(self, name: str, good: bool, seen: object = "") -> None:
        self.counts += judge(name, good, str(seen))

    def others(self, name: str) -> None:
        waited = wire.latency_ms(self.node.port)
        memory = self.node.rss_mb() - self.idle_mb
        # What a JVM takes beside its heap is its own affair.
        bounded = self.node.kind == "kafka" or memory <= MEMORY_MB
        self.check(f"{name}: others wait {waited:.0f} ms, {memory:.0f} MB more",
                   waited <= OTHERS_WAIT_MS and bounded, f"limits {OTHERS_WAIT_MS}, {MEMORY_MB}")


class Member:
    """Of the classic protocol, as far as it does its part."""

    def __init__(self, world: World, group: str, session_ms: int = 20_000, rebalance_ms: int = 20_000):
        self.client, self.group = world.client(), group
        self.timeouts = {"session_timeout_ms": session_ms, "rebalance_timeout_ms": rebalance_ms}
        self.id, self.generation, self.members = "", -1, []

    def ask_to_join(self) -> "Member":
        self.client.begin("JoinGroup", 5, group_id=self.group, member_id=self.id, group_instance_id=None,
                          protocol_type="consumer", protocols=[{"name": "range", "metadata": b"m"}], **self.timeouts)
        return self

    def joined(self) -> int:
        answer = self.client.end()
        self.id = answer["member_id"] or self.id
        if answer["error_code"] == MEMBER_ID_REQUIRED:
            return self.ask_to_join().joined()
        self.generation, self.members = answer["generation_id"], [m["member_id"] for m in answer["members"]]
        return answer["error_code"]

    def ask_to_sync(self) -> "Member":
        self.client.begin("SyncGroup", 3, group_id=self.group, generation_id=self.generation, member_id=self.id,
                          group_instance_id=None,
                          assignments=[{"member_id": one, "assignment": b"a"} for one in self.members])
        return self

    def synced(self) -> int:
        return self.client.end()["error_code"]

    def heartbeat(self) -> int:
        return self.client.ask("Heartbeat", 3, group_id=self.group, generation_id=self.generation, member_id=self.id,
                               group_instance_id=None)["error_code"]

    def join_and_sync(self) -> int:
        return self.ask_to_join().joined() or self.ask_to_sync().synced()


def members_of(world: World, group: str) -> tuple[str, int]:
    client = world.client()
    answer = client.ask("DescribeGroups", 5, groups=[group], include_authorized_operations=False)["groups"][0]
    client.close()
    return answer["group_state"], len(answer["members"])


def ready(world: World) -> None:
    wire.create_topic(world.node.port, TOPIC)
    client = world.client()
    for kind in (0, 1):
        until(lambda kind=kind: client.ask("FindCoordinator", 3, key="x", key_type=kind)["error_code"] == NONE)
    for group in ("a", "b", "c", "d", "e"):
        until(lambda group=group: client.ask("OffsetFetch", 7, group_id=group, topics=None, require_stable=False)[
            "error_code"] == NONE)
    client.close()


def one_that_never_syncs(world: World) -> None:
    leader, other = (Member(world, "never-syncs", rebalance_ms=1000) for _ in range(2))
    leader.join_and_sync()
    other.ask_to_join()  # waits for the leader, after the detour for its id
    first = other.client.end()
    other.id = first["member_id"]
    other.ask_to_join()
    until(lambda: leader.heartbeat() == REBALANCE)
    leader.ask_to_join()
    world.check("the leader and another join", (leader.joined(), other.joined()) == (NONE, NONE))
    begun = time.monotonic()
    code = other.ask_to_sync().synced()
    took = time.monotonic() - begun
    world.check("the other, which syncs, is told to join again when the leader never does",
                code == REBALANCE and 0.5 <= took <= 5, f"error {code} after {took:.1f} s")
    code = other.ask_to_join().joined()
    world.check("and then has the group for itself", code == NONE and other.members == [other.id]
                and other.ask_to_sync().synced() == NONE, f"error {code}, {other.members}")
    world.check("the leader is no member any more", leader.heartbeat() == UNKNOWN_MEMBER)


def one_that_dies(world: World) -> None:
    member = Member(world, "dies", session_ms=400)
    member.join_and_sync()
    member.client.close()
    seen = until(lambda: members_of(world, "dies") == ("Empty", 0), 5)
    world.check("a member without heartbeats is gone after its session", bool(seen), members_of(world, "dies"))
    world.check("and is told so when it comes back", reborn(world, member) == UNKNOWN_MEMBER)


def reborn(world: World, member: Member) -> int:
    member.client = world.client()
    return member.heartbeat()


def a_flood_of_joins(world: World) -> None:
    """Each join without an id is given one, and never comes back with it."""
    client = world.client()
    join = client.request("JoinGroup", 5, group_id="flood", session_timeout_ms=5000, rebalance_timeout_ms=5000,
                          member_id="", group_instance_id=None, protocol_type="consumer",
                          protocols=[{"name": "range", "metadata": b"m" * 100}])
    at_once, ids, codes = 500, set(), set()
    for _ in range(FLOOD // at_once):
        client.send(wire.frame(join) * at_once)
        for _ in range(at_once):
            answer = codec.Codec(Client.schema, Client.apis["JoinGroup"].response, 5).decode(client.answer()[4:])
            codes.add(answer["error_code"])
            ids.add(answer["member_id"])
    world.check(f"{FLOOD:,} joins without an id: each is given its own", codes == {MEMBER_ID_REQUIRED} and len(ids) == FLOOD,
                f"{codes}, {len(ids)} ids")
    world.others(f"{FLOOD:,} joins without an id")
    member = Member(world, "flood")
    world.check("a member that does its part is let in beside them", member.join_and_sync() == NONE)
    client.close()


def commits_for_nothing(world: World) -> None:
    client = world.client()
    count = 20_000
    topics = [{"name": f"nowhere-{i}", "partitions": [{"partition_index": 0, "committed_offset": 5,
                                                        "committed_leader_epoch": -1, "committed_metadata": ""}]}
              for i in range(count)]
    topics.append({"name": TOPIC, "partitions": [{"partition_index": 9, "committed_offset": 5, "committed_leader_epoch": -1,
                                                  "committed_metadata": ""}]})
    answer = client.ask("OffsetCommit", 8, group_id="nothing", generation_id_or_member_epoch=-1, member_id="",
                        group_instance_id=None, topics=topics)
    codes = {p["error_code"] for topic in answer["topics"] for p in topic["partitions"]}
    world.check(f"commits for {count:,} topics and a partition that are not there", codes == {UNKNOWN_PARTITION}, codes)
    answer = client.ask("OffsetFetch", 7, group_id="nothing", topics=None, require_stable=False)
    world.check("leave nothing behind", answer["topics"] == [] and answer["error_code"] == NONE, answer)
    answer = client.ask("OffsetCommit", 8, group_id="nothing", generation_id_or_member_epoch=-1, member_id="",
                        group_instance_id=None, topics=[{"name": TOPIC, "partitions": [
                            {"partition_index": 0, "committed_offset": 5, "committed_leader_epoch": -1,
                             "committed_metadata": "m" * 5000}]}])
    code = answer["topics"][0]["partitions"][0]["error_code"]
    world.check("a commit with more metadata than offset.metadata.max.bytes", code == METADATA_TOO_LARGE, code)
    world.others("commits for nothing")
    client.close()


def commit(member: Member, **other) -> int:
    words = {"group_id": member.group, "generation_id_or_member_epoch": member.generation, "member_id": member.id,
             "group_instance_id": None,
             "topics": [{"name": TOPIC, "partitions": [{"partition_index": 0, "committed_offset": 1,
                                                         "committed_leader_epoch": -1, "committed_metadata": ""}]}]}
    answer = member.client.ask("OffsetCommit", 8, **{**words, **other})
    return answer["topics"][0]["partitions"][0]["error_code"]


def impostors(world: World) -> None:
    member = Member(world, "impostors")
    member.join_and_sync()
    for name, said, expected in (
            ("of a generation that is over", {"generation_id_or_member_epoch": member.generation - 1}, ILLEGAL_GENERATION),
            ("of a member nobody knows", {"member_id": "nobody"}, UNKNOWN_MEMBER),
            ("of nobody, to a group with members", {"generation_id_or_member_epoch": -1, "member_id": ""}, UNKNOWN_MEMBER),
            ("of a static member nobody knows", {"group_instance_id": "i"}, UNKNOWN_MEMBER),
            ("of the member itself", {}, NONE)):
        code = commit(member, **said)
        world.check(f"a commit {name} is answered with {code}", code == expected, f"expected {expected}")
    stranger = Member(world, "impostors")
    for name, body, expected in (
            ("a session too short", {"session_timeout_ms": 1}, INVALID_SESSION_TIMEOUT),
            ("another kind of protocol", {"protocol_type": "connect"}, INCONSISTENT_PROTOCOL),
            ("no protocol", {"protocols": []}, INCONSISTENT_PROTOCOL),
            ("a member id from nowhere", {"member_id": "from-nowhere"}, UNKNOWN_MEMBER),
            ("an empty group", {"group_id": ""}, INVALID_GROUP)):
        words = {"group_id": "impostors", "member_id": "", "group_instance_id": None, "protocol_type": "consumer",
                 "protocols": [{"name": "range", "metadata": b""}], **stranger.timeouts, **body}
        code = stranger.client.ask("JoinGroup", 5, **words)["error_code"]
        world.check(f"a join with {name} is answered with {code}", code == expected, f"expected {expected}")


def wrong_heartbeats(world: World) -> None:
    client = world.client()
    member = "kQ1uZ3v0T1mJm5y4q3b5Aw"

    def heartbeat(**said) -> int:
        words = {"group_id": "epochs", "member_id": member, "member_epoch": 0, "instance_id": None, "rack_id": None,
                 "rebalance_timeout_ms": 5000, "subscribed_topic_names": [TOPIC], "subscribed_topic_regex": None,
                 "server_assignor": None, "topic_partitions": [], **said}
        return client.ask("ConsumerGroupHeartbeat", 1, **words)["error_code"]

    later = {"rebalance_timeout_ms": -1, "subscribed_topic_names": None, "topic_partitions": None}
    for name, said, expected in (
            ("of a first member", {}, NONE),
            ("of an epoch to come", {"member_epoch": 99, **later}, FENCED_MEMBER_EPOCH),
            ("of a member nobody knows", {"member_id": "nobody", "member_epoch": 3, **later}, UNKNOWN_MEMBER),
            ("with an assignor that is none", {"member_id": "other", "server_assignor": "luck"}, UNSUPPORTED_ASSIGNOR),
            ("with a regular expression that is none", {"member_id": "other", "subscribed_topic_regex": "("}, INVALID_REGEX),
            ("without a group", {"group_id": ""}, INVALID_REQUEST),
            ("without a rebalance timeout", {"member_id": "other", "rebalance_timeout_ms": -1}, INVALID_REQUEST)):
        code = heartbeat(**said)
        world.check(f"a heartbeat {name} is answered with {code}", code == expected, f"expected {expected}")
    client.close()


def an_open_transaction(world: World) -> None:
    """Its producer is dead; those that read committed records must not wait for ever."""
    client = world.client()
    producer = until(lambda: begun(client, "dead", 1000))
    add_partition(client, "dead", producer)
    code = write(client, producer, b"never committed")
    world.check("a producer writes in a transaction", code == NONE, code)
    client.close()
    reader = world.client()
    world.check("its records hold readers back", end_of(reader, 1) < end_of(reader, 0), end_of(reader, 1))
    world.check("until its timeout", bool(until(lambda: end_of(reader, 1) == end_of(reader, 0), 10)), end_of(reader, 1))
    state = reader.ask("DescribeTransactions", 0, transactional_ids=["dead"])["transaction_states"][0]
    world.check("it was aborted", state["transaction_state"] == "CompleteAbort", state["transaction_state"])
    code = end_transaction(reader, "dead", producer)
    world.check(f"what its producer then says is answered with {code}", code in (PRODUCER_FENCED, INVALID_EPOCH), code)
    reader.close()


def begun(client: Client, name: str | None, timeout_ms: int = 60_000) -> tuple[int, int] | None:
    answer = client.ask("InitProducerId", 4, transactional_id=name, transaction_timeout_ms=timeout_ms)
    return (answer["producer_id"], answer["producer_epoch"]) if answer["error_code"] == NONE else None


def add_partition(client: Client, name: str, producer: tuple[int, int]) -> int:
    return client.ask("AddPartitionsToTxn", 3, v3_and_below_transactional_id=name, v3_and_below_producer_id=producer[0],
                      v3_and_below_producer_epoch=producer[1], v3_and_below_topics=[{"name": TOPIC, "partitions": [0]}])[
        "results_by_topic_v3_and_below"][0]["results_by_partition"][0]["partition_error_code"]


def end_transaction(client: Client, name: str, producer: tuple[int, int]) -> int:
    return client.ask("EndTxn", 3, transactional_id=name, producer_id=producer[0], producer_epoch=producer[1],
                      committed=True)["error_code"]


def write(client: Client, producer: tuple[int, int], value: bytes) -> int:
    records = batches.batch(batches.record(0, None, value), 1, attributes=batches.TRANSACTIONAL, producer=(*producer, 0))
    return client.ask("Produce", 8, transactional_id="dead", acks=-1, timeout_ms=5000, topic_data=[
        {"name": TOPIC, "partition_data": [{"index": 0, "records": records}]}])[
        "responses"][0]["partition_responses"][0]["error_code"]


def end_of(client: Client, isolation: int) -> int:
    return client.ask("ListOffsets", 5, replica_id=-1, isolation_level=isolation, topics=[{"name": TOPIC, "partitions": [
        {"partition_index": 0, "current_leader_epoch": -1, "timestamp": -1}]}])["topics"][0]["partitions"][0]["offset"]


def producers_that_are_none(world: World) -> None:
    client = world.client()
    code = add_partition(client, "stranger", (77, 0))
    world.check(f"a transaction of an id that nobody had is answered with {code}", code == INVALID_MAPPING, code)
    producer = until(lambda: begun(client, "twice"))
    code = end_transaction(client, "twice", producer)
    world.check(f"the end of a transaction that never began is answered with {code}", code == INVALID_STATE, code)
    until(lambda: begun(client, "twice"))
    code = add_partition(client, "twice", producer)
    world.check(f"the first of two producers of one id is answered with {code}", code == PRODUCER_FENCED, code)
    answer = client.ask("InitProducerId", 4, transactional_id="long", transaction_timeout_ms=2**31 - 1)
    world.check("a transaction as long as can be said is refused", answer["error_code"] == INVALID_TIMEOUT, answer)
    client.close()


def a_flood_of_producers(world: World) -> None:
    """Each writes one batch and is never seen again."""
    client = world.client()
    at_once, bad = 250, 0
    for first in range(0, PRODUCERS, at_once):
        for i in range(first, first + at_once):
            records = batches.batch(batches.record(0, None, b"x"), 1, producer=(1_000_000 + i, 0, 0))
            client.begin("Produce", 8, transactional_id=None, acks=-1, timeout_ms=5000, topic_data=[
                {"name": TOPIC, "partition_data": [{"index": 0, "records": records}]}])
        for _ in range(at_once):
            bad += client.end()["responses"][0]["partition_responses"][0]["error_code"] != NONE
    world.check(f"{PRODUCERS:,} producers write one batch each", bad == 0, f"{bad} were refused")
    world.others(f"{PRODUCERS:,} producers")
    client.close()


def cut_short(world: World, names: tuple[str, ...]) -> None:
    """The last byte of every version's request is missing, or an array of it goes on for ever."""
    for name in names:
        api, seen = Client.apis[name], []
        for version in range(api.versions.first, api.versions.last + 1):
            client = world.client()
            client.send(wire.frame(client.request(name, version)[:-1]))
            if client.answer() is not None:
                seen.append(version)
            client.close()
        world.check(f"{name} cut short closes the connection in every version", not seen, f"answered in {seen}")


def run(context):
    if context.against == "moldau" and not (peers.DIST / "bin/moldau").exists():
        print("FAIL no build/dist/bin/moldau; ./test.sh build makes it")
        return Counts(failed=1)
    with peers.scratch() as folder, peers.Node(context.against, folder / "node", SETTINGS) as node:
        world = World(node)
        ready(world)
        for part in (one_that_never_syncs, one_that_dies, impostors, wrong_heartbeats, commits_for_nothing,
                     an_open_transaction, producers_that_are_none, a_flood_of_joins, a_flood_of_producers):
            part(world)
        cut_short(world, OF_GROUPS + OF_TRANSACTIONS)
        world.others("after all of it")
        world.check("the node is still there", node.process.poll() is None)
        return world.counts
