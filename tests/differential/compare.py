"""Compares two answers to one request. What must differ is left out here; what differs by choice has a rule in rules.py."""

import re

from asking import Ask

# (api or "*", field path with every index as []): nobody can make these equal.
MADE_BY_THE_NODE = {
    ("*", "throttle_time_ms"): "throttling depends on time",
    ("ApiVersions", "finalized_features_epoch"): "an offset in the metadata log",
    ("Produce", "responses[].partition_responses[].log_append_time_ms"): "the clock, when it is not -1",
    ("InitProducerId", "producer_id"): "a block of ids, when it is not -1",
    ("AllocateProducerIds", "producer_id_start"): "a block of ids",
    ("DescribeProducers", "topics[].partitions[].active_producers[].last_timestamp"): "the clock, for a marker",
    ("DescribeProducers", "topics[].partitions[].active_producers[].producer_id"): "a block of ids",
    ("EndTxn", "producer_id"): "the next of its ids, when the epochs are used up",
    ("DescribeTransactions", "transaction_states[].producer_id"): "a block of ids",
    ("DescribeTransactions", "transaction_states[].transaction_start_time_ms"): "the clock",
    ("ListTransactions", "transaction_states[].producer_id"): "a block of ids",
    ("DescribeQuorum", "topics[].partitions[].high_watermark"): "an offset in the metadata log",
    ("DescribeQuorum", "topics[].partitions[].leader_epoch"): "elections since the format",
    ("DescribeQuorum", "topics[].partitions[].current_voters[].log_end_offset"): "the same",
    ("DescribeQuorum", "topics[].partitions[].current_voters[].last_fetch_timestamp"): "the clock",
    ("DescribeQuorum", "topics[].partitions[].current_voters[].last_caught_up_timestamp"): "the clock",
    ("DescribeQuorum", "topics[].partitions[].current_voters[].replica_directory_id"): "made at format",
    ("UpdateRaftVoter", "current_leader.leader_epoch"): "elections since the format",
    ("DescribeLogDirs", "results[].usable_bytes"): "what others write meanwhile",
}
FIRST_CLOCK_TIME = 1_750_000_000_000
# Apache Kafka gives these in the order of a hash map: the order says nothing. Field -> what names an element, nothing if
# it is a name itself.
IN_ANY_ORDER = {
    ("Metadata", "topics"): ("name", "topic_id"),
    ("ListOffsets", "topics"): ("name",),
    ("ListOffsets", "topics[].partitions"): ("partition_index",),
    ("Produce", "responses"): ("name", "topic_id"),
    ("Produce", "responses[].partition_responses"): ("index",),
    ("CreateTopics", "topics"): ("name",),
    ("CreateTopics", "topics[].configs"): ("name",),
    ("CreatePartitions", "results"): ("name",),
    ("AlterConfigs", "responses"): ("resource_type", "resource_name"),
    ("IncrementalAlterConfigs", "responses"): ("resource_type", "resource_name"),
    ("DeleteTopics", "responses"): ("name", "topic_id"),
    ("DescribeConfigs", "results[].configs"): ("name",),
    ("ApiVersions", "supported_features"): ("name",),
    ("ListGroups", "groups"): ("group_id",),
    ("DescribeGroups", "groups"): ("group_id",),
    ("ConsumerGroupDescribe", "groups"): ("group_id",),
    ("ConsumerGroupDescribe", "groups[].members[].subscribed_topic_names"): (),
    ("ConsumerGroupDescribe", "groups[].members[].assignment.topic_partitions"): ("topic_id",),
    ("ConsumerGroupDescribe", "groups[].members[].target_assignment.topic_partitions"): ("topic_id",),
    ("ConsumerGroupHeartbeat", "assignment.topic_partitions"): ("topic_id",),
    ("DeleteGroups", "results"): ("group_id",),
    ("OffsetCommit", "topics"): ("name", "topic_id"),
    ("OffsetCommit", "topics[].partitions"): ("partition_index",),
    ("OffsetDelete", "topics"): ("name",),
    ("TxnOffsetCommit", "topics"): ("name", "topic_id"),
    ("TxnOffsetCommit", "topics[].partitions"): ("partition_index",),
    ("WriteTxnMarkers", "markers"): ("producer_id",),
    ("WriteTxnMarkers", "markers[].topics"): ("name",),
    ("WriteTxnMarkers", "markers[].topics[].partitions"): ("partition_index",),
    ("DeleteRecords", "topics"): ("name",),
    ("DeleteRecords", "topics[].partitions"): ("partition_index",),
    ("DescribeLogDirs", "results[].topics"): ("name",),
    ("DescribeLogDirs", "results[].topics[].partitions"): ("partition_index",),
    ("ListConfigResources", "config_resources"): ("resource_type", "resource_name"),
    ("ElectLeaders", "replica_election_results"): ("topic",),
    ("OffsetFetch", "topics"): ("name",),
    ("OffsetFetch", "groups[].topics"): ("name", "topic_id"),
    ("ApiVersions", "finalized_features"): ("name",),
    ("AddPartitionsToTxn", "results_by_transaction"): ("transactional_id",),
    ("AddPartitionsToTxn", "results_by_transaction[].topic_results"): ("name",),
    ("AddPartitionsToTxn", "results_by_transaction[].topic_results[].results_by_partition"): ("partition_index",),
    ("AddPartitionsToTxn", "results_by_topic_v3_and_below"): ("name",),
    ("AddPartitionsToTxn", "results_by_topic_v3_and_below[].results_by_partition"): ("partition_index",),
    ("DescribeTransactions", "transaction_states[].topics"): ("topic",),
    ("ListTransactions", "transaction_states"): ("transactional_id",),
}


