"""The server as it is started and stopped: its scripts, the files that are shipped with it, what it says of a wrong one."""

import os
import pathlib
import re
import signal
import subprocess
import sys

from stages.common import Counts, judge

ORDER = 45
SUMMARY = "the server's scripts and the shipped configuration files: started, stopped, refused"
FAST = True

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))

import peers  # noqa: E402

BIN = peers.DIST / "bin"
CLUSTER = "4L6g3nShT-eMCtK--X86sw"
# Ids that no other server on the machine has: the script looks at all of this user's.
FIRST, SECOND = 1_870_001, 1_870_002


def run(context) -> Counts:
    if not (BIN / "moldau").exists():
        print("FAIL no build/dist/bin/moldau; ./test.sh build makes it")
        return Counts(failed=1)
    counts = Counts()
    with peers.scratch() as folder:
        counts += refused(folder)
        counts += shipped(folder)
        counts += stopped(folder)
    return counts


def say(*command, cwd: pathlib.Path, env: dict | None = None) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL, timeout=60,
                          capture_output=True, env={**os.environ, **(env or {})}, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def refused(folder: pathlib.Path) -> Counts:
    code, out, err = say(BIN / "moldau", "server", folder, cwd=folder)
    counts = judge("a directory as configuration file is refused by name", (code, out, err) == (
        1, "", f"{folder} is a directory: give a configuration file\n"), f"{code} {out}{err}")
    for words in ([], ["-daemon"]):
        start = BIN / "kafka-server-start.sh"
        code, out, err = say(start, *words, cwd=folder)
        usage = f"USAGE: {start} [-daemon] server.properties [--override property=value]*\n"
        counts += judge(f"kafka-server-start.sh {' '.join(words)} without a file says what it takes",
                        (code, out + err) == (1, usage), f"{code} {out}{err}")
    counts += judge("and makes nothing", not list(folder.iterdir()), str(list(folder.iterdir())))
    for words in (["--node-id", "2"], ["--node-id="], ["--all"]):
        code, out, err = say(BIN / "kafka-server-stop.sh", *words, cwd=folder, env={"SIGNAL": "CONT"})
        counts += judge(f"kafka-server-stop.sh {' '.join(words)} is refused",
                        code == 1 and err.startswith("USAGE: "), f"{code} {out}{err}")
    return counts


def shipped_file(folder: pathlib.Path, name: str) -> pathlib.Path:
    """A file of dist/config with ports and directories of this test."""
    text = (peers.DIST / "config" / name).read_text()
    text = re.sub(r"(?m)^log\.dirs=.*", f"log.dirs={folder / name}.data", text)
    for port in ("9092", "9093"):
        text = re.sub(rf":{port}\b", f":{peers.free_port()}", text)
    path = folder / name
    path.write_text(text)
    return path


def shipped(folder: pathlib.Path) -> Counts:
    """Each file does what its comments say, and the refusal names a command that works."""
    counts = Counts()
    for name in ("server.properties", "controller.properties"):
        file = shipped_file(folder, name)
        _, _, err = say(BIN / "moldau", "server", file, cwd=folder)
        hint = re.search(r"Type: moldau (storage format .*) \(`moldau (storage random-uuid)`", err)
        if not hint:
            counts += judge(f"{name}, not formatted: the command to type", False, err)
            continue
        words = hint[1].replace("CLUSTER_ID", say(BIN / "moldau", *hint[2].split(), cwd=folder)[1].strip())
        code, out, err = say(BIN / "moldau", *words.replace("FILE", str(file)).split(), cwd=folder)
        counts += judge(f"{name}: the command to type formats it", code == 0, out + err)
        with Server(folder, [BIN / "moldau", "server", file.name]) as server:
            counts += judge(f"{name}: then it starts", server.ready(), server.said())
    file = shipped_file(folder, "broker.properties")
    code, out, err = say(BIN / "moldau", "storage", "format", "-t", CLUSTER, "-c", file, cwd=folder)
    counts += judge("broker.properties: it can be formatted", code == 0, out + err)
    code, out, err = say(BIN / "moldau", "server", file, cwd=folder)
    counts += judge("broker.properties: this version says that it cannot start it, and why",
                    code == 1 and "this version runs the controller in the same node" in err, f"{code} {err}")
    return counts


