"""Requests of one API that a good client could send, in a world that a chapter has made. What has no maker is filled from the schema."""

import re

import admin_makers
import batches
import config_values as configs
import group_makers
import txn_coordinator_makers
import txn_makers
from asking import Ask, Ref
from values import HUGE, World

TOPIC, BROKER, LOGGER, METRICS, GROUP = 2, 4, 8, 16, 32
LEGAL = re.compile(r"[a-zA-Z0-9._-]{1,249}")
# Their requests change metadata: the next one waits until the broker shows it.
CHANGING = {"CreateTopics", "DeleteTopics", "CreatePartitions", "AlterConfigs", "UpdateFeatures",
            "IncrementalAlterConfigs", "UnregisterBroker", "BrokerRegistration", "BrokerHeartbeat"}
# Numbers that decide how long an answer takes, or would harm the node for all requests after.
SPARED = {
    "": frozenset({"timeout_ms", "max_wait_ms"}),
    "UnregisterBroker": frozenset({"broker_id"}),
    "UpdateFeatures": frozenset({"timeout_ms", "validate_only", "max_version_level", "upgrade_type"}),
    **group_makers.SPARED,
    **txn_coordinator_makers.SPARED,
    **txn_makers.SPARED,
    **admin_makers.SPARED,
}


def legal(name) -> bool:
    return isinstance(name, str) and name not in (".", "..") and bool(LEGAL.fullmatch(name))


def produce(world: World, version: int) -> tuple[dict, str]:
    if world.rng.random() < 0.25:
        return txn_makers.produce_in_transaction(world, version)
    rng, notes, topics = world.rng, [], []
    for _ in range(rng.choice((1, 1, 1, 2))):
        name = world.topic()
        partitions = []
        for _ in range(rng.choice((1, 1, 1, 2))):
            index = rng.choice((0, 0, 0, 0, 1, 2, -1, 9))
            note, records = _records(world, name, index)
            notes.append(note)
            partitions.append({"index": index, "records": records})
        which = {"name": name} if version < 13 else {"topic_id": _id(world, name)}
        topics.append({**which, "partition_data": partitions})
    acks = rng.choice((-1, -1, -1, -1, 1, 1, 0, 2))
    return {"acks": acks, "timeout_ms": 30_000, "topic_data": topics}, ", ".join(notes)


def _id(world: World, name: str):
    return Ref("topic", name) if name in world.topics else world.topic_id()


def _records(world: World, topic: str, index: int) -> tuple[str, bytes | None]:
    rng, roll = world.rng, world.rng.random()
    if roll < 0.45:
        return "good", batches.good(rng)
    if roll < 0.6:
        codec = rng.choice((1, 2, 3, 4))
        return batches.CODECS[codec], batches.good(rng, codec=codec)
    if roll < 0.8:
        key = (topic, index, 4000 + rng.randrange(2))
        at = world.sequences.get(key, 0)
        step = rng.choice((0, 0, 0, 0, 0, -1, -2, 1, 5))
        epoch = rng.choice((0, 0, 0, 0, 0, 0, 1, -1))
        data = batches.good(rng, producer=(key[2], epoch, max(at + step, 0)))
        if step == 0 and epoch == 0:
            world.sequences[key] = at + batches.HEAD.unpack_from(data)[-1]
        return f"producer {key[2]} epoch {epoch} sequence {at}{step:+}", data
    return batches.wrong(rng)


