"""Programs as users of Kafka write them. Oracle: what each says is what it says against Apache Kafka (expected/NAME.txt).

`MOLDAU_RECORD=1 ./test.sh interop --against kafka` writes the expected ones anew; `MOLDAU_PROGRAMS=a,b` runs only some.
"""

import concurrent.futures
import dataclasses
import difflib
import os
import pathlib
import signal
import subprocess
import time

import installs
import peers
from stages.common import Counts, judge, tail

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = HERE / "expected"
AT_ONCE = 3

# What a node of these programs has beside the defaults: rebalances and timeouts that do not wait, and no retention: many records have
# times of their own, long ago, and half a minute after its start a broker looks for what is too old.
SETTINGS = {"log.retention.ms": "-1",
            "group.consumer.min.heartbeat.interval.ms": "200", "group.consumer.heartbeat.interval.ms": "300",
            "group.consumer.assignment.interval.ms": "0",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500"}


@dataclasses.dataclass
class Program:
    name: str
    kind: str                     # who makes it runnable: a name in installs.KINDS
    command: list[str]            # of an installed program; {bootstrap} and {folder} are filled in
    timeout: float = 240          # each takes 2 to 30 s where little else goes on


def java(name: str, main: str, *arguments: str, kind: str = "java 4.3") -> Program:
    return Program(name, kind, [main, "{bootstrap}", *arguments])


PROGRAMS = [
    java("producer_paths", "ProducerPaths"),
    java("consumer_commits", "ConsumerCommits", "classic,consumer"),
    java("groups_together", "GroupsTogether"),
    java("static_members", "StaticMembers", "classic,consumer"),
    java("admin_walk", "AdminWalk"),
    Program("kafka_python", "python", ["kafka_python_walk.py", "{bootstrap}"]),
    Program("aiokafka", "python", ["aiokafka_walk.py", "{bootstrap}"]),
    Program("confluent_kafka", "python", ["confluent_walk.py", "{bootstrap}"]),
    Program("kafkajs", "node", ["kafkajs_walk.mjs", "{bootstrap}"]),
    Program("platformatic", "node", ["platformatic_group.mjs", "{bootstrap}"]),
    Program("sarama", "go", ["sarama", "{bootstrap}"]),
    Program("franz", "go", ["franz", "{bootstrap}"]),
    Program("librdkafka_2_0", "c 2.0", ["walk", "{bootstrap}", "c-2-0"]),
    Program("librdkafka_2_15", "c 2.15", ["walk", "{bootstrap}", "c-2-15"]),
    Program("flume", "flume", ["flume.py", "{bootstrap}", "{folder}"]),
    Program("connect", "connect", ["connect.py", "{bootstrap}", "{folder}"]),
    java("streams_words", "WordCount", "{folder}", "at_least_once", kind="streams"),
    java("flink", "FlinkJobs", "plain", kind="flink"),
    java("flink_exactly_once", "FlinkJobs", "exactly-once", kind="flink"),
    java("transactions", "TransactionPaths"),
    java("transform", "Transform"),
    Program("franz_transactions", "go", ["franztxn", "{bootstrap}"]),
    Program("kafkajs_transactions", "node", ["kafkajs_transactions.mjs", "{bootstrap}"]),
    Program("sarama_transactions", "go", ["saramatxn", "{bootstrap}"]),
    Program("python_transactions", "python", ["transactions_walk.py", "{bootstrap}"]),
    java("streams_exactly_once", "WordCount", "{folder}", "exactly_once_v2", kind="streams"),
    java("streams_smoke", "Smoke", "{folder}", kind="streams"),
]


def chosen() -> list[Program]:
    wanted = os.environ.get("MOLDAU_PROGRAMS")
    return [p for p in PROGRAMS if wanted is None or p.name in wanted.split(",")]


def run(context, node, folder) -> Counts:
    """A few at a time: what they do most is wait, and they share nothing but the node."""
    ready = {kind: installs.Installed.of(kind, folder) for kind in dict.fromkeys(p.kind for p in chosen())}

    def tried(program: Program) -> Counts:
        installed = ready[program.kind]
        return lacking(program, installed) if installed.lacking else one(context, program, installed, node, folder)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as workers:
        return sum(workers.map(tried, chosen()), Counts())


def lacking(program: Program, installed) -> Counts:
    """In CI everything is there, so that there it is a failure."""
    if os.environ.get("CI"):
        return judge(program.name, False, f"no {installed.lacking} on this machine")
    print(f"skip {program.name}: no {installed.lacking} on this machine", flush=True)
    return Counts(skipped=1)


def one(context, program: Program, installed, node, folder) -> Counts:
    place = folder / program.name
    place.mkdir()
    filled = [word.format(bootstrap=node.bootstrap, folder=place) for word in program.command]
    start = time.monotonic()
    with (place / "stderr").open("wb") as errors:
        running = subprocess.Popen(installed.command(filled), cwd=place, env={**os.environ, **installed.env},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                   start_new_session=True)
        try:
            out, _ = running.communicate(timeout=program.timeout)
            ended = f"exit {running.returncode}"
        except subprocess.TimeoutExpired:
            # With all that it started: they would go on asking the next node.
            os.killpg(running.pid, signal.SIGKILL)
            out, _ = running.communicate()
            ended = f"no end after {program.timeout} s"
        said = out.decode(errors="replace")
    took = time.monotonic() - start
    expected = EXPECTED / f"{program.name}.txt"
    if os.environ.get("MOLDAU_RECORD") and context.against == "kafka" and ended == "exit 0":
        expected.write_text(said, encoding="utf-8")
    wanted = expected.read_text(encoding="utf-8") if expected.exists() else ""
    good = ended == "exit 0" and said == wanted and bool(said)
    seen = "" if good else report(said, wanted, ended, (place / "stderr").read_text(errors="replace"))
    return judge(f"{program.name} ({installed.name}), {len(said.splitlines())} lines, {took:.0f} s", good, seen)


def report(said: str, wanted: str, ended: str, errors: str) -> str:
    lines = difflib.unified_diff(wanted.splitlines(), said.splitlines(), "Apache Kafka", "this node", lineterm="", n=1)
    return "\n".join([ended, *lines, tail(errors, 40)])
