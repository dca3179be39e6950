"""Requests to the coordinator of transactions. The ids of a chapter are its own, and no transaction times out while a run lasts."""

from asking import Ref
from values import HUGE, World

TIMEOUT_MS = 600_000
STATES = ("Empty", "Ongoing", "PrepareCommit", "CompleteCommit", "CompleteAbort", "ongoing", "Dead", "NoSuchState", "")
PATTERNS = (None, None, "", ".*-tx1", "c.*", "(", "[", "tx1", "c[0-9]+-tx[12]")
GREATEST_EPOCH = 32767


def id_of(world: World) -> str:
    return f"{world.prefix}-{world.rng.choice(('tx1', 'tx1', 'tx1', 'tx2', 'tx3'))}"


def any_id(world: World) -> str:
    return world.rng.choice((id_of(world),) * 10 + ("", f"{world.prefix}-nobody"))


def producer_of(world: World, name: str) -> dict:
    """What the last InitProducerId or EndTxn told, or something else."""
    roll = world.rng.random()
    epoch = Ref("producer-epoch", name) if roll < 0.85 else world.rng.choice((0, 1, 2, -1, GREATEST_EPOCH - 1, GREATEST_EPOCH))
    return {"producer_id": Ref("producer", name) if roll < 0.95 else world.rng.choice((987_654_321, -1)),
            "producer_epoch": epoch}


def init_producer_id(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    name = None if rng.random() < 0.25 else any_id(world)
    given = producer_of(world, name) if name and rng.random() < 0.3 else rng.choice(
        ({"producer_id": -1, "producer_epoch": -1},) * 6 + ({"producer_id": 5, "producer_epoch": -1},
                                                            {"producer_id": -1, "producer_epoch": 0}))
    return {"transactional_id": name, "transaction_timeout_ms": rng.choice((TIMEOUT_MS,) * 8 + (0, -1, 900_001, HUGE)), **given,
            "enable2_pc": False, "keep_prepared_txn": False}, ""


def _topics(world: World) -> list[dict]:
    names = {world.topic() if world.rng.random() < 0.9 else "__consumer_offsets" for _ in range(world.rng.choice((1, 1, 2)))}
    return [{"name": name, "partitions": world.rng.choice(([0], [0], [0], [0, 1], [9], [-1], []))} for name in sorted(names)]


def add_partitions_to_txn(world: World, version: int) -> tuple[dict, str]:
    """Kafka never answers a request of no transactions, nor one that names an id twice."""
    rng = world.rng
    if version < 4:
        name = any_id(world)
        given = producer_of(world, name)
        return {"v3_and_below_transactional_id": name, "v3_and_below_producer_id": given["producer_id"],
                "v3_and_below_producer_epoch": given["producer_epoch"], "v3_and_below_topics": _topics(world)}, ""
    names = {any_id(world) for _ in range(rng.choice((1, 1, 1, 2)))}
    return {"transactions": [{"transactional_id": name, **producer_of(world, name), "verify_only": rng.random() < 0.5,
                              "topics": _topics(world)} for name in sorted(names)]}, ""


def add_offsets_to_txn(world: World, _version: int) -> tuple[dict, str]:
    name = any_id(world)
    return {"transactional_id": name, **producer_of(world, name), "group_id": world.rng.choice((f"{world.prefix}-g1", "g", ""))}, ""


def end_txn(world: World, _version: int) -> tuple[dict, str]:
    name = any_id(world)
    return {"transactional_id": name, **producer_of(world, name), "committed": world.rng.random() < 0.5}, ""


def describe_transactions(world: World, _version: int) -> tuple[dict, str]:
    return {"transactional_ids": [any_id(world) for _ in range(world.rng.choice((0, 1, 1, 2, 3)))]}, ""


def list_transactions(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    states = rng.choice(([], [], [rng.choice(STATES)], ["Ongoing", "Empty"], ["Ongoing", "Strange"]))
    return {"state_filters": states, "producer_id_filters": rng.choice(([], [], [], [Ref("producer", id_of(world))], [987_654_321])),
            "duration_filter": rng.choice((-1, -1, -1, HUGE, 10**15)), "transactional_id_pattern": rng.choice(PATTERNS)}, ""


MAKERS = {
    "InitProducerId": init_producer_id, "AddPartitionsToTxn": add_partitions_to_txn, "AddOffsetsToTxn": add_offsets_to_txn,
    "EndTxn": end_txn, "DescribeTransactions": describe_transactions, "ListTransactions": list_transactions,
}
# Times that decide what happens while a run lasts, and lists whose answer Kafka forgets.
SPARED = {"InitProducerId": frozenset({"transaction_timeout_ms"}), "ListTransactions": frozenset({"duration_filter"}),
          "AddPartitionsToTxn": frozenset({"transactions", "transactional_id"})}
