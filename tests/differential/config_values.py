"""Configuration keys and values for requests: right, nearly right and wrong ones."""

import random
import re

from codec import ROOT

BY_TYPE = {
    "int": ("1", "1000", "1048576", "0", "-1", "-2", "2147483648", "1.5", "abc", "", " 7 "),
    "long": ("1", "1000", "604800000", "0", "-1", "-2", "9223372036854775808", "abc", "", " 7 "),
    "short": ("1", "0", "-1", "32768", "abc"),
    "double": ("0.5", "0", "1", "1.1", "-0.1", "1e3", "abc"),
    "boolean": ("true", "false", "TRUE", "yes", "", "1"),
    "string": ("producer", "none", "gzip", "CreateTime", "LogAppendTime", "bogus", ""),
    "list": ("compact", "delete", "compact,delete", "delete,compact", "", "bogus", "compact,bogus", "*",
             "1:1"),
}
# Would change when things happen, or make a node that cannot go on.
LEFT_ALONE = {"retention.ms", "retention.bytes", "local.retention.ms", "local.retention.bytes",
              "remote.storage.enable", "remote.log.copy.disable", "remote.log.delete.on.disable",
              "preallocate", "segment.index.bytes", "flush.messages", "flush.ms"}
# Those of a broker that may be tried out on a node that many requests still need.
OF_BROKERS = ("log.retention.ms", "message.max.bytes", "log.cleaner.threads", "background.threads",
              "compression.type", "log.segment.bytes", "min.insync.replicas", "num.io.threads",
              "log.cleanup.policy", "max.connections.per.ip.overrides", "num.network.threads",
              "log.message.timestamp.type", "unclean.leader.election.enable", "node.id", "log.dirs",
              "listeners", "advertised.listeners", "no.such.key", "ssl.keystore.password",
              "producer.id.expiration.ms", "")


def table(kind: str) -> dict[str, tuple[str, str]]:
    """Key -> type, and what values are valid."""
    lines = (ROOT / f"schema/configs/{kind}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {row[0]: (row[1], row[3]) for row in rows if row[10] != "pattern"}


TOPIC, GROUP, METRICS = table("topic"), table("group"), table("client-metrics")
BROKER = table("broker")


def value(rng: random.Random, key: str, types: dict[str, tuple[str, str]]) -> str:
    kind, valid = types.get(key, ("string", "-"))
    near = at_the_edges(kind, valid)
    if near and rng.random() < 0.5:
        return rng.choice(near)
    return rng.choice(BY_TYPE.get(kind, BY_TYPE["string"]))


def at_the_edges(kind: str, valid: str) -> list[str]:
    """The bounds of a range and what lies beside them, or the words that may be chosen."""
    if bounds := re.match(r"\[([-\d.]+),\.\.\.(?:,([-\d.]+))?\]", valid):
        if kind == "double":
            return [str(float(bound) + step) for bound in bounds.groups() if bound for step in (-0.25, 0, 0.25)]
        return [str(int(bound) + step) for bound in bounds.groups() if bound for step in (-1, 0, 1)]
    if words := re.search(r"\[([\w, -]+)\]", valid):
        return [form for word in words[1].split(", ") for form in (word, word.upper(), word.lower())]
    return []


def of_topic(rng: random.Random) -> tuple[str, str]:
    key = rng.choice([key for key in sorted(TOPIC) if key not in LEFT_ALONE] + ["no.such.key", ""])
    return key, value(rng, key, TOPIC)


def of_broker(rng: random.Random) -> tuple[str, str]:
    roll = rng.random()
    key = rng.choice(OF_BROKERS) if roll < 0.4 else rng.choice(sorted(BROKER))
    if roll > 0.95:
        key = f"listener.name.{rng.choice(('plaintext', 'PLAINTEXT', 'nowhere'))}.{key}"
    return key, value(rng, key, BROKER)


def of_group(rng: random.Random) -> tuple[str, str]:
    key = rng.choice([*sorted(GROUP), "no.such.key"])
    return key, value(rng, key, GROUP)


def of_metrics(rng: random.Random) -> tuple[str, str]:
    key = rng.choice([*sorted(METRICS), "no.such.key"])
    return key, value(rng, key, METRICS)
