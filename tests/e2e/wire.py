"""As much of Kafka's protocol as a hostile client needs, by hand."""

import gzip
import socket
import struct
import time

CRC_TABLE = []
for byte in range(256):
    crc = byte
    for _ in range(8):
        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    CRC_TABLE.append(crc)


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def string(text: str | None) -> bytes:
    if text is None:
        return b"\xff\xff"
    return struct.pack(">h", len(text)) + text.encode()


def frame(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


def header(key: int, version: int, correlation: int = 7) -> bytes:
    return struct.pack(">hhi", key, version, correlation) + string("hostile")


def api_versions() -> bytes:
    return frame(header(18, 0))


def varint(value: int) -> bytes:
    value = value << 1 ^ value >> 63
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def record(value: bytes, delta: int = 0) -> bytes:
    body = b"\0" + varint(0) + varint(delta) + varint(-1) + varint(len(value)) + value + varint(0)
    return varint(len(body)) + body


def batch(records: bytes, count: int = 1, codec: int = 0, magic: int = 2, crc: int | None = None,
          last_delta: int | None = None) -> bytes:
    tail = struct.pack(">hiqqqhii", codec, count - 1 if last_delta is None else last_delta,
                       1_700_000_000_000, 1_700_000_000_000, -1, -1, -1, count) + records
    crc = crc32c(tail) if crc is None else crc
    return struct.pack(">qiibI", 0, len(tail) + 9, -1, magic, crc) + tail


def produce(topic: str, records: bytes | None, acks: int = -1, version: int = 7) -> bytes:
    body = header(0, version) + string(None) + struct.pack(">hii", acks, 5000, 1) + string(topic)
    body += struct.pack(">ii", 1, 0)
    body += struct.pack(">i", -1) if records is None else struct.pack(">i", len(records)) + records
    return frame(body)


def produce_error(answer: bytes, topic: str) -> int:
    """The error code of the one partition of a v7 answer."""
    at = 4 + 4 + 2 + len(topic) + 4 + 4
    return struct.unpack_from(">h", answer, at)[0]


def metadata(topic: str, version: int = 4) -> bytes:
    return frame(header(3, version) + struct.pack(">i", 1) + string(topic) + b"\x01")


def create_topic(port: int, topic: str, seconds: float = 30) -> None:
    """Asks for the metadata of a topic, which creates it, until the topic takes a record."""
    deadline, code = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        ask(port, metadata(topic))
        answer = ask(port, produce(topic, batch(record(b"first"))))
        code = None if answer is None else produce_error(answer, topic)
        if code == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"topic {topic} takes no record after {seconds} s: error {code}")


class Client:
    def __init__(self, port: int, timeout: float = 10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> bytes | None:
        """The next frame without its length; None when the other side closed."""
        size = self._exactly(4)
        return None if size is None else self._exactly(struct.unpack(">i", size)[0])

    def _exactly(self, size: int) -> bytes | None:
        got = bytearray()
        while len(got) < size:
            try:
                part = self.socket.recv(size - len(got))
            except ConnectionResetError:
                return None
            if not part:
                return None
            got += part
        return bytes(got)

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def ask(port: int, data: bytes, timeout: float = 10) -> bytes | None:
    with Client(port, timeout) as client:
        client.send(data)
        return client.answer()


def latency_ms(port: int) -> float:
    """How long another client waits for an answer."""
    start = time.monotonic()
    if ask(port, api_versions(), 5) is None:
        return float("inf")
    return (time.monotonic() - start) * 1000


def gzip_bomb(size: int) -> bytes:
    return gzip.compress(record(b"\0" * size), 9)
