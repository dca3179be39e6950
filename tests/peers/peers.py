"""Real Apache Kafka from its published jars, and Moldau beside it, as processes of a test.

The jars are kept in $MOLDAU_PEERS (default: the user's cache folder) and fetched once by Maven.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import recorder

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIST = ROOT / "build/dist"
PROFILES = ("server-4.4", "tools-4.3", "clients-3.9")


def cache() -> pathlib.Path:
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("MOLDAU_PEERS") or home / "moldau-peers")


def jars(profile: str) -> pathlib.Path:
    """The folder with the jars of a profile, fetched when it is not there whole."""
    folder = cache() / profile
    if not (folder / ".complete").exists():
        print(f"fetching Apache Kafka jars: {profile}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(
            ["mvn", "-q", "-B", "-f", str(ROOT / "tests/peers/pom.xml"), f"-P{profile}",
             "dependency:copy-dependencies", "-DincludeScope=runtime",
             f"-DoutputDirectory={folder}"], check=True, stdin=subprocess.DEVNULL)
        (folder / ".complete").touch()
    return folder


def java(profile: str, main: str, *arguments: str, heap: str = "512m", extra: str = "") -> list[str]:
    classpath = f"{jars(profile)}/*" + (f":{extra}" if extra else "")
    return ["java", f"-Xmx{heap}", "-XX:TieredStopAtLevel=1" if main.endswith("Command") else "-server",
            "-Dorg.apache.logging.log4j.level=WARN", "-cp", classpath, main, *arguments]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, seconds: float = 20, pause: float = 0.02):
    """What `what` returns when it is true, or at last."""
    deadline = time.monotonic() + seconds
    while not (seen := what()) and time.monotonic() < deadline:
        time.sleep(pause)
    return seen


def wait_for_port(port: int, process: subprocess.Popen, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port} after {seconds} s")


CONFIGURATION = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{own_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


class Node:
    """One node of either kind. Use as a context manager; the folder is kept until the end of the test."""

    def __init__(self, kind: str, folder: pathlib.Path, overrides: dict | None = None,
                 port: int | None = None, controller_port: int | None = None,
                 program: pathlib.Path = DIST / "bin/moldau", env: dict | None = None,
                 recorded: bool = False):
        self.kind = kind
        self.folder = folder
        self.data = folder / "data"
        self.port = port or free_port()
        self.controller_port = controller_port or free_port()
        self.program = program
        self.env = {**os.environ, **(env or {})}
        # Clients come to `port`; with a recorder there, the node itself listens on another one.
        self.own_port = free_port() if recorded else self.port
        self.recorder: recorder.Recorder | None = None
        self.process: subprocess.Popen | None = None
        self.log = folder / f"{kind}.log"
        self.file = folder / f"{kind}.properties"
        folder.mkdir(parents=True, exist_ok=True)
        text = CONFIGURATION.format(own_port=self.own_port, port=self.port, data=self.data,
                                    controller_port=self.controller_port)
        text += "".join(f"{key}={value}\n" for key, value in (overrides or {}).items())
        self.file.write_text(text)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def dir(self) -> pathlib.Path:
        return self.data

    def format(self, cluster_id: str = "4L6g3nShT-eMCtK--X86sw") -> None:
        if (self.data / "meta.properties").exists():
            return
        if self.kind == "kafka":
            command = java("server-4.4", "kafka.tools.StorageTool", "format", "-t", cluster_id,
                           "-c", str(self.file))
        else:
            command = [str(self.program), "storage", "format", "-t", cluster_id,
                       "-c", str(self.file)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise RuntimeError(f"format failed: {done.stdout.decode()}")

    def start(self) -> "Node":
        self.format()
        if self.kind == "kafka":
            command = java("server-4.4", "kafka.Kafka", str(self.file), heap="1g")
        else:
            command = [str(self.program), "server", str(self.file)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.env)
        wait_for_port(self.own_port, self.process)
        if self.own_port != self.port:
            self.recorder = recorder.Recorder(self.port, self.own_port)
        if self.kind == "kafka":
            self.wait_until_serving()
        return self

    def wait_until_serving(self) -> None:
        """Until its metadata names a broker, so that it is unfenced."""
        ask = struct.pack(">ihhihi", 14, 3, 1, 1, -1, 0)  # Metadata version 1 of no topics
        for _ in range(600):
            with contextlib.suppress(OSError), \
                    socket.create_connection(("127.0.0.1", self.own_port), 5) as client:
                client.sendall(ask)
                answer = client.recv(4096)
                if len(answer) >= 12 and struct.unpack_from(">i", answer, 8)[0] > 0:
                    return
            time.sleep(0.05)

    def stop(self, seconds: float = 60) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        self.process = None
        return code

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def rss_mb(self) -> float:
        assert self.process is not None
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def cpu_seconds(self) -> float:
        assert self.process is not None
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> "Node":
        return self.start()

    def __exit__(self, *_) -> None:
        self.kill()
        if self.recorder is not None:
            self.recorder.close()


@contextlib.contextmanager
def scratch():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="moldau-test-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
