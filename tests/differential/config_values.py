"""Configuration keys and values for requests: right, nearly right and wrong ones."""

import random

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


def table(kind: str) -> dict[str, str]:
    """Key -> type."""
    lines = (ROOT / f"schema/configs/{kind}.tsv").read_text(encoding="utf-8").splitlines()
    return {line.split("\t")[0]: line.split("\t")[1] for line in lines if not line.startswith("#")}


TOPIC, GROUP, METRICS = table("topic"), table("group"), table("client-metrics")
BROKER = table("broker")


def value(rng: random.Random, key: str, types: dict[str, str]) -> str:
    return rng.choice(BY_TYPE.get(types.get(key, "string"), BY_TYPE["string"]))


def of_topic(rng: random.Random) -> tuple[str, str]:
    key = rng.choice([key for key in sorted(TOPIC) if key not in LEFT_ALONE] + ["no.such.key", ""])
    return key, value(rng, key, TOPIC)


def of_broker(rng: random.Random) -> tuple[str, str]:
    key = rng.choice(OF_BROKERS)
    return key, value(rng, key, BROKER)


def of_group(rng: random.Random) -> tuple[str, str]:
    key = rng.choice([*sorted(GROUP), "no.such.key"])
    return key, value(rng, key, GROUP)


def of_metrics(rng: random.Random) -> tuple[str, str]:
    key = rng.choice([*sorted(METRICS), "no.such.key"])
    return key, value(rng, key, METRICS)
