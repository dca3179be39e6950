"""Consumer groups of clients that others wrote, of both protocols, on one directory that Moldau and Apache Kafka serve in turn.

Each node reads on where the other's group stood, and tells Kafka's own tool the same offsets.
"""

import pathlib
import subprocess
import sys

from stages.common import Counts, judge

ORDER = 72
SUMMARY = "consumer groups of other clients, taken over between Moldau and Apache Kafka"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))

import peers  # noqa: E402

SETTINGS = {"offsets.topic.replication.factor": "1", "offsets.topic.num.partitions": "5",
            "group.initial.rebalance.delay.ms": "0", "num.partitions": "3"}
ROUND = 300  # records
CONSOLE = "org.apache.kafka.tools.consumer.ConsoleConsumer"
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


def run(context):
    counts = Counts()
    with peers.scratch() as folder:
        for turn, kind in enumerate(("moldau", "kafka", "moldau")):
            counts += one_turn(folder, kind, turn)
            if counts.failed:
                break
    return counts


def one_turn(folder: pathlib.Path, kind: str, turn: int) -> Counts:
    node = peers.Node(kind, folder / "node", SETTINGS)
    counts = Counts()
    with node:
        wanted = [str(turn * ROUND + i) for i in range(ROUND)]
        tool(["kcat", "-P", "-b", node.bootstrap, "-t", "t"], "\n".join(wanted) + "\n")
        for name, command in readers(node.bootstrap).items():
            read = sorted(line for line in tool(command).split() if line.isdigit())
            counts += judge(f"turn {turn}: {kind} gives the group of {name} what it has not read",
                            read == sorted(wanted), f"{len(read)} records: {read[:5]}")
        for group in ("classic", "consumer", "librdkafka"):
            told = tool(peers.java("tools-4.3", GROUPS, "--bootstrap-server", node.bootstrap, "--describe", "--offsets",
                                   "--group", group))
            rows = [line.split() for line in told.splitlines() if line.startswith(group)]
            behind = sum(int(row[5]) for row in rows)
            total = sum(int(row[3]) for row in rows)
            counts += judge(f"turn {turn}: {kind} tells the offsets of group {group}",
                            (total, behind) == ((turn + 1) * ROUND, 0), told)
        counts += judge(f"turn {turn}: {kind} stops with 0", node.stop() in (0, 143), node.log.read_text()[-800:])
    return counts


def readers(bootstrap: str) -> dict[str, list[str]]:
    def java(protocol: str) -> list[str]:
        given = [f"group.protocol={protocol}", "auto.offset.reset=earliest"]
        return peers.java("tools-4.3", CONSOLE, "--bootstrap-server", bootstrap, "--topic", "t", "--group", protocol,
                          "--max-messages", str(ROUND), "--timeout-ms", "30000",
                          *(word for one in given for word in ("--command-property", one)))

    kcat = ["kcat", "-q", "-b", bootstrap, "-X", "auto.offset.reset=earliest", "-G", "librdkafka", "-c", str(ROUND), "t"]
    return {"Java 4.3, classic": java("classic"), "Java 4.3, consumer": java("consumer"), "librdkafka": kcat}


def tool(command: list[str], given: str | None = None) -> str:
    done = subprocess.run(command, input=given, stdin=None if given is not None else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120, check=False)
    return done.stdout
