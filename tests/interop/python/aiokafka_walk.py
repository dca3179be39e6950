"""aiokafka: producer, two members of a group and a third beside them, commits and seeks, and its admin; all on one event loop."""

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

BOOTSTRAP = sys.argv[1]
PATIENCE = 25


async def until(what, holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"in vain: {what}")
        await asyncio.sleep(0.02)


class Member(ConsumerRebalanceListener):
    def __init__(self, group, assignor):
        self.partitions, self.values = set(), set()
        self.consumer = AIOKafkaConsumer(
            bootstrap_servers=BOOTSTRAP, group_id=group, auto_offset_reset="earliest", heartbeat_interval_ms=250,
            session_timeout_ms=10_000, partition_assignment_strategy=[assignor])
        self.consumer.subscribe(["aio"], listener=self)

    async def on_partitions_assigned(self, assigned):
        self.partitions = {p.partition for p in assigned}

    async def on_partitions_revoked(self, revoked):
        self.partitions -= {p.partition for p in revoked}

    async def start(self):
        await self.consumer.start()
        self.task = asyncio.create_task(self.read())
        return self

    async def read(self):
        async for record in self.consumer:
            self.values.add(record.value)

    async def stop(self):
        self.task.cancel()
        await self.consumer.stop()


async def producing():
    async with AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, enable_idempotence=True, compression_type="gzip",
                                linger_ms=5) as producer:
        sends = [await producer.send("aio", b"v%d" % i, key=b"k%d" % i, partition=i % 6) for i in range(600)]
        done = await asyncio.gather(*sends)
        print(f"producer: {len(done)} sent, last offset {max(m.offset for m in done)}")
        m = await producer.send_and_wait("aio", b"by key", key=b"gold", headers=[("h", b"1")])
        print(f"producer: partition {m.partition} by murmur2")
        batch = producer.create_batch()
        for i in range(5):
            batch.append(key=b"b", value=b"batch %d" % i, timestamp=None)
        m = await (await producer.send_batch(batch, "aio", partition=5))
        print(f"producer: a batch at {m.offset}")
    async with AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, request_timeout_ms=2000) as producer:
        try:
            await producer.send_and_wait("aio bad", b"x")
        except (KafkaError, asyncio.TimeoutError) as refused:
            print(f"producer: a bad name: {type(refused).__name__}")


async def groups():
    for assignor in (RangePartitionAssignor, RoundRobinPartitionAssignor, StickyPartitionAssignor):
        group = f"aio-{assignor.name}"
        first, second, other = [await Member(name, assignor).start() for name in (group, group, group + "-other")]
        await until("three each", lambda: len(first.partitions) == len(second.partitions) == 3)
        await until("all", lambda: len(first.values | second.values) == 606 == len(other.values))
        await second.stop()
        await until("all partitions", lambda: len(first.partitions) == 6)
        print(f"{assignor.name}: {len(first.values | second.values)} and {len(other.values)}", flush=True)
        await first.stop()
        await other.stop()


async def commits():
    place = TopicPartition("aio", 0)
    settings = {"bootstrap_servers": BOOTSTRAP, "group_id": "aio-commits", "enable_auto_commit": False,
                "auto_offset_reset": "earliest", "heartbeat_interval_ms": 250}
    async with AIOKafkaConsumer("aio", **settings) as consumer:
        got = await consumer.getmany(place, timeout_ms=5000, max_records=10)
        print(f"getmany: {len(got[place])}, position {await consumer.position(place)}")
        await consumer.commit({place: (9, "a note")})
        print(f"committed: {await consumer.committed(place)}")
        await consumer.seek_to_end(place)
        print(f"end: {await consumer.position(place)}, ends {await consumer.end_offsets([place])}")
        await consumer.seek_to_committed(place)
        record = await consumer.getone(place)
        print(f"after seek_to_committed: {record.offset} {record.value}")
        print(f"for a time: {(await consumer.offsets_for_times({place: 0}))[place].offset}")
    async with AIOKafkaConsumer("aio", **settings) as consumer:
        print(f"the next one begins at {await consumer.position(place)}")


async def admin_walk():
    admin = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await admin.start()
    made = await admin.create_topics([NewTopic("aio", 4, 1)])
    print(f"create: {[t[:2] for t in made.topic_errors]}")
    again = await admin.create_topics([NewTopic("aio", 4, 1)])
    print(f"create again: {[t[:2] for t in again.topic_errors]}")
    more = await admin.create_partitions({"aio": NewPartitions(6)})
    print(f"more partitions: {[t[:2] for t in more.topic_errors]}")
    partitions = []
    while len(partitions) < 6:  # a controller answers before the broker has seen the change
        await asyncio.sleep(0.02)
        partitions = sorted(p["partition"] for p in (await admin.describe_topics(["aio"]))[0]["partitions"])
    print(f"describe: {partitions}")
    return admin


async def main():
    admin = await admin_walk()
    await producing()
    await groups()
    await commits()
    offsets = await admin.list_consumer_group_offsets("aio-commits")
    print(f"offsets: { {p.partition: o.offset for p, o in offsets.items()} }")
    print(f"groups: {sorted(g[0] for g in await admin.list_consumer_groups() if g[0].startswith('aio'))}")
    described = await admin.describe_consumer_groups(["aio-commits"])
    print(f"described: {[g[:4] for g in described[0].groups]}")
    gone = await admin.delete_topics(["aio"])
    print(f"delete: {[t[:2] for t in gone.topic_error_codes]}")
    await admin.close()


asyncio.run(main())
