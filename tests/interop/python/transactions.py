"""Does with librdkafka's transactional producers what the lines of its input say; the lines are those of Transactions.java."""

import sys

from confluent_kafka import Consumer, Producer, TopicPartition

PATIENCE_S = 30
producers: dict[str, Producer] = {}


def answer(bootstrap: str, words: list[str]) -> str:
    does, name = words[:2]
    if does == "init":
        producers[name] = Producer({"bootstrap.servers": bootstrap, "transactional.id": name,
                                    "transaction.timeout.ms": 600_000})
        producers[name].init_transactions(PATIENCE_S)
        return ""
    if does == "read":
        return " ".join(read(bootstrap, name, words[2]))
    if does == "group":
        consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": name})
        place = consumer.committed([TopicPartition(words[2], int(words[3]))], PATIENCE_S)[0]
        consumer.close()
        return str(place.offset) if place.offset >= 0 else "none"
    producer = producers[name]
    if does == "begin":
        producer.begin_transaction()
    elif does == "send":
        told = []
        producer.produce(words[2], words[4], partition=int(words[3]),
                         on_delivery=lambda error, message: told.append((error, message)))
        producer.flush(PATIENCE_S)
        error, message = told[0]
        if error is not None:
            raise RuntimeError(error.str())
        return str(message.offset())
    elif does == "offsets":
        consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": words[2]})
        producer.send_offsets_to_transaction(
            [TopicPartition(words[3], int(words[4]), int(words[5]))], consumer.consumer_group_metadata(), PATIENCE_S)
        consumer.close()
    elif does == "commit":
        producer.commit_transaction(PATIENCE_S)
    elif does == "abort":
        producer.abort_transaction(PATIENCE_S)
    else:
        raise ValueError(does)
    return ""


def read(bootstrap: str, topic: str, isolation: str) -> list[str]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "enable.auto.commit": False,
                         "isolation.level": isolation, "enable.partition.eof": True})
    partitions = consumer.list_topics(topic, PATIENCE_S).topics[topic].partitions
    consumer.assign([TopicPartition(topic, index, 0) for index in partitions])
    values, ended = [], 0
    while ended < len(partitions):
        message = consumer.poll(PATIENCE_S)
        if message is None:
            raise TimeoutError(f"{len(values)} records of {topic}")
        if message.error() is not None:
            ended += 1
        else:
            values.append(message.value().decode())
    consumer.close()
    return values


def main() -> None:
    for line in sys.stdin:
        try:
            print(f"ok {answer(sys.argv[1], line.split())}".strip(), flush=True)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the stage judges it
            print(f"error {type(problem).__name__} {problem}", flush=True)


main()