def fetch(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    topics = []
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        name = world.topic()
        partitions = [{
            "partition": rng.choice((0, 0, 0, 1, 2, -1, 9)),
            "current_leader_epoch": rng.choice((-1, -1, -1, 0, 1, -2)),
            "fetch_offset": rng.choice((0, 0, 0, 1, 2, 4, 7, 40, -1, 2**63 - 1)),
            "last_fetched_epoch": rng.choice((-1, -1, -1, -1, 0, 3)),
            "log_start_offset": rng.choice((-1, -1, -1, 0)),
            "partition_max_bytes": rng.choice((1 << 20, 1 << 20, 100, 1, 0, -1, HUGE)),
        } for _ in range(rng.choice((1, 1, 2)))]
        which = {"topic": name} if version < 13 else {"topic_id": _id(world, name)}
        topics.append({**which, "partitions": partitions})
    body = {"max_wait_ms": rng.choice((0, 0, 10)), "min_bytes": rng.choice((0, 1, 1, 100_000)),
            "max_bytes": rng.choice((HUGE, 1 << 20, 200, 0)), "isolation_level": rng.choice((0, 0, 1)),
            "topics": topics, "rack_id": rng.choice(("", "", "rack"))}
    note = ""
    if version >= 7:
        note = _session(world, body)
    return body, note


def _session(world: World, body: dict) -> str:
    rng, roll = world.rng, world.rng.random()
    if roll < 0.4:
        return ""
    if roll < 0.65 or not world.sessions:
        name = world.fresh("session")
        world.sessions.append(name)
        world.sequences[name] = 1
        body.update(session_id=0, session_epoch=0)
        return name
    name = rng.choice(world.sessions)
    step = rng.choice((0, 0, 0, 0, 1, -1))
    epoch = world.sequences[name] + step
    if rng.random() < 0.1:
        epoch = rng.choice((-1, 0, -2))
    elif step == 0:
        world.sequences[name] += 1
    body.update(session_id=Ref("session", name), session_epoch=epoch)
    if rng.random() < 0.3:
        body["topics"] = []
    return name if epoch == 0 else ""


def list_offsets(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    stamps = (-1, -1, -2, -2, -3, -4, -5, -6, -7, -100, 0, 1_700_000_000_000, 1_700_000_001_001,
              1_700_000_003_000, 1_800_000_000_000, 2**63 - 1)
    topics = [{"name": world.topic(), "partitions": [{
        "partition_index": rng.choice((0, 0, 0, 1, 2, -1, 9)),
        "current_leader_epoch": rng.choice((-1, -1, -1, 0, 1, -2)),
        "timestamp": rng.choice(stamps)} for _ in range(rng.choice((1, 1, 2, 3)))]}
        for _ in range(rng.choice((1, 1, 2)))]
    return {"replica_id": rng.choice((-1, -1, -1, -1, -2, 1, 5)), "topics": topics,
            "isolation_level": rng.choice((0, 0, 1)), "timeout_ms": 1000}, ""


def metadata(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    topics = None
    if rng.random() < 0.85 or version == 0:
        topics = []
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            by_id = version >= 10 and rng.random() < 0.3
            topics.append({"topic_id": world.topic_id(), "name": rng.choice((None, None, "x"))} if by_id
                          else {"name": world.topic(), "topic_id": bytes(16)})
    return {"topics": topics, "allow_auto_topic_creation": rng.random() < 0.3,
            "include_cluster_authorized_operations": rng.random() < 0.5,
            "include_topic_authorized_operations": rng.random() < 0.5}, ""


def create_topics(world: World, version: int) -> tuple[dict, str]:
    rng, topics = world.rng, []
    for _ in range(rng.choice((1, 1, 1, 2))):
        name = world.fresh("made") if rng.random() < 0.7 else world.topic()
        topic = {"name": name, "num_partitions": rng.choice((1, 1, 2, 3, -1, 0, -2, 10_001, HUGE)),
                 "replication_factor": rng.choice((1, 1, 1, 1, -1, 0, 2, -2)), "assignments": [],
                 "configs": []}
        if rng.random() < 0.2:
            topic.update(_assigned(world))
        if rng.random() < 0.4:
            keys = [configs.of_topic(rng) for _ in range(rng.choice((1, 1, 2)))]
            topic["configs"] = [{"name": key, "value": value} for key, value in keys]
        topics.append(topic)
    return {"topics": topics, "timeout_ms": 30_000, "validate_only": rng.random() < 0.3}, ""


def _assigned(world: World) -> dict:
    rng = world.rng
    assignments = [{"partition_index": index, "broker_ids": rng.choice(([1], [1], [1], [], [1, 1], [2], [1, 2]))}
                   for index in rng.choice(([0], [0, 1], [1], [0, 2], [0, 0]))]
    numbers = rng.choice(((-1, -1), (-1, -1), (1, 1), (1, -1), (-1, 1)))
    return {"assignments": assignments, "num_partitions": numbers[0], "replication_factor": numbers[1]}


def create_partitions(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    topics = [{"name": world.topic(), "count": rng.choice((0, -1, 1, 2, 4, 4, 5, 11_000, HUGE)),
               "assignments": rng.choice((None, None, None, [], [{"broker_ids": [1]}],
                                          [{"broker_ids": [1]}, {"broker_ids": [1]}],
                                          [{"broker_ids": [2]}], [{"broker_ids": []}]))}
              for _ in range(rng.choice((1, 1, 2)))]
    return {"topics": topics, "timeout_ms": 30_000, "validate_only": rng.random() < 0.4}, ""


def delete_topics(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    doomed = [world.topic() for _ in range(rng.choice((1, 1, 2)))]
    if rng.random() < 0.8:  # mostly what nobody else wants
        doomed = [name for name in doomed if name not in world.topics[:4]] or [world.fresh("never")]
    world.topics = [name for name in world.topics if name not in doomed]
    states = [{"name": None, "topic_id": Ref("topic", name)} if rng.random() < 0.4
              else {"name": name, "topic_id": bytes(16)} for name in doomed]
    if rng.random() < 0.15:
        states.append({"name": rng.choice((None, "x")), "topic_id": bytes(range(16))})
    return {"topics": states, "topic_names": doomed, "timeout_ms": 30_000}, ""


def resource(world: World) -> tuple[int, str]:
    rng = world.rng
    kind = rng.choice((TOPIC, TOPIC, TOPIC, BROKER, BROKER, METRICS, GROUP, 0, 1, 127))
    name = {TOPIC: world.topic, BROKER: lambda: rng.choice(("1", "1", "", "2", "x", "-1")),
            METRICS: lambda: rng.choice(("metrics-1", "")), GROUP: lambda: rng.choice(("group-1", ""))}
    return kind, name.get(kind, lambda: "x")()


def describe_configs(world: World, _version: int) -> tuple[dict, str]:
    rng, resources = world.rng, []
    for _ in range(rng.choice((1, 1, 2))):
        kind, name = resource(world)
        keys = None
        if rng.random() < 0.6:
            of = {TOPIC: configs.of_topic, BROKER: configs.of_broker, GROUP: configs.of_group}
            keys = [of.get(kind, configs.of_metrics)(rng)[0] for _ in range(rng.choice((0, 1, 2)))]
        resources.append({"resource_type": kind, "resource_name": name, "configuration_keys": keys})
    return {"resources": resources, "include_synonyms": rng.random() < 0.5,
            "include_documentation": rng.random() < 0.3}, ""


def alter_configs(world: World, version: int) -> tuple[dict, str]:
    return _altered(world, lambda entry: entry)


def incremental_alter_configs(world: World, version: int) -> tuple[dict, str]:
    def with_operation(entry: dict) -> dict:
        entry["config_operation"] = world.rng.choice((0, 0, 0, 0, 1, 1, 2, 3, 4, -1))
        return entry
    return _altered(world, with_operation)


def _altered(world: World, finished) -> tuple[dict, str]:
    rng, resources = world.rng, []
    for _ in range(rng.choice((1, 1, 2))):
        kind, name = resource(world)
        if resources and kind not in (TOPIC, BROKER):
            continue  # Kafka does not answer when several are of a kind that it does not know
        of = {TOPIC: configs.of_topic, BROKER: configs.of_broker, GROUP: configs.of_group,
              METRICS: configs.of_metrics}.get(kind, configs.of_topic)
        entries = []
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            key, value = of(rng)
            entries.append(finished({"name": key, "value": None if rng.random() < 0.1 else value}))
        # Which of several faults Kafka names depends on a hash map.
        odd = [entry for entry in entries if entry.get("config_operation", 0) not in (0, 1)]
        entries = odd[:1] or entries
        resources.append({"resource_type": kind, "resource_name": name, "configs": entries})
    only = rng.random() < 0.4 or any(r["resource_type"] == BROKER for r in resources)
    return {"resources": resources, "validate_only": only}, ""


def offset_for_leader_epoch(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    return {"replica_id": rng.choice((-2, -1, -1, 1, 5)), "topics": [
        {"topic": world.topic(), "partitions": [
            {"partition": rng.choice((0, 0, 0, 1, 2, -1, 9)),
             "current_leader_epoch": rng.choice((-1, -1, 0, 1, -2)),
             "leader_epoch": rng.choice((0, 0, 0, -1, 1, 5, -2, HUGE))}
            for _ in range(rng.choice((1, 1, 2)))]} for _ in range(rng.choice((1, 1, 2)))]}, ""


def find_coordinator(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    kind = rng.choice((0, 0, 0, 1, 1, 2, 3, -1) + ((2,) * 8 if version >= 6 else ()))
    keys = [rng.choice(("group-1", "group-2", "", "a:b:c", "é")) for _ in range(rng.choice((0, 1, 1, 2)))]
    return {"key": rng.choice(("group-1", "", "é")), "key_type": kind, "coordinator_keys": keys}, ""


def describe_quorum(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    name = rng.choice(("__cluster_metadata",) * 4 + (world.topic(),))
    partitions = rng.choice(([0], [0], [0], [1], [], [0, 1]))
    topics = [{"topic_name": name, "partitions": [{"partition_index": index} for index in partitions]}]
    return {"topics": topics}, ""


def describe_cluster(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    return {"include_cluster_authorized_operations": rng.random() < 0.5,
            "endpoint_type": rng.choice((1, 1, 1, 2, 0, 3, -1)),
            "include_fenced_brokers": rng.random() < 0.5}, ""


def describe_topic_partitions(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    cursor = None
    if rng.random() < 0.4:
        cursor = {"topic_name": world.topic(), "partition_index": rng.choice((0, 1, 2, 5, -1))}
    names = [world.topic() for _ in range(rng.choice((0, 1, 1, 2, 3)))]
    return {"topics": [{"name": name} for name in names], "cursor": cursor,
            "response_partition_limit": rng.choice((2000, 1, 2, 3, 0, -1, HUGE))}, ""


def update_features(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    levels = {"metadata.version": (33, 34, 0, 100), "transaction.version": (2, 3, 100),
              "group.version": (1, 5), "eligible.leader.replicas.version": (1, 2),
              "no.such.feature": (0, 1), "": (1,)}
    if version > 0:  # which can be asked to change nothing
        levels.update({"metadata.version": (33, 32, 31, 7, 1, 0, -1, 100), "share.version": (1, 0, 2, 9),
                       "streams.version": (0, 1, 2), "transaction.version": (0, 1, 2, 3)})
    updates = []
    for _ in range(rng.choice((1, 1, 2))):
        feature = rng.choice(sorted(levels))
        updates.append({"feature": feature, "max_version_level": rng.choice(levels[feature]),
                        "allow_downgrade": False, "upgrade_type": rng.choice((1, 1, 2, 3, 0, 4))})
    return {"timeout_ms": rng.choice(admin_makers.TIMEOUTS),
            "feature_updates": updates, "validate_only": True}, ""


def unregister_broker(world: World, _version: int) -> tuple[dict, str]:
    return {"broker_id": world.rng.choice((2, 0, -1, -2, HUGE))}, ""


def api_versions(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    names = ("moldau", "a", "a-b.c", "", "a b", "-a", "a-", "é", "a_b", "1")
    return {"client_software_name": rng.choice(("moldau",) * 6 + names),
            "client_software_version": rng.choice(("1.0",) * 6 + names),
            "cluster_id": rng.choice((None, None, "4L6g3nShT-eMCtK--X86sw", "", "another")),
            "node_id": rng.choice((-1, -1, 1, 2, -5))}, ""


MAKERS = {
    "Produce": produce, "Fetch": fetch, "ListOffsets": list_offsets, "Metadata": metadata,
    "CreateTopics": create_topics, "CreatePartitions": create_partitions, "DeleteTopics": delete_topics,
    "DescribeConfigs": describe_configs, "AlterConfigs": alter_configs,
    "IncrementalAlterConfigs": incremental_alter_configs,
    "OffsetForLeaderEpoch": offset_for_leader_epoch, "FindCoordinator": find_coordinator,
    "DescribeQuorum": describe_quorum, "DescribeCluster": describe_cluster, "ApiVersions": api_versions,
    "DescribeTopicPartitions": describe_topic_partitions, "UpdateFeatures": update_features,
    "UnregisterBroker": unregister_broker, **group_makers.MAKERS, **admin_makers.MAKERS, **txn_coordinator_makers.MAKERS,
    **txn_makers.MAKERS,
}


def _apart(body: dict) -> None:
    """Batches for a partition that was there before go nowhere, where both sides refuse them."""
    seen = set()
    for topic in body.get("topic_data") or ():
        for partition in topic.get("partition_data") or ():
            place = topic.get("name"), topic.get("topic_id"), partition["index"]
            if place in seen:
                partition["index"] = 9
            seen.add(place)


def _each_once(body: dict) -> None:
    """Kafka takes a protocol that one member names twice for that of two members, and waits for the second for ever."""
    protocols = body.get("protocols")
    if protocols:
        body["protocols"] = list({one["name"]: one for one in protocols}.values())


def _with_names(body: dict) -> None:
    """A voter's listener without a name ends Kafka's node."""
    for listener in body.get("listeners") or ():
        if listener["name"] == "":
            listener["name"] = "x"


def finished(world: World, api: str, version: int, body: dict, note: str, listener: str) -> Ask:
    """The request with what has to be known around it."""
    ask = Ask(api, version, body, listener, note=note, settle=api in CHANGING)
    if api == "Metadata" and (version < 4 or body.get("allow_auto_topic_creation")):
        names = [topic.get("name") for topic in body.get("topics") or ()]
        ask.expect = tuple(sorted({name for name in names if legal(name)}))
        ask.settle = bool(ask.expect)
        world.topics += [name for name in ask.expect if name not in world.topics]
    if api == "CreateTopics":
        world.topics += [topic["name"] for topic in body.get("topics") or ()
                         if legal(topic["name"]) and topic["name"] not in world.topics]
    if api == "Produce":
        _apart(body)
    if api == "Fetch" and note:
        ask.session = note
    if api == "JoinGroup":
        _each_once(body)
    if api in ("AddRaftVoter", "UpdateRaftVoter"):
        _with_names(body)
    if api == "JoinGroup" and note:
        ask.member = note
    return ask
