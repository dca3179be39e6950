"""Fills topics with batches that are the same on every run, and verifies all that is there.

    fill.py create BOOTSTRAP             topics with 3 partitions, one for each codec and one idempotent
    fill.py produce BOOTSTRAP ROUND      one round more: BATCHES batches of RECORDS records a partition
    fill.py verify BOOTSTRAP ROUNDS      every record of all rounds is there, equal, and nothing else

Timestamps are given and each batch is flushed by itself, so that bytes do not depend on timing.
"""

import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
TOPICS = {f"fill-{codec}": codec for codec in CODECS} | {"fill-idempotent": "none"}
PARTITIONS, BATCHES, RECORDS = 3, 60, 50
FIRST_TIME = 1_700_000_000_000


def value(topic: str, partition: int, offset: int) -> bytes:
    return b"%s/%d/%d " % (topic.encode(), partition, offset) * 16


def create(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    config = {"segment.bytes": "1048576", "max.message.bytes": "900000",
              "retention.ms": "-1"}
    topics = [NewTopic(name, PARTITIONS, 1, config=config) for name in TOPICS]
    for future in admin.create_topics(topics).values():
        future.result(30)


def produce(bootstrap: str, this_round: int) -> None:
    for topic, codec in TOPICS.items():
        producer = Producer({
            "bootstrap.servers": bootstrap, "compression.type": codec, "linger.ms": 60_000,
            "batch.num.messages": RECORDS, "acks": "all",
            "enable.idempotence": topic == "fill-idempotent"})
        producer.list_topics(topic, 20)  # so that no batch waits for the topic's leaders
        failed = []
        for batch in range(BATCHES):
            for partition in range(PARTITIONS):
                for i in range(RECORDS):
                    offset = (this_round * BATCHES + batch) * RECORDS + i
                    producer.produce(
                        topic, value(topic, partition, offset), key=b"k%d" % offset,
                        partition=partition, timestamp=FIRST_TIME + offset,
                        on_delivery=lambda problem, _: problem and failed.append(problem))
                if producer.flush(60):
                    sys.exit(f"{topic}: not all sent")
        if failed:
            sys.exit(f"{topic}: {len(failed)} failed: {failed[0]}")


def verify(bootstrap: str, rounds: int) -> None:
    expected = rounds * BATCHES * RECORDS
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused",
                         "enable.auto.commit": False, "check.crcs": True})
    places = [TopicPartition(topic, p, 0) for topic in TOPICS for p in range(PARTITIONS)]
    consumer.assign(places)
    following = {(place.topic, place.partition): 0 for place in places}
    deadline = time.monotonic() + 60
    while any(offset < expected for offset in following.values()):
        if time.monotonic() > deadline:
            sys.exit(f"incomplete: {following}")
        for m in consumer.consume(5000, 0.2):
            if m.error():
                sys.exit(f"{m.topic()}: {m.error()}")
            offset = following[m.topic(), m.partition()]
            if (m.offset() != offset or m.value() != value(m.topic(), m.partition(), offset)
                    or m.key() != b"k%d" % offset or m.timestamp()[1] != FIRST_TIME + offset):
                sys.exit(f"{m.topic()}-{m.partition()}: offset {offset} came back as {m.offset()}")
            following[m.topic(), m.partition()] = offset + 1
    for place in places:
        low, high = consumer.get_watermark_offsets(place, 20)
        if (low, high) != (0, expected):
            sys.exit(f"{place.topic}-{place.partition}: offsets {low} to {high}, not {expected}")
    consumer.close()
    print(f"verified {expected} records in each of {len(places)} partitions")


if __name__ == "__main__":
    action, server, *number = sys.argv[1:]
    {"create": create, "produce": produce, "verify": verify}[action](server, *map(int, number))
