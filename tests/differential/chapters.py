"""The requests of a run, made from its seed: chapters, each with topics of its own that are filled, asked about and deleted."""

import random
import struct

import batches
from asking import Ask
from codec import model
from makers import MAKERS, SPARED, finished
from values import World

BODY = 40  # requests of a chapter beside those that prepare and clean up
BENT = 0.3  # of the requests have one thing wrong
TORN = 0.02  # end too early or too late
ONLY_ASKING = ("ApiVersions", "ConsumerGroupDescribe", "Describe", "Fetch", "Find", "List", "Metadata", "OffsetFetch",
               "OffsetForLeaderEpoch")  # or begin so; they change nothing
TOPICS = (
    ("plain", 3, {}),
    ("compacted", 1, {"cleanup.policy": "compact"}),
    ("stamped", 1, {"message.timestamp.type": "LogAppendTime", "max.message.bytes": "2000"}),
    ("dotted.name", 2, {"min.insync.replicas": "1", "compression.type": "uncompressed"}),
    ("packed", 1, {"compression.type": "gzip"}),
)


class Deck:
    """Every API and version in turn, in an order that the seed decides."""

    def __init__(self, seed: int, cards: list[tuple[str, int, str]]):
        self.rng = random.Random(f"{seed} deck")
        self.cards = cards
        self.left: list[tuple[str, int, str]] = []
        self.round = 0

    def draw(self) -> tuple[str, int, str]:
        if not self.left:
            self.left = list(self.cards)
            self.round += 1
            self.rng.shuffle(self.left)
        return self.left.pop()


def plan(schema: model.Schema, cards: list[tuple[str, int, str]], seed: int, count: int) -> list[Ask]:
    apis = {api.name: api for api in schema.apis}
    deck, asks, number = Deck(seed, cards), [], 0
    while len(asks) < count:
        number += 1
        world = World(random.Random(f"{seed} chapter {number}"), f"c{number}")
        asks += opened(world)
        for _ in range(BODY):
            card = deck.draw()
            # Each version is asked once as a whole, however short the run.
            asks.append(one(world, schema, apis, *card, torn=TORN if deck.round > 1 else 0))
        asks += closed(world)
    return asks


def opened(world: World) -> list[Ask]:
    topics = [{"name": f"{world.prefix}-{word}", "num_partitions": count, "replication_factor": 1,
               "assignments": [], "configs": [{"name": k, "value": v} for k, v in given.items()]}
              for word, count, given in TOPICS]
    asks = [finished(world, "CreateTopics", 7, {"topics": topics, "timeout_ms": 30_000}, "", "broker")]
    for topic in topics:
        for index in range(topic["num_partitions"]):
            for _ in range(2):
                asks.append(Ask("Produce", 9, {"acks": -1, "timeout_ms": 30_000, "topic_data": [
                    {"name": topic["name"], "partition_data": [
                        {"index": index, "records": batches.good(world.rng)}]}]}))
    packed = {"partition": 0, "fetch_offset": 0, "partition_max_bytes": 1 << 20}
    asks.append(Ask("Fetch", 11, {"max_wait_ms": 0, "min_bytes": 1, "max_bytes": 1 << 20, "topics": [
        {"topic": f"{world.prefix}-packed", "partitions": [packed]}]}))
    return asks


def closed(world: World) -> list[Ask]:
    """Ends with what the two answer differently: nothing may come after it that shows which batches were taken."""
    plain = f"{world.prefix}-plain"
    parts = [{"index": index, "records": batches.good(world.rng)} for index in (0, 0, 1)]
    twice = [[{"name": plain, "partition_data": parts[1:2]}, {"name": plain, "partition_data": parts[2:]}],
             [{"name": plain, "partition_data": parts[:2]}]]
    names = sorted({*world.topics, *(f"{world.prefix}-{word}" for word, _, _ in TOPICS),
                    f"{world.prefix}-missing"})
    return [*(Ask("Produce", 9, {"acks": -1, "timeout_ms": 30_000, "topic_data": data}) for data in twice),
            Ask("DeleteTopics", 5, {"topic_names": names, "timeout_ms": 30_000}, settle=True)]


def one(world: World, schema: model.Schema, apis: dict, name: str, version: int, listener: str, torn: float) -> Ask:
    api = apis[name]
    if version not in api.versions:
        return unreadable(world, api, version, listener)
    maker = MAKERS.get(name)
    if maker is None:
        body, note = world.struct(api.request.top, version, schema.types), ""
    else:
        body, note = maker(world, version)
    body = {field.name: body[field.name] for field in api.request.top.fields
            if version in field.versions and field.name in body}
    said = note if name not in ("Fetch", "JoinGroup") else ""
    if world.rng.random() < BENT:
        spared = SPARED[""] | SPARED.get(name, frozenset())
        said = f"{said} {world.bend(api.request, version, schema.types, body, spared)}".strip()
    ask = finished(world, name, version, body, note, listener)
    ask.note = said
    if world.rng.random() < torn:
        # What is too long is refused by one of the two: it must be nothing that later answers show.
        harmless = name.startswith(ONLY_ASKING) and not ask.settle and not ask.session and \
            not body.get("session_id")
        ask.tail = world.rng.choice((-1, -2, -5, 1, 3, 1, 3, 1, 3) if harmless else (-1, -2, -5))
        ask.note = f"{said} {ask.tail:+} bytes".strip()
    return ask


def unreadable(world: World, api: model.Api, version: int, listener: str) -> Ask:
    """A version that is not there, or that is advertised without being there."""
    head = struct.pack(">hhih", api.key, version, 77, 1) + b"d"
    return Ask(api.name, version, head + b"\0" * world.rng.choice((0, 1, 20)), listener,
               note="a version that does not exist")
