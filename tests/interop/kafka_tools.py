"""The command-line tools of Apache Kafka 4.3, each against a running node."""

import subprocess

import peers
from stages.common import Counts

TOPIC = "org.apache.kafka.tools.TopicCommand"
CONFIG = "kafka.admin.ConfigCommand"
PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
OFFSETS = "org.apache.kafka.tools.GetOffsetShell"
QUORUM = "org.apache.kafka.tools.MetadataQuorumCommand"
FEATURES = "org.apache.kafka.tools.FeatureCommand"
CLUSTER = "org.apache.kafka.tools.ClusterTool"
VERSIONS = "org.apache.kafka.tools.BrokerApiVersionsCommand"
# Their actions are subcommands, which the server's address precedes.
SERVER_FIRST = (QUORUM, FEATURES)


class Tools:
    def __init__(self, context, node):
        self.context = context
        self.node = node
        self.counts = Counts()

    def expect(self, name: str, main: str, *arguments: str, has: tuple[str, ...] = (),
               code: int = 0, stdin: str = "") -> str:
        server = ["--bootstrap-server", self.node.bootstrap]
        words = [*server, *arguments] if main in SERVER_FIRST else [*arguments, *server]
        command = peers.java("tools-4.3", main, *words)
        done = subprocess.run(command, input=stdin.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False)
        out = done.stdout.decode(errors="replace")
        good = done.returncode == code and all(part in out for part in has)
        print(f"{'ok  ' if good else 'FAIL'} Kafka's tool: {name}"
              + ("" if good else f": exit {done.returncode}: {out[-1500:]}"), flush=True)
        self.counts += Counts(passed=int(good), failed=int(not good))
        return out


def run(context, node, _folder) -> Counts:
    tools = Tools(context, node)
    topics(tools)
    configs(tools)
    records(tools)
    cluster(tools)
    return tools.counts


def topics(tools: Tools) -> None:
    tools.expect("kafka-topics --create", TOPIC, "--create", "--topic", "tools-a", "--partitions", "3",
                 "--config", "retention.ms=86400000", has=("Created topic tools-a.",))
    tools.expect("kafka-topics --create of an existing one is refused", TOPIC, "--create", "--topic",
                 "tools-a", code=1, has=("already exists",))
    tools.expect("kafka-topics --create with a bad name is refused", TOPIC, "--create", "--topic",
                 "bad name", code=1, has=("contains one or more characters other than",))
    tools.expect("kafka-topics --list", TOPIC, "--list", has=("tools-a",))
    tools.expect("kafka-topics --describe", TOPIC, "--describe", "--topic", "tools-a",
                 has=("PartitionCount: 3", "ReplicationFactor: 1", "retention.ms=86400000",
                      "Partition: 2", "Leader: 1", "Isr: 1"))
    tools.expect("kafka-topics --alter adds partitions", TOPIC, "--alter", "--topic", "tools-a",
                 "--partitions", "5")
    tools.expect("kafka-topics --describe shows them", TOPIC, "--describe", "--topic", "tools-a",
                 has=("PartitionCount: 5", "Partition: 4"))
    tools.expect("kafka-topics --create, to delete", TOPIC, "--create", "--topic", "tools-gone")
    tools.expect("kafka-topics --delete", TOPIC, "--delete", "--topic", "tools-gone")
    gone = tools.expect("kafka-topics --list after --delete", TOPIC, "--list")
    tools.counts += Counts(passed=int("tools-gone" not in gone), failed=int("tools-gone" in gone))


def configs(tools: Tools) -> None:
    tools.expect("kafka-configs --alter of a topic", CONFIG, "--alter", "--entity-type", "topics",
                 "--entity-name", "tools-a", "--add-config", "segment.bytes=1048576,cleanup.policy=delete",
                 has=("Completed updating config for topic tools-a.",))
    tools.expect("kafka-configs --describe of a topic", CONFIG, "--describe", "--entity-type", "topics",
                 "--entity-name", "tools-a", has=("segment.bytes=1048576", "DYNAMIC_TOPIC_CONFIG"))
    tools.expect("kafka-configs refuses an unknown key", CONFIG, "--alter", "--entity-type", "topics",
                 "--entity-name", "tools-a", "--add-config", "no.such.key=1", code=1,
                 has=("Unknown topic config name: no.such.key",))
    tools.expect("kafka-configs refuses a bad value", CONFIG, "--alter", "--entity-type", "topics",
                 "--entity-name", "tools-a", "--add-config", "segment.bytes=abc", code=1,
                 has=("Invalid value abc for configuration segment.bytes",))
    tools.expect("kafka-configs --describe --all of a broker", CONFIG, "--describe", "--entity-type",
                 "brokers", "--entity-name", "1", "--all",
                 has=("log.segment.bytes=1073741824", "STATIC_BROKER_CONFIG:node.id=1"))
    tools.expect("kafka-configs --alter of a broker", CONFIG, "--alter", "--entity-type", "brokers",
                 "--entity-name", "1", "--add-config", "log.retention.ms=1000000")
    tools.expect("kafka-configs --describe of a broker", CONFIG, "--describe", "--entity-type",
                 "brokers", "--entity-name", "1",
                 has=("log.retention.ms=1000000", "DYNAMIC_BROKER_CONFIG"))


def records(tools: Tools) -> None:
    lines = "".join(f"line {i}\n" for i in range(100))
    tools.expect("kafka-console-producer", PRODUCER, "--topic", "tools-a", stdin=lines)
    out = tools.expect("kafka-get-offsets", OFFSETS, "--topic", "tools-a", has=("tools-a:0:",))
    total = sum(int(line.rsplit(":", 1)[1]) for line in out.split() if line.startswith("tools-a:"))
    tools.counts += Counts(passed=int(total == 100), failed=int(total != 100))
    tools.expect("kafka-console-producer to one partition", PRODUCER, "--topic", "tools-one",
                 stdin=lines)
    tools.expect("kafka-console-consumer --partition", CONSUMER, "--topic", "tools-one", "--partition",
                 "0", "--offset", "earliest", "--max-messages", "100",
                 has=("line 0\n", "line 99\n", "Processed a total of 100 messages"))
    tools.expect("kafka-get-offsets --time earliest", OFFSETS, "--topic", "tools-one", "--time",
                 "earliest", has=("tools-one:0:0",))
    tools.expect("kafka-get-offsets --time max-timestamp", OFFSETS, "--topic", "tools-one", "--time",
                 "max-timestamp", has=("tools-one:0:",))


def cluster(tools: Tools) -> None:
    tools.expect("kafka-metadata-quorum describe --status", QUORUM, "describe", "--status",
                 has=("LeaderId:               1", "HighWatermark:"))
    tools.expect("kafka-metadata-quorum describe --replication", QUORUM, "describe", "--replication",
                 has=("Leader",))
    tools.expect("kafka-features describe", FEATURES, "describe",
                 has=("metadata.version", "FinalizedVersionLevel"))
    tools.expect("kafka-cluster cluster-id", CLUSTER, "cluster-id",
                 has=("Cluster ID: 4L6g3nShT-eMCtK--X86sw",))
    tools.expect("kafka-broker-api-versions", VERSIONS, has=("Produce(0): 0 to 13",))
