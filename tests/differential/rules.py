"""Differences that are meant to be: each has a name, which docs/differences.md explains. One that no longer occurs is reported.

A rule takes both answers to a request and gives them back without its difference; it changes nothing else.
"""

import collections
import copy

from asking import CLOSED, SILENT, Ask, Ref

from codec import ROOT

SESSION_NOT_FOUND, INVALID_SESSION_EPOCH = 70, 71
NOT_AVAILABLE = 15  # COORDINATOR_NOT_AVAILABLE
INTERNAL = ("__share_group_state",)


def error_texts(ask: Ask, theirs, ours):
    """Sentences for persons are in our own words: only whether there is one is compared."""
    return _reworded(theirs), _reworded(ours)


def _reworded(value, key: str = ""):
    if isinstance(value, dict):
        return {name: _reworded(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_reworded(inner, key) for inner in value]
    if key in ("error_message", "batch_index_error_message", "documentation") and value is not None:
        return "<a text>"
    return value


def apis_not_served_yet(ask: Ask, theirs, ours):
    """ApiVersions lists what is served: theirs may have more APIs."""
    if ask.api == "ApiVersions" and isinstance(theirs, dict) and isinstance(ours, dict):
        served = {entry["api_key"] for entry in ours["api_keys"]}
        theirs = {**theirs, "api_keys": [entry for entry in theirs["api_keys"]
                                         if entry["api_key"] in served]}
    return theirs, ours


def bytes_behind_the_end(ask: Ask, theirs, ours):
    """A request that is longer than its fields: Kafka ignores the rest, we close the connection."""
    return (ours, ours) if ask.tail > 0 and ours == CLOSED else (theirs, ours)


def no_coordinators_yet(ask: Ask, theirs, ours):
    """Share groups come later: we name no coordinator, and have not their topic."""
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return theirs, ours
    if ask.api == "FindCoordinator":
        if ask.version < 4:
            return (ours, ours) if ours["error_code"] == NOT_AVAILABLE else (theirs, ours)
        named = zip(theirs["coordinators"], ours["coordinators"])
        theirs["coordinators"] = [other if other["error_code"] == NOT_AVAILABLE else one
                                  for one, other in named]
    if ask.api == "DescribeTopicPartitions" and not ask.body.get("topics"):
        named = [topic["name"] for topic in theirs["topics"]]
        return (ours, ours) if set(named) & set(INTERNAL) else (theirs, ours)
    if ask.api == "DescribeLogDirs":
        for directory in theirs["results"]:
            directory["topics"] = [topic for topic in directory["topics"] if topic["name"] not in INTERNAL]
    if ask.api == "ListConfigResources":
        theirs["config_resources"] = [one for one in theirs["config_resources"]
                                      if one["resource_name"] not in INTERNAL]
    if ask.api == "ElectLeaders":
        theirs["replica_election_results"] = [topic for topic in theirs["replica_election_results"]
                                              if topic["topic"] not in INTERNAL]
    if ask.api == "Metadata" and (ask.body.get("topics") is None or
                                  ask.version == 0 and not ask.body["topics"]):
        theirs["topics"] = [topic for topic in theirs["topics"] if topic["name"] not in INTERNAL]
    return theirs, ours


def topic_twice_in_produce(ask: Ask, theirs, ours):
    """Kafka answers a topic that comes twice at one place, we where it stands."""
    if ask.api == "Produce" and isinstance(theirs, dict) and isinstance(ours, dict):
        if len(theirs["responses"]) < len(ours["responses"]):
            ours["responses"] = _merged(ours["responses"])
    return theirs, ours


def _merged(topics: list[dict]) -> list[dict]:
    by_name = {}
    for topic in topics:
        first = by_name.setdefault((topic.get("name"), topic.get("topic_id")), topic)
        if first is not topic:
            first["partition_responses"] += topic["partition_responses"]
    return list(by_name.values())


def partition_twice_in_produce(ask: Ask, theirs, ours):
    """Kafka appends the last batch of the same partition and forgets the others; we append all."""
    if ask.api != "Produce" or not isinstance(ask.body, dict) or not isinstance(ours, dict):
        return theirs, ours
    places = [(topic.get("name"), topic.get("topic_id"), partition["index"])
              for topic in ask.body.get("topic_data") or ()
              for partition in topic.get("partition_data") or ()]
    return (ours, ours) if len(set(places)) < len(places) else (theirs, ours)


def compressed_by_the_broker(ask: Ask, theirs, ours):
    """Another library compresses to other bytes; what they hold is compared."""
    if ask.api != "Fetch" or not isinstance(theirs, dict) or not isinstance(ours, dict):
        return theirs, ours
    pairs = zip(_batches(theirs), _batches(ours))
    for one, other in pairs:
        if one.get("attributes", 0) & 7 and one["records"] == other.get("records"):
            one["crc"] = other["crc"]
    return theirs, ours


def sizes_of_logs(ask: Ask, theirs, ours):
    """Groups are written in batches of another size, and what is compressed anew becomes larger or smaller: there
    only whether a log has bytes is compared."""
    if ask.api == "DescribeLogDirs" and isinstance(theirs, dict) and isinstance(ours, dict):
        for answer in (theirs, ours):
            for directory in answer["results"]:
                for topic in directory["topics"]:
                    if not topic["name"].endswith(("-plain", "-compacted", "-stamped")):
                        for partition in topic["partitions"]:
                            partition["partition_size"] = min(partition["partition_size"], 1)
    return theirs, ours


def errors_that_kafka_did_not_expect(ask: Ask, theirs, ours):
    """Kafka runs into an exception of its own, says UNKNOWN_SERVER_ERROR or nothing at all; we answer what is asked."""
    if theirs == SILENT:
        return ours, ours
    return (ours, ours) if _unexpected(theirs) and not _unexpected(ours) else (theirs, ours)


def _unexpected(value, key: str = "") -> bool:
    if isinstance(value, dict):
        return any(_unexpected(inner, name) for name, inner in value.items())
    if isinstance(value, list):
        return any(_unexpected(inner, key) for inner in value)
    return key == "error_code" and value == -1


def _batches(answer: dict):
    return [batch for topic in answer["responses"] for partition in topic["partitions"]
            for batch in partition["records"] or ()]


RULES = {
    "bytes-behind-the-end": bytes_behind_the_end,
    "no-coordinators-yet": no_coordinators_yet,
    "topic-twice-in-produce": topic_twice_in_produce,
    "partition-twice-in-produce": partition_twice_in_produce,
    "compressed-by-the-broker": compressed_by_the_broker,
    "sizes-of-logs": sizes_of_logs,
    "errors-that-kafka-did-not-expect": errors_that_kafka_did_not_expect,
    "error-texts": error_texts,
    "apis-not-served-yet": apis_not_served_yet,
}
OF_SESSIONS = "fetch-session-of-another-connection"
NAMES = (*RULES, OF_SESSIONS)
FREQUENT = 5000  # requests after which each rule has been needed, or is out of date
DOCUMENT = ROOT / "docs/differences.md"


def undocumented() -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return [name for name in NAMES if f"`{name}`" not in text]


class Explained:
    """Applies the rules and counts what each of them hid."""

    def __init__(self):
        self.seen = collections.Counter()
        self.connection = 0  # how many of ours were closed before
        self.sessions: dict[str, int] = {}
        self.missed: set[str] = set()  # sessions that missed a request, so that their epochs part

    def __call__(self, ask: Ask, theirs, ours):
        for name, rule in RULES.items():
            before = (theirs, ours)
            theirs, ours = rule(ask, copy.deepcopy(theirs), copy.deepcopy(ours))
            if before[0] != before[1] and (theirs, ours) != before:
                self.seen[name] += 1
        theirs, ours = self.session_of_another_connection(ask, theirs, ours)
        return theirs, ours

    def session_of_another_connection(self, ask: Ask, theirs, ours):
        """A fetch session is known to the core that took the connection; Kafka's are known to all."""
        answers = self._without_its_session(ask, theirs, ours)
        if ask.session and isinstance(ours, dict) and ours["session_id"] == str(Ref("session", ask.session)):
            self.sessions[ask.session] = self.connection
            self.missed.discard(ask.session)
        return answers

    def _without_its_session(self, ask: Ask, theirs, ours):
        if ours in (CLOSED, SILENT):
            self.connection += 1
        session = ask.body.get("session_id") if isinstance(ask.body, dict) else None
        if ask.api != "Fetch" or not isinstance(session, Ref) or not isinstance(ours, dict) or \
                theirs == ours:
            return theirs, ours
        elsewhere = self.sessions.get(session.name, 0) != self.connection
        if ours["error_code"] == SESSION_NOT_FOUND and elsewhere:
            self.missed.add(session.name)
        elif ours["error_code"] != INVALID_SESSION_EPOCH or session.name not in self.missed:
            return theirs, ours
        self.seen[OF_SESSIONS] += 1
        return ours, ours
