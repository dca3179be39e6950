"""What the drivers of whole applications share: a process that is watched, and waiting."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

PATIENCE = 40


def java(*arguments: str) -> list[str]:
    """The command that installs.py made for this kind, with its class path."""
    return [*json.loads(os.environ["INTEROP_JAVA"]), *arguments]


@contextlib.contextmanager
def process(command: list[str], log: pathlib.Path):
    """Runs until the block ends; then it is asked to stop."""
    with log.open("ab") as out:
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def until(what: str, holds, log: pathlib.Path | None = None):
    """Whatever `holds` gives once it is true."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := holds()):
        if time.monotonic() > deadline:
            print(log.read_text(errors="replace")[-4000:] if log else "", file=sys.stderr)
            sys.exit(f"in vain: {what}")
        time.sleep(0.05)
    return seen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connected(port: int):
    with contextlib.suppress(OSError):
        return socket.create_connection(("127.0.0.1", port), 1)
    return None


def topic(bootstrap: str, name: str, key: str = "") -> list[str]:
    """All records of a topic, sorted; by kcat."""
    done = subprocess.run(["kcat", "-C", "-q", "-b", bootstrap, "-t", name, "-o", "beginning", "-e", "-f", f"{key}%s\n"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30, check=False)
    return sorted(done.stdout.decode().splitlines())
