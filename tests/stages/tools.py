"""The command-line tools, word for word: each command of tests/data/tools and what Apache Kafka's printed.

`./test.sh tools` runs Moldau's tools against Moldau; `--against kafka` runs Apache Kafka's against
Apache Kafka and holds the transcripts to it. `python3 tests/stages/tools.py --rewrite FILE...`
writes down what Apache Kafka prints now.
"""

import difflib
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))
sys.path.insert(0, str(ROOT / "tests"))

import peers  # noqa: E402
from stages.common import Context, Counts  # noqa: E402

ORDER = 55
SUMMARY = "the tools' answers against those of Apache Kafka's tools"
FAST = False

DATA = ROOT / "tests/data/tools"
TOOLS = "org.apache.kafka.tools."
CLASSES = {
    "broker-api-versions": TOOLS + "BrokerApiVersionsCommand",
    "client-metrics": TOOLS + "ClientMetricsCommand",
    "cluster": TOOLS + "ClusterTool",
    "configs": "kafka.admin.ConfigCommand",
    "console-consumer": TOOLS + "consumer.ConsoleConsumer",
    "console-producer": TOOLS + "ConsoleProducer",
    "consumer-groups": TOOLS + "consumer.group.ConsumerGroupCommand",
    "delete-records": TOOLS + "DeleteRecordsCommand",
    "consumer-perf-test": TOOLS + "ConsumerPerformance",
    "dump-log": TOOLS + "DumpLogSegments",
    "e2e-latency": TOOLS + "EndToEndLatency",
    "features": TOOLS + "FeatureCommand",
    "get-offsets": TOOLS + "GetOffsetShell",
    "groups": TOOLS + "GroupsCommand",
    "leader-election": TOOLS + "LeaderElectionCommand",
    "log-dirs": TOOLS + "LogDirsCommand",
    "metadata-quorum": TOOLS + "MetadataQuorumCommand",
    "reassign-partitions": TOOLS + "reassign.ReassignPartitionsCommand",
    "producer-perf-test": TOOLS + "ProducerPerformance",
    "storage": "kafka.tools.StorageTool",
    "streams-application-reset": TOOLS + "StreamsResetter",
    "topics": TOOLS + "TopicCommand",
    "transactions": TOOLS + "TransactionsCommand",
    "verifiable-consumer": TOOLS + "VerifiableConsumer",
    "verifiable-producer": TOOLS + "VerifiableProducer",
}
SLOWEST_MS = 40
# A broker shows what the controller committed a moment later; a person types no faster.
PAUSE = 0.05


class Case:
    """One command, or a file to write before the next ones."""

    def __init__(self, head: str):
        self.head = head
        self.out: list[str] = []
        self.err: list[str] = []
        self.code = 0


def read(path: pathlib.Path) -> list[Case]:
    cases: list[Case] = []
    into: list[str] = []
    for line in path.read_text().splitlines():
        if line.startswith(("$ ", "! ", "# ")):
            cases.append(Case(line))
            into = cases[-1].out
        elif line == "--- stderr":
            into = cases[-1].err
        elif line.startswith("--- exit "):
            cases[-1].code = int(line.split()[-1])
            into = []
        elif cases:
            into.append(line)
    return cases


def write(path: pathlib.Path, cases: list[Case]) -> None:
    text = ""
    for case in cases:
        text += case.head + "\n"
        if not case.head.startswith("$ "):
            continue
        text += "".join(line + "\n" for line in case.out)
        text += "".join(line + "\n" for line in (["--- stderr", *case.err] if case.err else []))
        text += f"--- exit {case.code}\n\n"
    path.write_text(text)


def option_names(lines: list[str]) -> list[str]:
    """The left column of a table of options, each option once; the right one is everyone's own words."""
    column = lines[0].index("Description")
    names: list[str] = []
    for line in lines[2:]:
        left = line[:column].rstrip()
        left = left.removeprefix("* ")
        if left.startswith("-"):
            names.append(left)
        elif left:
            names[-1] += left
    return [re.sub(r"\s+", "", name) for name in names if not name.startswith("--json")]


def without_usage(lines: list[str]) -> list[str]:
    """Tables of options and argparse's help, without what is said about each option."""
    for i, line in enumerate(lines):
        if re.match(r"Option( \(\* = required\))? +Description", line):
            return [*lines[:i], *option_names(lines[i:])]
        if line == "positional arguments:" or line.startswith("optional arguments:"):
            kept = [re.match(r"  (-\S.*?)(  |$)", later) for later in lines[i:]]
            head = [one for one in lines[:i] if not one or one.startswith(("usage:", "       "))]
            return [*head, *(one.group(1).strip() for one in kept
                             if one and not one.group(1).startswith("--json"))]
    return lines


