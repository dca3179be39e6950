"""Stands between clients and a node, passes everything on, and notes which APIs and versions each client used."""

import contextlib
import pathlib
import socket
import struct
import threading

CHUNK = 1 << 18
API_VERSIONS = 18
FIRST_WITH_SOFTWARE = 3


class Recorder:
    """Listens on `port` and passes on to `target`. Use as a context manager."""

    def __init__(self, port: int, target: int):
        self.target = target
        self.seen: set[tuple[int, int, str]] = set()  # key, version, client
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, \
                socket.create_connection(("127.0.0.1", self.target)) as node:
            for side in (client, node):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_pass_on, args=(node, client), daemon=True).start()
            with contextlib.suppress(EOFError):
                self._requests(client, node)
            node.shutdown(socket.SHUT_WR)

    def _requests(self, client: socket.socket, node: socket.socket) -> None:
        name = ""
        while True:
            size = _exactly(client, 4)
            left = struct.unpack(">i", size)[0]
            head = _exactly(client, max(0, min(left, 300)))
            name = self._note(head, name)
            node.sendall(size + head)
            left -= len(head)
            while left > 0:
                part = client.recv(min(left, CHUNK))
                if not part:
                    raise EOFError
                node.sendall(part)
                left -= len(part)

    def _note(self, head: bytes, name: str) -> str:
        if len(head) < 10:
            return name
        key, version, _, length = struct.unpack_from(">hhih", head)
        at = 10 + max(length, 0)
        if key == API_VERSIONS and version >= FIRST_WITH_SOFTWARE:
            name = software(head, at + 1) or name
        # Who does not say what it is has its client id, without what counts or is random in it.
        self.seen.add((key, version, name or head[10:at].decode(errors="replace").partition("-")[0]))
        return name

    def close(self) -> None:
        self.listener.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def software(head: bytes, at: int) -> str:
    """Name and version that ApiVersions carries from version 3 on, as compact strings."""
    parts = []
    for _ in range(2):
        size = head[at] - 1
        parts.append(head[at + 1:at + 1 + size].decode(errors="replace"))
        at += 1 + size
    return " ".join(parts)


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(CHUNK):
            to.sendall(part)
        to.shutdown(socket.SHUT_WR)


def _exactly(source: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = source.recv(size - len(got))
        if not part:
            raise EOFError
        got += part
    return got


HEAD = """# Written by ./test.sh interop when MOLDAU_RECORD is set: which API and version each client of others sent to a node
# while its own checks held, seen by tests/peers/recorder.py. api, version, client.
"""


def written(seen: set[tuple[int, int, str]], names: dict[int, str]) -> str:
    rows = sorted((names.get(key, str(key)), version, client) for key, version, client in seen)
    return HEAD + "".join(f"{name}\t{version}\t{client}\n" for name, version, client in rows)


def read(path: pathlib.Path) -> set[tuple[str, int]]:
    """(api, client) of a written file, versions left out: newer clients use newer ones."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {(line.split("\t")[0], line.split("\t")[2].partition(" ")[0]) for line in lines}
