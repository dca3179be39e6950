"""Requests about groups of both protocols and their offsets. A classic group has one member at most, so that nobody waits
for another, and no timeout ends while a run lasts."""

from asking import Ref
from values import World

SESSION_MS = 1_800_000  # no session ends while a run lasts
STATES = ("Stable", "empty", "Dead", "PreparingRebalance", " Empty", "NoSuchState", "")
NOTES = ("", "", "note", None, "é" * 10, "x" * 4096)
TOO_LONG = ("x" * 4097,)  # beside one that is taken: Kafka makes a group even when nothing is
TYPES = ("classic", "Classic", "consumer", "NoSuchType", "")


def group_of(world: World) -> str:
    return f"{world.prefix}-{world.rng.choice(('g1', 'g1', 'g1', 'g2', 'g3', 'é'))}"


def any_group(world: World) -> str:
    return world.rng.choice((group_of(world),) * 8 + ("", f"{world.prefix}-nobody"))


def member_of(world: World, group: str):
    """Somebody who joined, or says so."""
    names = world.members.get(group)
    if not names or world.rng.random() < 0.1:
        return world.rng.choice(("", "nobody"))
    return Ref("member", world.rng.choice(names))


def generation_of(world: World, group: str):
    return Ref("generation", group) if world.rng.random() < 0.8 else world.rng.choice((-1, 0, 1, 99))


def instance_of(world: World):
    return world.rng.choice((None,) * 6 + ("instance-1", ""))