def of_class(path: str) -> str:
    return re.sub(r"\[\d+\]", "[]", path)


def is_masked(ask: Ask, path: str, theirs, ours) -> bool:
    general = of_class(path)
    for key in ((ask.api, general), ("*", general)):
        if key in MADE_BY_THE_NODE:
            return not isinstance(theirs, int) or (theirs < 0) == (ours < 0)
    return False


def by_the_clock(ask: Ask, theirs: dict, ours: dict) -> set[str]:
    """Under log append time records bear the clock's time (what producers send is stamped long ago), and which of two
    bears the greatest depends on whether a millisecond went by between them."""
    if ask.api == "ListOffsets" and "timestamp" in theirs and "timestamp" in ours and \
            min(theirs["timestamp"], ours["timestamp"]) > FIRST_CLOCK_TIME:
        return {"timestamp", "offset"}
    return set()


def ordered(ask: Ask, path: str, value: list) -> list:
    names = IN_ANY_ORDER.get((ask.api, of_class(path)))
    if names is None:
        return value
    return sorted(value, key=lambda element: [str(element.get(name)) for name in names] if names else str(element))


def differences(ask: Ask, theirs, ours, path: str = ""):
    """(path, theirs, ours) of each place that is not equal, in order."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in theirs.keys() | ours.keys():
            if name not in theirs or name not in ours:
                yield f"{path}.{name}".lstrip("."), theirs.get(name, "absent"), ours.get(name, "absent")
        left_out = by_the_clock(ask, theirs, ours)
        for name in theirs:
            if name in ours and name not in left_out:
                yield from differences(ask, theirs[name], ours[name], f"{path}.{name}".lstrip("."))
    elif isinstance(theirs, list) and isinstance(ours, list):
        theirs, ours = ordered(ask, path, theirs), ordered(ask, path, ours)
        if len(theirs) != len(ours):
            yield f"{path}.length", len(theirs), len(ours)
        for at, pair in enumerate(zip(theirs, ours)):
            yield from differences(ask, *pair, f"{path}[{at}]")
    elif theirs != ours and not is_masked(ask, path, theirs, ours):
        yield path or "the answer", theirs, ours
