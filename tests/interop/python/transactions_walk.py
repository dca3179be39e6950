"""Transactions with kafka-python, aiokafka and confluent-kafka: they commit and abort, send offsets, and fence one another."""

import asyncio
import sys

import aiokafka
import aiokafka.errors
import confluent_kafka
import kafka
import kafka.errors
from confluent_kafka.admin import AdminClient, NewTopic

BOOTSTRAP = sys.argv[1]


def seen(topic, level):
    """How many records a reader finds before the end of the partition, as its isolation level has it."""
    reader = confluent_kafka.Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": f"{topic}-{level}", "isolation.level": level,
                                       "auto.offset.reset": "earliest", "enable.partition.eof": True})
    reader.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    count = 0
    while True:
        message = reader.poll(20)
        if message is None or message.error():
            break
        count += 1
    reader.close()
    return count if message is not None else "no end"


def told(topic, committed):
    print(f"{topic}: committed {seen(topic, 'read_committed')}, all {seen(topic, 'read_uncommitted')}, offset {committed}", flush=True)


class KafkaPython:
    name = "tx-kafka-python"

    def producer(self):
        made = kafka.KafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id=self.name)
        made.init_transactions()
        return made

    def run(self):
        producer = self.producer()
        place = kafka.TopicPartition(self.name, 0)
        for round_ in range(3):
            producer.begin_transaction()
            for i in range(10):
                producer.send(self.name, b"%d" % i, partition=0)
            producer.flush()
            producer.send_offsets_to_transaction({place: kafka.OffsetAndMetadata(round_, "", -1)}, self.name)
            if round_ == 1:
                producer.abort_transaction()
            else:
                producer.commit_transaction()
        producer.begin_transaction()
        producer.send(self.name, b"late", partition=0).get(20)
        newer = self.producer()
        try:
            producer.commit_transaction()
            print(f"{self.name}: the older one commits")
        except kafka.errors.KafkaError as refused:
            print(f"{self.name}: {type(refused).__name__}")
        newer.close()
        producer.close(timeout=1)
        reader = kafka.KafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=self.name, isolation_level="read_committed")
        told(self.name, reader.committed(place))
        reader.close()


class Aio:
    name = "tx-aiokafka"

    async def producer(self):
        made = aiokafka.AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id=self.name)
        await made.start()
        return made

    async def walk(self):
        producer = await self.producer()
        place = aiokafka.TopicPartition(self.name, 0)
        for round_ in range(3):
            await producer.begin_transaction()
            for i in range(10):
                await producer.send(self.name, b"%d" % i, partition=0)
            await producer.flush()
            await producer.send_offsets_to_transaction({place: round_}, self.name)
            if round_ == 1:
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
        await producer.begin_transaction()
        await producer.send_and_wait(self.name, b"late", partition=0)
        newer = await self.producer()
        try:
            await producer.commit_transaction()
            print(f"{self.name}: the older one commits")
        except aiokafka.errors.KafkaError as refused:
            print(f"{self.name}: {type(refused).__name__}")
        await newer.stop()
        await producer.stop()
        reader = aiokafka.AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=self.name, isolation_level="read_committed")
        await reader.start()
        committed = await reader.committed(place)
        await reader.stop()
        return committed

    def run(self):
        told(self.name, asyncio.run(self.walk()))


class Confluent:
    name = "tx-confluent"

    def producer(self):
        made = confluent_kafka.Producer({"bootstrap.servers": BOOTSTRAP, "transactional.id": self.name})
        made.init_transactions(20)
        return made

    def run(self):
        producer = self.producer()
        reader = confluent_kafka.Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": self.name, "isolation.level": "read_committed"})
        for round_ in range(3):
            producer.begin_transaction()
            for i in range(10):
                producer.produce(self.name, b"%d" % i, partition=0)
            producer.flush(20)  # an abort throws away what is not sent yet
            producer.send_offsets_to_transaction([confluent_kafka.TopicPartition(self.name, 0, round_)],
                                                 reader.consumer_group_metadata(), 20)
            if round_ == 1:
                producer.abort_transaction(20)
            else:
                producer.commit_transaction(20)
        producer.begin_transaction()
        producer.produce(self.name, b"late", partition=0)
        producer.flush(20)
        newer = self.producer()
        try:
            producer.commit_transaction(20)
            print(f"{self.name}: the older one commits")
        except confluent_kafka.KafkaException as refused:
            print(f"{self.name}: {refused.args[0].name()}")
        committed = reader.committed([confluent_kafka.TopicPartition(self.name, 0)], 20)[0].offset
        reader.close()
        del newer
        told(self.name, committed)


CLIENTS = [KafkaPython(), Aio(), Confluent()]
admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
for made in admin.create_topics([NewTopic(c.name, 1, 1) for c in CLIENTS]).values():
    made.result(20)
for client in CLIENTS:
    client.run()
