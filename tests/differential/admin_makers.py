"""Requests of administration on one broker: records, log directories, elections, reassignments, names of resources."""

from asking import Ref
from values import HUGE, World

CLUSTER = "4L6g3nShT-eMCtK--X86sw"
TIMEOUTS = (30_000,) * 9 + (0, -1)
PARTITIONS = (0, 0, 0, 1, 2, -1, 9)


def delete_records(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    topics = [{"name": world.topic() if rng.random() < 0.95 else "__consumer_offsets", "partitions": [
        {"partition_index": rng.choice(PARTITIONS),
         "offset": rng.choice((0, 0, 1, 2, 3, -1, -2, 1000, 2**63 - 1))}
        for _ in range(rng.choice((1, 1, 2)))]} for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    return {"topics": topics, "timeout_ms": 30_000}, ""


def describe_log_dirs(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    topics = None
    if rng.random() < 0.7:
        topics = [{"topic": world.topic(), "partitions": [rng.choice(PARTITIONS)
                                                          for _ in range(rng.choice((0, 1, 1, 3)))]}
                  for _ in range(rng.choice((0, 1, 1, 2)))]
    return {"topics": topics}, ""


def list_config_resources(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    kinds = rng.choice(([], [], [2], [4], [8], [16], [32], [2, 32], [4, 4], [0], [2, 3], [127, -1]))
    return {"resource_types": kinds}, ""


def elect_leaders(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    topics = None
    if rng.random() < 0.8:
        topics = [{"topic": name, "partitions": [rng.choice(PARTITIONS)
                                                 for _ in range(rng.choice((0, 1, 1, 2)))]}
                  for name in dict.fromkeys(world.topic() for _ in range(rng.choice((0, 1, 1, 2))))]
    return {"election_type": rng.choice((0, 0, 1, 1, 2, -1)), "topic_partitions": topics,
            "timeout_ms": rng.choice(TIMEOUTS)}, ""


def alter_partition_reassignments(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    targets = ([1], [1], [1], None, [], [2], [1, 1], [1, 2], [-1])
    topics = [{"name": world.topic(), "partitions": [
        {"partition_index": rng.choice(PARTITIONS), "replicas": rng.choice(targets)}
        for _ in range(rng.choice((1, 1, 2)))]} for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    return {"timeout_ms": rng.choice(TIMEOUTS), "allow_replication_factor_change": rng.random() < 0.5,
            "topics": topics}, ""


def _voter(world: World) -> dict:
    rng = world.rng
    return {"cluster_id": rng.choice((None, None, None, CLUSTER, "another")), "voter_id": rng.choice((1, 1, 1, 2, -1, HUGE)),
            "voter_directory_id": rng.choice((b"d" * 16, b"d" * 16, bytes(16)))}


def _listeners(world: World) -> list[dict]:
    # Nobody listens on port 1.
    rng = world.rng
    names = rng.choice((("CONTROLLER",), ("CONTROLLER",), ("controller",), ("PLAINTEXT",), (), ("CONTROLLER", "PLAINTEXT")))
    return [{"name": name, "host": "127.0.0.1", "port": 1} for name in names]


def add_raft_voter(world: World, _version: int) -> tuple[dict, str]:
    return {**_voter(world), "timeout_ms": 30_000, "listeners": _listeners(world),
            "ack_when_committed": world.rng.random() < 0.5}, ""


def remove_raft_voter(world: World, _version: int) -> tuple[dict, str]:
    return _voter(world), ""


def update_raft_voter(world: World, _version: int) -> tuple[dict, str]:
    """An update of the node itself that is right in all ends Apache Kafka 4.4.0 ("request from the leader itself")."""
    rng = world.rng
    low, high = rng.choice(((0, 1), (0, 1), (0, 0), (1, 1), (1, 0), (-1, 1), (0, -1)))
    body = _voter(world)
    if low == 0 <= high:
        body["voter_id"] = rng.choice((2, 2, -1, HUGE))
    return {**body, "current_leader_epoch": rng.choice((Ref("quorum-epoch", "now"),) * 5 + (0, HUGE)),
            "listeners": _listeners(world),
            "k_raft_version_feature": {"min_supported_version": low, "max_supported_version": high}}, ""


def list_partition_reassignments(world: World, _version: int) -> tuple[dict, str]:
    rng = world.rng
    topics = None
    if rng.random() < 0.7:
        topics = [{"name": world.topic(), "partition_indexes": [rng.choice(PARTITIONS)]}
                  for _ in range(rng.choice((0, 1, 1, 2)))]
    return {"timeout_ms": rng.choice(TIMEOUTS), "topics": topics}, ""


def unregister_controller(world: World, _version: int) -> tuple[dict, str]:
    return {"controller_id": world.rng.choice((2, 0, -1, -2, HUGE))}, ""


def sasl_handshake(world: World, _version: int) -> tuple[dict, str]:
    return {"mechanism": world.rng.choice(("PLAIN", "SCRAM-SHA-256", ""))}, ""


MAKERS = {
    "DeleteRecords": delete_records, "DescribeLogDirs": describe_log_dirs,
    "ListConfigResources": list_config_resources, "ElectLeaders": elect_leaders,
    "AlterPartitionReassignments": alter_partition_reassignments,
    "ListPartitionReassignments": list_partition_reassignments,
    "AddRaftVoter": add_raft_voter, "RemoveRaftVoter": remove_raft_voter, "UpdateRaftVoter": update_raft_voter,
    "UnregisterController": unregister_controller, "SaslHandshake": sasl_handshake,
}
# A controller that goes may not come back.
SPARED = {"UnregisterController": frozenset({"controller_id"}),
          "UpdateRaftVoter": frozenset({"current_leader_epoch", "voter_id", "k_raft_version_feature",
                                        "min_supported_version", "max_supported_version"})}
