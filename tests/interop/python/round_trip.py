"""confluent-kafka (librdkafka): COUNT records of each codec, produced and read back equal."""

import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def value(i: int) -> bytes:
    return b"value %d %x of a record that compresses" % (i, i * 0x9E3779B9 & 0xFFFFFFFF)


def produce(bootstrap: str, topic: str, codec: str, count: int) -> None:
    failed = []
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": codec,
                         "linger.ms": 5, "queue.buffering.max.messages": 500_000,
                         "enable.idempotence": codec in ("lz4", "zstd")})

    def report(problem, _message):
        if problem is not None:
            failed.append(problem)

    for i in range(count):
        while True:
            try:
                producer.produce(topic, value(i), key=b"k%d" % i, partition=i % 2,
                                 timestamp=1_700_000_000_000 + i, on_delivery=report)
                break
            except BufferError:
                producer.poll(0.05)
        if i % 10_000 == 0:
            producer.poll(0)
    left = producer.flush(120)
    if failed or left:
        sys.exit(f"{codec}: {len(failed)} failed ({failed[:1]}), {left} unsent")


def consume(bootstrap: str, topic: str, count: int) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused",
                         "enable.auto.commit": False, "check.crcs": True})
    consumer.assign([TopicPartition(topic, 0, 0), TopicPartition(topic, 1, 0)])
    following = [0, 1]
    seen, deadline = 0, time.monotonic() + 120
    while seen < count:
        if time.monotonic() > deadline:
            sys.exit(f"{topic}: only {seen} of {count} came back")
        for message in consumer.consume(10_000, 0.2):
            if message.error():
                sys.exit(f"{topic}: {message.error()}")
            i = following[message.partition()]
            following[message.partition()] += 2
            if (message.value() != value(i) or message.key() != b"k%d" % i
                    or message.timestamp()[1] != 1_700_000_000_000 + i
                    or message.offset() != i // 2):
                sys.exit(f"{topic}: record {i} came back as {message.value()!r}")
            seen += 1
    consumer.close()


def main() -> None:
    bootstrap, count, prefix = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for codec in CODECS:
        topic = f"{prefix}-{codec}"
        for future in admin.create_topics([NewTopic(topic, 2, 1)]).values():
            future.result(30)
        produce(bootstrap, topic, codec, count)
        consume(bootstrap, topic, count)
        print(f"ok {codec} {count}", flush=True)


main()
