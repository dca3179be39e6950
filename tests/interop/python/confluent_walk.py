"""confluent-kafka (librdkafka 2.15): groups of both protocols with each assignor, commits, static members, and its AdminClient."""

import sys
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition, libversion
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec, \
    ResourceType

BOOTSTRAP = sys.argv[1]
PATIENCE = 25
TOPIC = "confluent"


def step(name, action):
    try:
        seen = action()
    except KafkaException as refused:
        seen = refused.args[0].name()
    print(f"{name}: {seen}", flush=True)


def until(what, holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"in vain: {what}")
        time.sleep(0.02)


def settings(group, **more):
    all_ = {"bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest"}
    all_ |= {key.replace("_", "."): value for key, value in more.items()}
    if all_.get("group.protocol") != "consumer":
        all_ |= {"session.timeout.ms": 10_000, "heartbeat.interval.ms": 250}
    return all_


class Member(threading.Thread):
    def __init__(self, group, **more):
        super().__init__(daemon=True)
        self.partitions, self.values, self.stopping, self.assignments = set(), set(), False, 0
        self.consumer = Consumer(settings(group, **more))
        self.incremental = more.get("partition_assignment_strategy") == "cooperative-sticky" \
            or more.get("group_protocol") == "consumer"
        self.consumer.subscribe([TOPIC], on_assign=self.assigned, on_revoke=self.revoked)
        self.start()

    def assigned(self, consumer, partitions):
        self.assignments += 1
        self.partitions |= {p.partition for p in partitions}
        (consumer.incremental_assign if self.incremental else consumer.assign)(partitions)

    def revoked(self, consumer, partitions):
        self.partitions -= {p.partition for p in partitions}
        if self.incremental:
            consumer.incremental_unassign(partitions)
        else:
            consumer.unassign()

    def run(self):
        while not self.stopping:
            for m in self.consumer.consume(100, 0.1):
                if m.error() is None:
                    self.values.add(m.value())
        self.consumer.close()

    def stop(self):
        self.stopping = True
        self.join(PATIENCE)


def producing():
    reports = []
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True, "compression.type": "zstd", "linger.ms": 5})
    for i in range(600):
        producer.produce(TOPIC, b"v%d" % i, b"k%d" % i, partition=i % 6, headers={"n": b"%d" % i},
                         on_delivery=lambda problem, m: reports.append((problem, m.offset())))
        producer.poll(0)
    print(f"producer: {producer.flush(PATIENCE)} left, {len(reports)} reports, "
          f"{sum(p is not None for p, _ in reports)} bad, last offset {max(o for _, o in reports)}")


def groups():
    kinds = [("range", {"partition_assignment_strategy": "range"}),
             ("roundrobin", {"partition_assignment_strategy": "roundrobin"}),
             ("cooperative-sticky", {"partition_assignment_strategy": "cooperative-sticky"}),
             ("consumer", {"group_protocol": "consumer"}),
             ("consumer range", {"group_protocol": "consumer", "group_remote_assignor": "range"})]
    for name, more in kinds:
        group = f"confluent {name}"
        first, second, other = Member(group, **more), Member(group, **more), Member(group + " other", **more)
        until("three each", lambda: len(first.partitions) == len(second.partitions) == 3)
        until("all", lambda: len(first.values | second.values) == 600 == len(other.values))
        second.stop()
        until("all partitions", lambda: len(first.partitions) == 6)
        print(f"{name}: {len(first.values | second.values)} and {len(other.values)}", flush=True)
        first.stop()
        other.stop()


def static_member():
    one, two = (Member("confluent static", group_instance_id=name) for name in ("one", "two"))
    until("three each", lambda: len(one.partitions) == len(two.partitions) == 3)
    kept, assignments = set(two.partitions), one.assignments
    two.stop()
    again = Member("confluent static", group_instance_id="two")
    until("its three", lambda: len(again.partitions) == 3)
    print(f"static: same partitions {again.partitions == kept}, other's rebalances {one.assignments - assignments}")
    again.stop()
    one.stop()


