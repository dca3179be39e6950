"""kafka-python: a producer with futures and callbacks, groups of two with each assignor, commits, seeks, and its admin."""

import sys
import threading
import time

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, OffsetSpec, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.errors import KafkaError

BOOTSTRAP = sys.argv[1]
PATIENCE = 25


def step(name, action):
    try:
        seen = action()
    except KafkaError as refused:
        seen = type(refused).__name__
    print(f"{name}: {seen}", flush=True)


def until(what, holds, instead=lambda: ""):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"in vain: {what} {instead()}")
        time.sleep(0.02)


def topics(admin):
    step("create", lambda: [(t["name"], t["num_partitions"]) for t in admin.create_topics(
        {"kp-a": {"num_partitions": 4, "replication_factor": 1, "configs": {"retention.ms": "600000"}}})["topics"]])
    step("create again", lambda: admin.create_topics({"kp-a": {"num_partitions": 4, "replication_factor": 1}}))
    step("more partitions", lambda: admin.create_partitions({"kp-a": 6}) and "done")
    # A controller answers before the broker has seen the change.
    until("six partitions", lambda: len(admin.describe_topics(["kp-a"])[0]["partitions"]) == 6)
    step("describe", lambda: sorted(p["partition_index"] for p in admin.describe_topics(["kp-a"])[0]["partitions"]))
    admin.create_topics({"kp-gone": {"num_partitions": 1, "replication_factor": 1}})
    step("delete", lambda: [t["error_code"] for t in admin.delete_topics(["kp-gone"])["topics"]])
    step("delete again", lambda: admin.delete_topics(["kp-gone"]))
    until("the deletion", lambda: "kp-gone" not in admin.list_topics())
    step("list", lambda: sorted(t for t in admin.list_topics() if t.startswith("kp-")))


def producing():
    done, failed = [], []
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, linger_ms=5, compression_type="gzip")
    for i in range(600):
        producer.send("kp-a", b"v%d" % i, key=b"k%d" % i, partition=i % 6, headers=[("n", b"%d" % i)]) \
            .add_callback(done.append).add_errback(failed.append)
    producer.flush()
    print(f"callbacks: {len(done)} good, {len(failed)} bad, last offset {max(m.offset for m in done)}")
    m = producer.send("kp-a", b"by key", key=b"gold").get(20)
    print(f"get(): partition {m.partition} by murmur2, offset {m.offset}")
    step("a record that is too large", lambda: KafkaProducer(bootstrap_servers=BOOTSTRAP, max_request_size=5_000_000)
         .send("kp-a", b"x" * 2_000_000, partition=0).get(20))
    producer.close()


class Member(threading.Thread, ConsumerRebalanceListener):
    """One member of a group on a thread of its own."""

    def __init__(self, topic, group, assignor, **more):
        super().__init__(daemon=True)
        self.consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=group, auto_offset_reset="earliest",
                                      partition_assignment_strategy=[assignor], heartbeat_interval_ms=250,
                                      session_timeout_ms=10_000, enable_auto_commit=True, **more)
        self.consumer.subscribe([topic], listener=self)
        self.partitions, self.values, self.count, self.stopping = set(), set(), 0, False
        self.start()

    def on_partitions_assigned(self, assigned):
        self.partitions |= {p.partition for p in assigned}

    def on_partitions_revoked(self, revoked):
        self.partitions -= {p.partition for p in revoked}

    def run(self):
        while not self.stopping:
            # A poll of 3.0.12 that ends while it joins can lose the answer of SyncGroup and then do nothing any more.
            for records in self.consumer.poll(timeout_ms=1500).values():
                self.values |= {r.value for r in records}
                self.count += len(records)
        self.consumer.close()

    @staticmethod
    def stop(*members):
        for member in members:
            member.stopping = True
        for member in members:
            member.join(PATIENCE)


def missing(member):
    """For when it hangs: where a member is in each of its partitions."""
    return [(p.partition, member.consumer.position(p, timeout_ms=500)) for p in sorted(member.consumer.assignment())]


def groups():
    for assignor in (RangePartitionAssignor, RoundRobinPartitionAssignor, StickyPartitionAssignor, CooperativeStickyAssignor):
        group = f"kp-{assignor.name}"
        first, second = (Member("kp-a", group, assignor) for _ in range(2))
        other = Member("kp-a", group + "-other", assignor)
        until("three each", lambda: len(first.partitions) == len(second.partitions) == 3)
        until("all records", lambda: len(first.values | second.values) == 601 == len(other.values),
              lambda: [(group, m.count, sorted(m.partitions), m.is_alive(), missing(m)) for m in (first, second, other)])
        Member.stop(second)
        until("all partitions", lambda: len(first.partitions) == 6)
        print(f"{assignor.name}: {len(first.values | second.values)} and {len(other.values)} records, one left with "
              f"{sorted(first.partitions)}", flush=True)
        Member.stop(first, other)


def commits(admin):
    place = TopicPartition("kp-a", 0)
    consumer = KafkaConsumer("kp-a", bootstrap_servers=BOOTSTRAP, group_id="kp-commits", auto_offset_reset="earliest",
                             enable_auto_commit=False, max_poll_records=10, heartbeat_interval_ms=250)
    until("an assignment", lambda: consumer.poll(timeout_ms=1500) or consumer.assignment())
    consumer.commit({place: OffsetAndMetadata(5, "a note", -1)})
    print(f"committed: {consumer.committed(place)}, {consumer.committed(place, metadata=True)}")
    done = []
    consumer.commit_async({place: OffsetAndMetadata(7, "", -1)}, callback=lambda offsets, answer: done.append(answer))
    until("the callback", lambda: consumer.poll(timeout_ms=50) and False or done)
    print(f"commit_async: {consumer.committed(place)}")
    print(f"ends: {consumer.beginning_offsets([place])}, {sorted(consumer.end_offsets([place]).values())}")
    consumer.seek(place, 99)
    print(f"position: {consumer.position(place)}, later than all: {consumer.offsets_for_times({place: 1 << 50})}")
    consumer.close()
    again = KafkaConsumer("kp-a", bootstrap_servers=BOOTSTRAP, group_id="kp-commits", auto_offset_reset="earliest",
                          enable_auto_commit=False, heartbeat_interval_ms=250)
    until("records", lambda: again.poll(timeout_ms=1500))
    print(f"the next one begins at {again.committed(place)}")
    again.close()
    step("listed offsets", lambda: admin.list_partition_offsets({place: OffsetSpec.LATEST})[place].offset)
    step("group", lambda: [(g["group_state"], g["protocol_type"], len(g["members"]))
                           for g in admin.describe_groups(["kp-commits"]).values()])
    step("groups", lambda: sorted((g["group_id"], g["protocol_type"]) for g in admin.list_groups() if g["group_id"].startswith("kp-")))
    step("offsets", lambda: admin.list_group_offsets("kp-commits")["kp-commits"][place].offset)
    step("offsets moved", lambda: [e.__name__ for e in admin.alter_group_offsets(
        "kp-commits", {place: OffsetAndMetadata(3, "", -1)}).values()])
    step("offsets deleted", lambda: [e.__name__ for e in admin.delete_group_offsets("kp-commits", [place]).values()])
    step("group deleted", lambda: admin.delete_groups(["kp-commits"]))
    step("group deleted again", lambda: admin.delete_groups(["kp-commits"]))


def main():
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    topics(admin)
    producing()
    groups()
    commits(admin)
    admin.close()


main()