def join_group(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    group = any_group(world) if rng.random() < 0.7 else world.fresh("alone")
    kind = rng.choice(("consumer",) * 8 + ("connect", ""))
    names = rng.choice((["range"],) * 5 + (["range", "roundrobin"], ["roundrobin"], []))
    known = world.members.setdefault(group, [])
    if known:
        name, member = "", rng.choice((Ref("member", known[0]),) * 5 + ("nobody",))
    else:
        name, member = world.fresh("member"), ""
        known.append(name)
    return {"group_id": group, "session_timeout_ms": rng.choice((SESSION_MS,) * 8 + (10, SESSION_MS + 1)),
            "rebalance_timeout_ms": SESSION_MS, "member_id": member, "group_instance_id": None,
            "protocol_type": kind, "protocols": [{"name": one, "metadata": b"m"} for one in names],
            "reason": rng.choice((None, "why"))}, name


def sync_group(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    group = any_group(world)
    member = member_of(world, group)
    return {"group_id": group, "generation_id": generation_of(world, group), "member_id": member,
            "group_instance_id": instance_of(world),
            "protocol_type": rng.choice(("consumer",) * 8 + ("connect", None)),
            "protocol_name": rng.choice(("range",) * 8 + ("roundrobin", None)),
            "assignments": [{"member_id": member, "assignment": b"a"}] if rng.random() < 0.8 else []}, ""


def heartbeat(world: World, _version: int) -> tuple[dict, str]:
    group = any_group(world)
    return {"group_id": group, "generation_id": generation_of(world, group),
            "member_id": member_of(world, group), "group_instance_id": instance_of(world)}, ""


def leave_group(world: World, _version: int) -> tuple[dict, str]:
    rng, group = world.rng, any_group(world)
    members = [{"member_id": member_of(world, group), "group_instance_id": instance_of(world), "reason": None}
               for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    return {"group_id": group, "member_id": member_of(world, group), "members": members}, ""


def topics_of(world: World, version: int, ids_from: int, partition) -> list[dict]:
    out, seen = [], set()
    for _ in range(world.rng.choice((1, 1, 1, 2))):
        name = world.topic()
        if name in seen:  # Kafka puts the parts of a topic that comes twice together
            continue
        seen.add(name)
        which = {"name": name} if version < ids_from else {
            "topic_id": Ref("topic", name) if name in world.topics else world.topic_id()}
        out.append({**which, "partitions": [partition(index) for index in
                                            world.rng.choice(([0], [0], [0], [0, 1], [2], [9], [-1]))]})
    return out


def offset_commit(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng
    group = any_group(world)

    def partition(index: int) -> dict:
        return {"partition_index": index, "committed_offset": rng.choice((0, 1, 5, 5, 70, -1, 2**63 - 1)),
                "committed_leader_epoch": rng.choice((-1, -1, 0, 5)),
                "committed_metadata": rng.choice(NOTES + TOO_LONG if index == 1 else NOTES)}

    outside = rng.random() < 0.6
    return {"group_id": group, "generation_id_or_member_epoch": -1 if outside else generation_of(world, group),
            "member_id": "" if outside else member_of(world, group),
            "group_instance_id": None if outside else instance_of(world), "retention_time_ms": -1,
            "topics": topics_of(world, version, 10, partition)}, ""


def offset_fetch(world: World, version: int) -> tuple[dict, str]:
    rng = world.rng

    def topics(ids_from: int):
        if version >= 2 and rng.random() < 0.3:
            return None
        return [{**{key: value for key, value in topic.items() if key != "partitions"},
                 "partition_indexes": topic["partitions"]}
                for topic in topics_of(world, version, ids_from, lambda index: index)]

    body = {"require_stable": rng.random() < 0.3}
    if version < 8:
        return {**body, "group_id": any_group(world), "topics": topics(99)}, ""
    groups = [{"group_id": any_group(world), "member_id": None, "member_epoch": -1, "topics": topics(10)}
              for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    return {**body, "groups": groups}, ""


def offset_delete(world: World, version: int) -> tuple[dict, str]:
    return {"group_id": any_group(world),
            "topics": topics_of(world, version, 99, lambda index: {"partition_index": index})}, ""


def describe_groups(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    return {"groups": [any_group(world) for _ in range(rng.choice((0, 1, 1, 2)))],
            "include_authorized_operations": rng.random() < 0.5}, ""


def list_groups(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    return {"states_filter": rng.choice(([], [], [rng.choice(STATES)], ["Empty", "Stable"])),
            "types_filter": rng.choice(([], [], [rng.choice(TYPES)]))}, ""


def delete_groups(world: World, _version: int) -> tuple[dict, str]:
    return {"groups_names": [any_group(world) for _ in range(world.rng.choice((0, 1, 1, 2)))]}, ""


def consumer_group_heartbeat(world: World, _version: int) -> tuple[dict, str]:
    """One member in each group: what several get depends on when they ask."""
    rng = world.rng
    group = rng.choice((f"{world.prefix}-k1", f"{world.prefix}-k1", f"{world.prefix}-k2", ""))
    epoch = rng.choice((0, 0, Ref("epoch", group), Ref("epoch", group), -1, -2, -3, 99))
    joins = epoch == 0
    topics = [world.topic() for _ in range(rng.choice((1, 1, 2, 0)))]
    return {"group_id": group, "member_id": rng.choice(("member-1",) * 8 + ("",)), "member_epoch": epoch,
            "instance_id": rng.choice((None,) * 8 + ("",)), "rack_id": None,
            "rebalance_timeout_ms": rng.choice((60_000, 60_000, 60_000, -1)) if joins else -1,
            "subscribed_topic_names": topics if joins or rng.random() < 0.2 else None,
            "subscribed_topic_regex": None,
            "server_assignor": rng.choice((None, None, None, "range", "uniform", "nobody", "")),
            "topic_partitions": [] if joins or rng.random() < 0.2 else None}, ""


def consumer_group_describe(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    groups = [rng.choice((f"{world.prefix}-k1", f"{world.prefix}-k2", any_group(world)))
              for _ in range(rng.choice((0, 1, 1, 2)))]
    return {"group_ids": groups, "include_authorized_operations": rng.random() < 0.5}, ""


MAKERS = {
    "ConsumerGroupHeartbeat": consumer_group_heartbeat, "ConsumerGroupDescribe": consumer_group_describe,
    "JoinGroup": join_group, "SyncGroup": sync_group, "Heartbeat": heartbeat, "LeaveGroup": leave_group,
    "OffsetCommit": offset_commit, "OffsetFetch": offset_fetch, "OffsetDelete": offset_delete,
    "DescribeGroups": describe_groups, "ListGroups": list_groups, "DeleteGroups": delete_groups,
}
# Numbers that decide how long an answer takes.
SPARED = {"JoinGroup": frozenset({"session_timeout_ms", "rebalance_timeout_ms"})}