def commits():
    place = TopicPartition(TOPIC, 0)
    consumer = Consumer(settings("confluent commits", enable_auto_commit=False))
    consumer.assign([TopicPartition(TOPIC, 0, 0)])
    got = consumer.consume(50, 10)
    print(f"consume: {len(got)} up to {got[-1].offset()}")
    done = consumer.commit(message=got[9], asynchronous=False)
    print(f"commit of a message: {[(p.offset, p.error) for p in done]}")
    noted = TopicPartition(TOPIC, 0, 12, "a note")
    consumer.commit(offsets=[noted], asynchronous=False)
    held = consumer.committed([place], PATIENCE)[0]
    print(f"committed: {held.offset} {held.metadata!r}, watermarks {consumer.get_watermark_offsets(place, PATIENCE)}")
    times = consumer.offsets_for_times([TopicPartition(TOPIC, 0, 0), TopicPartition(TOPIC, 1, 1 << 45)], PATIENCE)
    print(f"for times: {[p.offset for p in times]}")
    consumer.seek(TopicPartition(TOPIC, 0, 42))
    print(f"seek: {consumer.consume(1, 10)[0].offset()}")
    consumer.close()


def results(futures):
    return [future.result(PATIENCE) for future in futures.values()]


def admin_walk(admin):
    step("create", lambda: results(admin.create_topics([NewTopic(TOPIC, 4, 1, config={"retention.ms": "700000"})])))
    step("create again", lambda: results(admin.create_topics([NewTopic(TOPIC, 4, 1)])))
    step("more partitions", lambda: results(admin.create_partitions([NewPartitions(TOPIC, 6)])))
    # A controller answers before the broker has seen the change.
    until("six partitions", lambda: len(admin.list_topics(TOPIC, PATIENCE).topics[TOPIC].partitions) == 6)
    topic = ConfigResource(ResourceType.TOPIC, TOPIC)
    step("config", lambda: results(admin.describe_configs([topic]))[0]["retention.ms"].value)
    changed = ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[
        ConfigEntry("retention.ms", "800000", incremental_operation=AlterConfigOpType.SET)])
    step("change it", lambda: results(admin.incremental_alter_configs([changed])))
    until("the change", lambda: results(admin.describe_configs([topic]))[0]["retention.ms"].value == "800000")
    step("config after", lambda: results(admin.describe_configs([topic]))[0]["retention.ms"].value)
    step("cluster", lambda: (lambda c: (c.cluster_id, c.controller.id, len(c.nodes)))(admin.describe_cluster().result(PATIENCE)))


def group_walk(admin):
    step("list", lambda: sorted((g.group_id, g.state.name, g.type.name) for g in
                                admin.list_consumer_groups().result(PATIENCE).valid if g.group_id.startswith("confluent") and "static" not in g.group_id))
    described = admin.describe_consumer_groups(["confluent consumer", "confluent range"])
    step("describe", lambda: [(g.group_id, g.state.name, g.type.name, len(g.members)) for g in results(described)])
    ask = ConsumerGroupTopicPartitions("confluent commits")
    step("offsets", lambda: [(p.partition, p.offset, p.metadata) for g in
                             results(admin.list_consumer_group_offsets([ask])) for p in g.topic_partitions])
    moved = ConsumerGroupTopicPartitions("confluent commits", [TopicPartition(TOPIC, 0, 5)])
    step("move", lambda: [p.error for g in results(admin.alter_consumer_group_offsets([moved])) for p in g.topic_partitions])
    step("latest", lambda: [o.offset for o in results(admin.list_offsets({TopicPartition(TOPIC, 0): OffsetSpec.latest()}))])
    step("delete groups", lambda: results(admin.delete_consumer_groups(["confluent commits", "confluent range"])))
    step("delete again", lambda: results(admin.delete_consumer_groups(["confluent commits"])))
    step("delete topics", lambda: results(admin.delete_topics([TOPIC])))
    step("delete again", lambda: results(admin.delete_topics([TOPIC])))


def main():
    print(f"librdkafka {libversion()[0].rpartition('.')[0]}")
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    admin_walk(admin)
    producing()
    groups()
    static_member()
    commits()
    group_walk(admin)


main()
