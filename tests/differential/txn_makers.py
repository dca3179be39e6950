"""Requests about transactions: of their coordinator, and of the partitions that they write to."""

import group_makers
from asking import Ref, TransactionalBatch
from txn_coordinator_makers import any_id, producer_of
from values import World

# Idempotent producers of makers.py, which write to the topics of the chapter, and others that never do.
PRODUCERS = (4000, 4000, 4001, 7000)


def write_txn_markers(world: World, _version: int) -> tuple[dict, str]:
    """Kafka never answers a request whose last marker has none of its partitions, or one of them twice."""
    rng = world.rng
    several = rng.random() < 0.2 and world.topics
    markers = []
    for producer in rng.sample((4000, 4001, 7000), 2) if several else (rng.choice((*PRODUCERS, -1)),):
        topics = {rng.choice(world.topics): [0]} if several else \
            {world.topic(): rng.choice(([0], [0], [0, 1], [0, 9], [-1], [])) for _ in range(rng.choice((0, 1, 1, 1, 2)))}
        markers.append({"producer_id": producer, "producer_epoch": rng.choice((0, 0, 0, 1, 2, -1)),
                        "transaction_result": rng.random() < 0.5,
                        "topics": [{"name": name, "partition_indexes": parts} for name, parts in topics.items()],
                        "coordinator_epoch": rng.choice((0, 0, 0, 1, 5, -1)),
                        "transaction_version": rng.choice((0, 0, 1, 2, 2))})
    return {"markers": markers if rng.random() < 0.95 else []}, ""


def describe_producers(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    return {"topics": [{"name": world.topic(), "partition_indexes": rng.choice(([0], [0], [0, 1], [0, 2], [9], [-1], []))}
                       for _ in range(rng.choice((0, 1, 1, 2)))]}, ""


def produce_in_transaction(world: World, version: int) -> tuple[dict, str]:
    """One batch for each partition, mostly the first of its transaction."""
    rng = world.rng
    name = any_id(world)
    epoch = producer_of(world, name)["producer_epoch"]
    topics = []
    for topic in sorted({world.topic() for _ in range(rng.choice((1, 1, 1, 2)))}):
        which = {"name": topic} if version < 13 else {
            "topic_id": Ref("topic", topic) if topic in world.topics else world.topic_id()}
        topics.append({**which, "partition_data": [
            {"index": index, "records": TransactionalBatch(name, epoch, rng.choice((0, 0, 0, 1, 7)), rng.choice((b"a", b"b")))}
            for index in rng.choice(([0], [0], [0, 1], [9]))]})
    said = name if rng.random() < 0.95 else rng.choice((None, "another"))
    return {"transactional_id": said, "acks": rng.choice((-1, -1, -1, 1)), "timeout_ms": 30_000, "topic_data": topics}, name


def txn_offset_commit(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    name = any_id(world)

    def partition(index: int) -> dict:
        return {"partition_index": index, "committed_offset": rng.choice((0, 1, 5, 70, -1)),
                "committed_leader_epoch": rng.choice((-1, -1, 0, 5)), "committed_metadata": rng.choice(group_makers.NOTES)}

    group = group_makers.any_group(world)
    outside = rng.random() < 0.7
    return {"transactional_id": name, "group_id": group, **producer_of(world, name),
            "generation_id_or_member_epoch": -1 if outside else group_makers.generation_of(world, group),
            "member_id": "" if outside else group_makers.member_of(world, group),
            "group_instance_id": None if outside else group_makers.instance_of(world),
            "topics": group_makers.topics_of(world, version, 6, partition)}, ""


MAKERS = {"TxnOffsetCommit": txn_offset_commit, "WriteTxnMarkers": write_txn_markers, "DescribeProducers": describe_producers}
# Numbers with which Kafka writes markers of nobody, and lists whose answer it forgets.
SPARED = {"WriteTxnMarkers": frozenset({"producer_id", "producer_epoch", "transaction_version", "markers", "topics",
                                        "partition_indexes"})}
