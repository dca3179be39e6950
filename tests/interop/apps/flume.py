"""Apache Flume: a netcat source to a Kafka sink, with an interceptor that sets the `topic` header, and a Kafka source back to a file."""

import pathlib
import sys

import running

AGENT = """
agent.sources = in back
agent.channels = there here
agent.sinks = out file
agent.channels.there.type = memory
agent.channels.here.type = memory
agent.channels.here.capacity = 2000
agent.channels.here.transactionCapacity = 1000

agent.sources.in.type = netcat
agent.sources.in.bind = 127.0.0.1
agent.sources.in.port = {port}
agent.sources.in.channels = there
agent.sources.in.interceptors = chooser
agent.sources.in.interceptors.chooser.type = TopicHeader$Builder
agent.sources.in.interceptors.chooser.prefix = flume-
agent.sinks.out.type = org.apache.flume.sink.kafka.KafkaSink
agent.sinks.out.kafka.bootstrap.servers = {bootstrap}
agent.sinks.out.kafka.topic = flume-rest
agent.sinks.out.kafka.producer.acks = all
agent.sinks.out.flumeBatchSize = 20
agent.sinks.out.channel = there

agent.sources.back.type = org.apache.flume.source.kafka.KafkaSource
agent.sources.back.kafka.bootstrap.servers = {bootstrap}
agent.sources.back.kafka.topics.regex = flume-.*
agent.sources.back.kafka.consumer.group.id = flume-back
agent.sources.back.kafka.consumer.auto.offset.reset = earliest
agent.sources.back.kafka.consumer.metadata.max.age.ms = 500
agent.sources.back.kafka.consumer.heartbeat.interval.ms = 300
agent.sources.back.batchDurationMillis = 200
agent.sources.back.channels = here
agent.sinks.file.type = file_roll
agent.sinks.file.sink.directory = {folder}/rolled
agent.sinks.file.sink.rollInterval = 0
agent.sinks.file.sink.batchSize = 1
agent.sinks.file.channel = here
"""


def rolled(folder: pathlib.Path) -> list[str]:
    return sorted(line for path in (folder / "rolled").iterdir() for line in path.read_text().splitlines())


def main(bootstrap: str, folder: pathlib.Path) -> None:
    (folder / "rolled").mkdir()
    lines = [f"{('orders', 'events')[i % 2]}: number {i}" for i in range(40)] + [f"no topic {i}" for i in range(5)]
    for life in (1, 2):
        port = running.free_port()
        (folder / "agent.properties").write_text(AGENT.format(bootstrap=bootstrap, folder=folder, port=port))
        log = folder / "flume.log"
        with running.process(running.java("org.apache.flume.node.Application", "-n", "agent", "-f", str(folder / "agent.properties"),
                                          "--no-reload-conf"), log):
            with running.until("the netcat source", lambda: running.connected(port), log) as out:
                sent = [f"{line} of life {life}" for line in lines]
                out.sendall("".join(line + "\n" for line in sent).encode())
                answers = out.makefile()
                print(f"life {life}: {sum(answers.readline() == 'OK' + chr(10) for _ in sent)} lines taken")
            running.until("all lines in the file", lambda: len(rolled(folder)) >= life * len(lines), log)
        print(f"life {life}: {len(rolled(folder))} lines in the file, {len(set(rolled(folder)))} different", flush=True)
    for name in ("orders", "events", "rest"):
        held = running.topic(bootstrap, f"flume-{name}", "%k|")
        print(f"flume-{name}: {len(held)}, first {held[0]}, last {held[-1]}")


main(sys.argv[1], pathlib.Path(sys.argv[2]))
