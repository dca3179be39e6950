"""Transactions of clients that others wrote, on Moldau and on Apache Kafka: what read_committed sees of them, offsets that count
with their transaction, fencing; and transactions that stay open while the one node takes the other's directory over.
"""

import contextlib
import pathlib
import subprocess
import sys
import time

from stages.common import Counts, judge

ORDER = 73
SUMMARY = "transactional producers of other clients; open transactions taken over between Moldau and Apache Kafka"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))

import peers  # noqa: E402

PATIENCE_S = 10
SETTINGS = {"offsets.topic.num.partitions": "5", "transaction.state.log.num.partitions": "5", "num.partitions": "2"}


class Client:
    """A process that does with producers what lines tell it; see tests/interop/java/Transactions.java."""

    def __init__(self, command: list[str]):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)

    def does(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        for answer in self.process.stdout:
            if answer.startswith(("ok", "error")):  # and not what Kafka's client logs
                return answer.strip()
        return "the client ended"

    def all_do(self, *lines: str) -> str:
        """The first answer that is no ok, or the last."""
        for line in lines:
            said = self.does(line)
            if not said.startswith("ok"):
                return f"{line}: {said}"
        return said

    def reads(self, topic: str, wanted: list[str]) -> str:
        """What read_committed sees, when it is what is wanted or will not be: an end is answered before all know of it."""
        deadline = time.monotonic() + PATIENCE_S
        while values(said := self.does(f"read {topic} read_committed")) != wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        return said

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def clients(folder: pathlib.Path, bootstrap: str) -> dict[str, list[str]]:
    classes = folder / "classes"
    subprocess.run(["javac", "-cp", f"{peers.jars('tools-4.3')}/*", "-d", str(classes),
                    str(ROOT / "tests/interop/java/Transactions.java")], check=True)
    script = str(ROOT / "tests/interop/python/transactions.py")
    return {"Java 4.3": peers.java("tools-4.3", "Transactions", bootstrap, extra=str(classes)),
            "librdkafka": ["/usr/bin/python3", script, bootstrap]}


def run(context):
    counts = Counts()
    with peers.scratch() as folder:
        for kind in ("moldau", "kafka"):
            with peers.Node(kind, folder / kind, SETTINGS) as node:
                for name, command in clients(folder, node.bootstrap).items():
                    counts += one_client(f"{kind}: {name}", command, name.split()[0].lower())
        for first, second in (("moldau", "kafka"), ("kafka", "moldau")):
            counts += takeover(folder, first, second)
    return counts


def values(said: str) -> list[str]:
    return sorted(said.split()[1:])


def one_client(name: str, command: list[str], word: str) -> Counts:
    client = Client(command)
    topic, group, mine = f"t-{word}", f"g-{word}", f"id-{word}"
    counts = Counts()
    with contextlib.closing(client):
        def expect(what: str, said: str, good: bool) -> None:
            nonlocal counts
            counts += judge(f"{name}: {what}", good, said)

        said = client.all_do(f"init {mine}", f"begin {mine}", f"send {mine} {topic} 0 a", f"send {mine} {topic} 1 b")
        expect("a transaction writes to two partitions", said, said.startswith("ok"))
        said = client.does(f"read {topic} read_committed")
        expect("read_committed waits for its end", said, said == "ok")
        said = client.does(f"read {topic} read_uncommitted")
        expect("read_uncommitted does not", said, values(said) == ["a", "b"])
        said = client.all_do(f"offsets {mine} {group} {topic} 0 7", f"commit {mine}")
        expect("offsets and records end together", said, said == "ok")
        said = client.reads(topic, ["a", "b"])
        expect("a commit shows all of it", said, values(said) == ["a", "b"])
        said = client.does(f"group {group} {topic} 0")
        expect("its offsets count", said, said == "ok 7")
        said = client.all_do(f"begin {mine}", f"send {mine} {topic} 0 c", f"offsets {mine} {group} {topic} 0 8",
                             f"abort {mine}")
        expect("an abort is taken", said, said == "ok")
        said = client.does(f"read {topic} read_committed")
        expect("and shows nothing", said, values(said) == ["a", "b"])
        said = client.does(f"group {group} {topic} 0")
        expect("nor do its offsets count", said, said == "ok 7")
        for turn in range(5):
            said = client.all_do(f"begin {mine}", f"send {mine} {topic} 0 d{turn}",
                                 f"{'commit' if turn % 2 else 'abort'} {mine}")
        expect("one transaction after the other", said, said.startswith("ok"))
        said = client.reads(topic, ["a", "b", "d1", "d3"])
        expect("has each of them whole or not", said, values(said) == ["a", "b", "d1", "d3"])
    return counts


def takeover(folder: pathlib.Path, first: str, second: str) -> Counts:
    """Three transactions: one is committed before, two are open while the nodes change places."""
    place = folder / f"{first}-first"
    node = peers.Node(first, place, SETTINGS)
    other = peers.Node(second, place, SETTINGS, port=node.port, controller_port=node.controller_port)
    counts = Counts()
    for name, command in clients(folder, node.bootstrap).items():
        topic, seen = f"open-{name.split()[0].lower()}", []
        for turn, (before, after) in enumerate(((node, other), (other, node))):
            client = Client(command)
            done, kept, dropped = (f"{word}-{topic}-{turn}" for word in ("done", "kept", "dropped"))
            with contextlib.closing(client):
                with before:
                    said = client.all_do(
                        f"init {done}", f"begin {done}", f"send {done} {topic} 0 {done}", f"commit {done}",
                        *(line for one in (kept, dropped) for line in (
                            f"init {one}", f"begin {one}", f"send {one} {topic} 0 {one}-1",
                            f"send {one} {topic} 1 {one}-1", f"offsets {one} g-{one} {topic} 0 42")))
                    counts += judge(f"{before.kind} has open transactions of {name}", said.startswith("ok"), said)
                    before.stop()
                with after:
                    said = client.all_do(f"send {kept} {topic} 0 {kept}-2", f"commit {kept}", f"abort {dropped}")
                    counts += judge(f"{after.kind} goes on with them", said.startswith("ok"), said)
                    seen = sorted([*seen, done, f"{kept}-1", f"{kept}-1", f"{kept}-2"])
                    said = client.reads(topic, seen)
                    counts += judge(f"{after.kind} shows what was committed", values(said) == seen, said)
                    said = [client.does(f"group g-{one} {topic} 0") for one in (kept, dropped)]
                    counts += judge(f"{after.kind} has the offsets of the one", said == ["ok 42", "ok none"], str(said))
                    after.stop()
    return counts
