"""Kafka Connect, standalone: a file through the file source, a topic and the file sink, over two lives of the worker."""

import json
import pathlib
import sys
import urllib.request

import running

WORKER = """
bootstrap.servers={bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename={folder}/offsets
offset.flush.interval.ms=300
listeners=http://127.0.0.1:{port}
plugin.discovery=service_load
consumer.heartbeat.interval.ms=300
consumer.metadata.max.age.ms=500
"""
SOURCE = """
name=from-file
connector.class=org.apache.kafka.connect.file.FileStreamSourceConnector
tasks.max=1
file={folder}/in.txt
topic=connect-lines
"""
SINK = """
name=to-file
connector.class=org.apache.kafka.connect.file.FileStreamSinkConnector
tasks.max=1
file={folder}/out.txt
topics=connect-lines
"""


def states(port: int) -> list[str] | None:
    try:
        found = []
        for name in ("from-file", "to-file"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/connectors/{name}/status", timeout=2) as answer:
                status = json.load(answer)
            found += [status["connector"]["state"], *(task["state"] for task in status["tasks"])]
        return found if found == ["RUNNING"] * 4 or "FAILED" in found else None
    except OSError:
        return None


def main(bootstrap: str, folder: pathlib.Path) -> None:
    taken, given = folder / "in.txt", folder / "out.txt"
    taken.write_text("")
    given.write_text("")
    for name, text in (("source", SOURCE), ("sink", SINK)):
        (folder / f"{name}.properties").write_text(text.format(folder=folder))
    written = 0
    for life in (1, 2):
        port = running.free_port()
        (folder / "worker.properties").write_text(WORKER.format(bootstrap=bootstrap, folder=folder, port=port))
        log = folder / "connect.log"
        command = running.java("org.apache.kafka.connect.cli.ConnectStandalone",
                               *(str(folder / f"{name}.properties") for name in ("worker", "source", "sink")))
        with running.process(command, log):
            print(f"life {life}: {running.until('the connectors', lambda: states(port), log)}", flush=True)
            with taken.open("a") as more:
                more.writelines(f"line {written + i}\n" for i in range(100))
            written += 100
            running.until("all lines in the sink's file", lambda: len(given.read_text().splitlines()) >= written, log)
        print(f"life {life}: equal files {given.read_text() == taken.read_text()}", flush=True)
    held = running.topic(bootstrap, "connect-lines")
    print(f"connect-lines: {len(held)} records, {len(set(held))} different")


main(sys.argv[1], pathlib.Path(sys.argv[2]))