# What 4.3 prints of a line of CSV that has one column more, 4.4 does not.
LEFT_OUT = re.compile(
    r"com\.fasterxml\.|\s+at |\s+\.\.\. \d+ more|Caused by: |\s*$| \(org\.apache\.kafka|\S+ WARN "
    r"|\[[-0-9: ,<>time]+\] WARN |\[[-0-9: ,<>time]+\] ERROR \[|Did you mean|\t(--)?[\w-]+$|The consumer rebalance protocol|SLF4J|\d\d:\d\d:\d\d\.\d+ \[main\] WARN")


def dense(line: str) -> str:
    return re.sub(r"\s+", "", line) if re.match(r"--[\w.-]+ ?[<\[(]", line) else line


def masked(text: str, hidden: dict[str, str], head: str) -> list[str]:
    for secret, shown in hidden.items():
        text = text.replace(secret, shown)
    text = re.sub(r"((?:TopicId:?|directory\.id=|directory id|\"directoryId\":) ?[\"']?)[\w-]{22}",
                  r"\1<id>", text)
    text = re.sub(r"\[20\d\d-\d\d-\d\d [\d:,]+\] ", "[<time>] ", text)
    text = re.sub(r"((?:Create|LogAppend)Time:\s*)\d{13}", r"\1<time>", text)
    if "random-uuid" in head:
        text = re.sub(r"^[\w-]{22}$", "<id>", text)
    if "--version" in head:
        text = re.sub(r"^\d+\.\d+\.\d+( \(Commit:\w+\))?$", "<version>", text, flags=re.MULTILINE)
    text = re.sub(r"(following members: )\[.*\]", r"\1[<members>]", text)
    text = re.sub(r"(HighWatermark: +)\d+", r"\1<n>", text)
    if head.startswith("$ transactions"):
        text = re.sub(r"(\d{13} *\t)\d+ *\t", r"\1<n>\t", text) if " describe " in head else text
        text = re.sub(r"\t\d+ +(?=\t\d{13}\t(None|\d+))", "\t<n>", text)  # how many records there were
        text = re.sub(r"\d{13}(?= *\t)", "<time>", text)
        before = "" if " describe-producers " in head else r"\S+ *\t\S+ *\t"
        text = re.sub(rf"^({before})\d{{1,4}} *\t", r"\1<id>\t", text, flags=re.MULTILINE)
    if "--describe" in head:  # members
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", text)
        text = re.sub(r"(?<= )[\w-]{22}(?= )", "<id>" + " " * 18, text)
    text = re.sub(r"Valid (states|types) are: .*", r"Valid \1 are: <set>", text)
    text = re.sub(r"^(\d+ +\t[\w-]{22}\t)\d+ *\t(\d+) *\t\d+( ms ago)? *\t\d+( ms ago)? *\t",
                  r"\1<n>\t\2\t<n>\3\t<n>\4\t", text, flags=re.MULTILINE)
    text = re.sub(r"\. Allowed: .*", "", text)  # we say more
    # Java's sets come in another order in each process.
    text = text.replace("[[config], [bootstrap-server]]", "[[bootstrap-server], [config]]")
    text = text.replace("[all-groups], [group]", "[group], [all-groups]")
    lines = [line.rstrip() for line in text.splitlines()]
    formatted = [i for i, line in enumerate(lines) if line.startswith("Formatting ")]
    for i, line in zip(formatted, sorted(lines[i] for i in formatted)):
        lines[i] = line  # in the order of a hash set
    lines = without_usage([line for line in lines if not LEFT_OUT.match(line)])
    kept: list[str] = []
    for line in map(dense, map(without_class, lines)):
        if kept and kept[-1].endswith(EXCEPTION.sub("", line)):
            continue  # an exception told twice
        kept.append(line)
    if kept and (head.endswith(" --help") or re.fullmatch(r"\$ [\w-]+", head)) and any(
            line.startswith("--") for line in kept):
        kept = [line for line in kept if line.startswith("--")]  # what a tool is for: own words
    return kept


EXCEPTION = re.compile(r"(?:Exception in thread \"main\" |java\.util\.concurrent\.ExecutionException: "
                       r"|((?:[a-z]\w*\.)+[A-Z][\w$]*): )")


def without_class(line: str) -> str:
    """Of exceptions, only those that brokers send keep their class."""
    return re.sub(EXCEPTION, lambda found: found.group(0) if (found.group(1) or "").startswith(
        "org.apache.kafka.common.errors.") and "InvalidConfiguration" not in found.group(0)
        else "", line)