class Server:
    """A process of its own, started in `folder`."""

    def __init__(self, folder: pathlib.Path, command: list):
        self.log = folder / f"server-{len(list(folder.iterdir()))}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([str(word) for word in command], cwd=folder, stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def ready(self) -> bool:
        return peers.until(lambda: self.process.poll() is not None or " ready in " in self.said()) \
            and self.process.poll() is None

    def state(self) -> str:
        return pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]

    def halted(self) -> bool:
        return self.state() in "tT"

    def halt(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        peers.until(self.halted)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def one_node(folder: pathlib.Path, node_id: int, roles: str) -> str:
    """Its file, relative to the folder, formatted."""
    name = f"node-{node_id}.properties"
    port, controller_port = peers.free_port(), peers.free_port()
    broker = "broker" in roles
    listeners = (f"PLAINTEXT://127.0.0.1:{port}," if broker else "") + f"CONTROLLER://127.0.0.1:{controller_port}"
    (folder / name).write_text(
        f"# node.id=9\nprocess.roles={roles}\nnode.id = {node_id}\nlisteners={listeners}\n"
        f"controller.quorum.voters={node_id}@127.0.0.1:{controller_port}\n"
        f"controller.listener.names=CONTROLLER\nlog.dirs={folder / name}.data\n"
        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n")
    code, out, err = say(BIN / "moldau", "storage", "format", "-t", CLUSTER, "-c", name, cwd=folder)
    if code:
        raise RuntimeError(out + err)
    return name


def stopped(folder: pathlib.Path) -> Counts:
    """Two servers, of which the script picks one. Where it must not end others that this machine
    has, the signal is CONT, which does nothing to whoever runs."""
    stop = BIN / "kafka-server-stop.sh"
    both = one_node(folder, FIRST, "broker,controller")
    controller = one_node(folder, SECOND, "controller")
    counts = Counts()
    with Server(folder, [BIN / "kafka-server-start.sh", both]) as first, \
            Server(folder, [BIN / "moldau", "server", controller, "--override", "log.dir=unused"]) as second:
        counts += judge("two servers start", first.ready() and second.ready(), first.said() + second.said())

        def woken(*words: str) -> tuple[bool, bool]:
            for server in (first, second):
                server.halt()
            say(stop, *words, cwd=ROOT, env={"SIGNAL": "CONT"})
            return not first.halted(), not second.halted()

        for words, expected in (([], (True, True)),
                                (["--process-role=controller"], (False, True)),
                                (["--process-role=broker,controller"], (True, False)),
                                ([f"--node-id={FIRST}"], (True, False)),
                                ([f"--node-id={SECOND}", "--process-role=broker,controller"], (False, True)),
                                (["--node-id=1870003"], (False, False))):
            seen = woken(*words)
            counts += judge(f"the stop script {' '.join(words)} finds {expected}", seen == expected, str(seen))
        for server in (first, second):
            server.process.send_signal(signal.SIGCONT)
        code, out, err = say(stop, f"--node-id={SECOND}", cwd=ROOT)
        gone = peers.until(lambda: second.process.poll() is not None)
        counts += judge("--node-id ends that server cleanly", code == 0 and gone and second.process.poll() == 0,
                        f"{code} {out}{err}{second.said()}")
        counts += judge("and not the other", first.process.poll() is None)
        code, out, err = say(stop, f"--node-id={FIRST}", cwd=ROOT)
        gone = peers.until(lambda: first.process.poll() is not None)
        counts += judge("one started by kafka-server-start.sh too", code == 0 and gone
                        and first.process.poll() == 0, f"{code} {out}{err}{first.said()}")
    return counts