class Runner:
    def __init__(self, kind: str, folder: pathlib.Path):
        self.kind = kind
        self.folder = folder
        self.node: peers.Node | None = None
        self.members: list[subprocess.Popen] = []

    def command(self, words: list[str]) -> list[str]:
        if self.kind == "moldau":
            return [str(peers.DIST / "bin/moldau"), *words]
        profile = "server-4.4" if words[0] == "storage" else "tools-4.3"
        settings = f"-Dlog4j2.configurationFile={ROOT / 'tests/interop/tools-log4j2.properties'}"
        line = peers.java(profile, CLASSES[words[0]], *words[1:], heap="128m")
        return [line[0], settings, "-Xshare:auto", *line[1:]]

    def hidden(self) -> dict[str, str]:
        out = {str(self.folder): "<dir>"}
        if self.node:
            out[str(self.node.port)] = "<port>"
            out[str(self.node.controller_port)] = "<controller port>"
        return out

    def prepare(self, head: str) -> None:
        """! node KEY=VALUE... starts one; ! file NAME "text" writes one; ! member WORDS starts a consumer
        and waits until its group is stable; ! end stops them all; ! quietly WORDS runs a tool whose
        output is not looked at; ! open ID TOPIC leaves a transaction of one record open."""
        words = shlex.split(self.filled(head))[1:]
        if words[0] == "node":
            settings = dict(word.split("=", 1) for word in words[1:])
            self.node = peers.Node(self.kind, self.folder / "node", settings).start()
        elif words[0] == "file":
            path = self.folder / words[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(words[2].replace("\\n", "\n"))
        elif words[0] == "wait":
            time.sleep(float(words[1]))
        elif words[0] == "member":
            self.members.append(subprocess.Popen(self.command(words[1:]), stdin=subprocess.DEVNULL,
                                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            self.await_stable(words[words.index("--group") + 1])
        elif words[0] == "end":
            self.end_members()
        elif words[0] == "quietly":
            subprocess.run(self.command(words[1:]), stdin=subprocess.DEVNULL, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        elif words[0] == "open":
            self.leave_open(words[1], words[2])
        else:
            raise ValueError(head)

    def await_stable(self, group: str) -> None:
        """Until a member has partitions: what is described then stays so."""
        def settled() -> bool:
            rows = self.looked("consumer-groups", "--describe", "--group", group, "--members").splitlines()[2:]
            return bool(rows) and all(row.split()[-1].isdigit() and int(row.split()[-1]) > 0 for row in rows)
        if not peers.until(settled, 30, 0.3):
            raise RuntimeError(f"group {group} does not settle")

    def await_records(self, topic: str, count: int) -> None:
        """Until partition 0 of the topic ends there."""
        if not peers.until(lambda: self.looked("get-offsets", "--topic", topic) == f"{topic}:0:{count}\n", 20, 0.1):
            raise RuntimeError(f"{topic} has not {count} records")

    def looked(self, *words: str) -> str:
        """What Moldau's tool says of the node, of whichever kind that is."""
        line = [str(peers.DIST / "bin/moldau"), words[0], "--bootstrap-server", self.node.bootstrap, *words[1:]]
        return subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode()

    def leave_open(self, transactional_id: str, topic: str) -> None:
        """Kills a producer behind its first record."""
        line = ["producer-perf-test", "--bootstrap-server", self.node.bootstrap, "--topic", topic,
                "--num-records", "10", "--throughput", "0.01", "--record-size", "10",
                "--transactional-id", transactional_id, "--transaction-duration-ms", "600000"]

        def begun() -> bool:
            table = self.looked("transactions", "describe-producers", "--topic", topic, "--partition", "0")
            return any(row.split()[-1].isdigit() for row in table.splitlines()[1:])  # where it starts
        producer = subprocess.Popen(self.command(line), stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not peers.until(begun, 30, 0.1):
            raise RuntimeError(f"{transactional_id} does not begin")
        producer.kill()
        producer.wait()

    def end_members(self) -> None:
        for member in self.members:
            member.terminate()
        for member in self.members:
            member.wait(20)
        self.members.clear()

    def filled(self, text: str) -> str:
        text = text.replace("{dir}", str(self.folder))
        if self.node:
            text = text.replace("{server}", self.node.bootstrap)
            text = text.replace("{controller}", f"127.0.0.1:{self.node.controller_port}")
            text = text.replace("{data}", str(self.node.data))
        return text

    def run(self, head: str) -> tuple[Case, float]:
        line, _, given = self.filled(head[2:]).partition(" <<< ")
        text = shlex.split(given)[0].replace("\\n", "\n") if given else ""
        begun = time.monotonic()
        done = subprocess.run(self.command(shlex.split(line)), input=text.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        took = time.monotonic() - begun
        time.sleep(PAUSE)
        case = Case(head)
        case.out = masked(done.stdout.decode(errors="replace"), self.hidden(), head)
        case.err = masked(done.stderr.decode(errors="replace"), self.hidden(), head)
        case.code = done.returncode
        return case, took

    def close(self) -> None:
        for member in self.members:
            member.kill()
            member.wait()
        if self.node:
            self.node.kill()


def transcript(kind: str, path: pathlib.Path, folder: pathlib.Path):
    """Yields what was recorded, what is printed now, and how long it took."""
    runner = Runner(kind, folder)
    try:
        for case in read(path):
            if case.head.startswith("! "):
                runner.prepare(case.head)
                yield case, case, 0.0
            elif case.head.startswith("# "):
                yield case, case, 0.0
            else:
                yield case, *runner.run(case.head)
    finally:
        runner.close()


def as_lines(case: Case) -> list[str]:
    return [*case.out, "--- stderr", *case.err, f"--- exit {case.code}"]


def check(context, path: pathlib.Path, folder: pathlib.Path) -> Counts:
    counts = Counts()
    took: list[float] = []
    for wanted, seen, seconds in transcript(context.against, path, folder):
        if not wanted.head.startswith("$ "):
            continue
        for lines in (wanted.out, wanted.err):
            lines[:] = masked("\n".join(lines), {}, wanted.head)
        good = as_lines(wanted) == as_lines(seen)
        counts += Counts(passed=int(good), failed=int(not good))
        took.append(seconds)
        if not good:
            print(f"FAIL {path.stem}: {wanted.head[2:]}")
            print("\n".join(difflib.unified_diff(as_lines(wanted), as_lines(seen), "Apache Kafka",
                                                 context.against, lineterm="", n=1)), flush=True)
    median = sorted(took)[len(took) // 2] * 1000 if took else 0
    same = counts.passed
    if context.against == "moldau":
        counts += Counts(passed=int(median <= SLOWEST_MS), failed=int(median > SLOWEST_MS))
    print(f"{'FAIL' if counts.failed else 'ok  '} {path.stem}: {same} commands as recorded, "
          f"{median:.0f} ms each", flush=True)
    return counts


def signals(context) -> Counts:
    """A consumer that a person ends says how much it read; a producer sends what it was given."""
    counts = Counts()
    with peers.scratch() as folder:
        runner = Runner(context.against, folder)
        try:
            runner.prepare("! node")
            server = ["--bootstrap-server", runner.node.bootstrap, "--topic", "signalled"]
            for name, given, ending in (("console-producer", b"a\nb\n", signal.SIGINT),
                                        ("console-consumer", b"", signal.SIGTERM)):
                more = ["--partition", "0", "--offset", "earliest"] if "consumer" in name else []
                process = subprocess.Popen(runner.command([name, *server, *more]),
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE)
                process.stdin.write(given)
                process.stdin.flush()
                if more:
                    shown = process.stdout.read(4)
                else:
                    runner.await_records("signalled", 2)
                process.send_signal(ending)
                code = process.wait(20)
                good = code == 128 + ending
                if more:
                    good = (good and shown + process.stdout.read() == b"a\nb\n"
                            and process.stderr.read().endswith(b"Processed a total of 2 messages\n"))
                print(f"{'ok  ' if good else 'FAIL'} {name} ends with {code} at {ending.name}")
                counts += Counts(passed=int(good), failed=int(not good))
        finally:
            runner.close()
    return counts


def run(context) -> Counts:
    if context.against == "moldau" and not (peers.DIST / "bin/moldau").exists():
        print("FAIL no build/dist/bin/moldau; ./test.sh build makes it")
        return Counts(failed=1)
    counts = Counts()
    for path in sorted(DATA.glob("*.txt")):
        with peers.scratch() as folder:
            counts += check(context, path, folder)
    return counts + signals(context)


def main() -> int:
    words = sys.argv[1:]
    rewrite = "--rewrite" in words
    against = "kafka" if "--kafka" in words else "moldau"
    paths = [pathlib.Path(word) for word in words if not word.startswith("--")]
    counts = Counts()
    for path in paths:
        with peers.scratch() as folder:
            if rewrite:
                write(path, [seen for _, seen, _ in transcript("kafka", path, folder)])
            else:
                counts += check(Context(ROOT, against), path, folder)
    if "--signals" in words:
        counts += signals(Context(ROOT, against))
    print(counts)
    return 1 if counts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
