#!/usr/bin/env python3
"""The same generated requests to Apache Kafka 4.4 and to Moldau, and where their answers differ.

One node after the other, on the same ports and in a folder of the same path, from one seed. Exit 1 if a difference has
neither a mask (compare.py) nor a rule (rules.py), or a rule has nothing left to explain.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import pickle
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[0] / "peers"))

import asking  # noqa: E402
import chapters  # noqa: E402
import codec  # noqa: E402
import codec_check  # noqa: E402
import compare  # noqa: E402
import peers  # noqa: E402
import rules  # noqa: E402
from asking import Ask, Peer, Ref  # noqa: E402

SETTINGS = {
    # Records are stamped long ago, and nothing may be deleted or compacted while a run lasts.
    "log.retention.ms": "-1",
    "log.cleaner.backoff.ms": "3600000",
    "group.initial.rebalance.delay.ms": "0",
    # On a machine with other work one of the two takes minutes, and no member may be lost by that.
    "group.consumer.max.session.timeout.ms": "3600000",
    "group.consumer.session.timeout.ms": "3600000",
    "offsets.topic.num.partitions": "3",
    "transaction.state.log.num.partitions": "3",
    "offsets.topic.replication.factor": "1",
}

# On the controller's listener: any of them may depose the one controller or fence the one broker.
OF_THE_QUORUM = {"Vote", "BeginQuorumEpoch", "EndQuorumEpoch", "BrokerRegistration", "BrokerHeartbeat",
                 "ControllerRegistration"}


def advertised(schema, only: set[str]) -> list[tuple[str, int, str]]:
    """(api, version, listener) of all that a running Moldau says it serves."""
    names = {api.key: api.name for api in schema.apis}
    with peers.scratch() as folder, peers.Node("moldau", folder / "node") as node:
        cards = []
        for listener in ("broker", "controller"):
            peer = Peer(schema, node.port, node.controller_port)
            answer = peer.ask(Ask("ApiVersions", 0, {}, listener))
            peer.close()
            for entry in answer["api_keys"]:
                name = names[entry["api_key"]]
                if only and name not in only or listener == "controller" and name in OF_THE_QUORUM:
                    continue
                cards += [(name, version, listener)
                          for version in range(entry["min_version"], entry["max_version"] + 2)]
    return cards


def answers_of(kind: str, schema, asks: list[Ask], node: "peers.Node") -> list:
    started = time.monotonic()
    node.start()
    peer = Peer(schema, node.port, node.controller_port)
    try:
        print(f"{kind}: ready after {time.monotonic() - started:.1f} s", flush=True)
        started = time.monotonic()
        peer.warm_up()
        answers = []
        for number, ask in enumerate(asks):
            answers.append(peer.ask(ask))
            if node.process.poll() is not None:
                raise RuntimeError(f"{kind} ended with {node.process.returncode} after request {number}: "
                                   f"{shown(ask)}")
        print(f"{kind}: {len(asks)} requests in {time.monotonic() - started:.1f} s", flush=True)
        return answers
    finally:
        peer.close()
        node.kill()


def shown(ask: Ask) -> str:
    body = ask.body.hex() if isinstance(ask.body, bytes) else json.dumps(ask.body, default=plain)
    note = f" ({ask.note})" if ask.note else ""
    return f"{ask.api} {ask.version} on {ask.listener}{note}: {body}"


def plain(value):
    if isinstance(value, Ref):
        return str(value)
    return value.hex() if isinstance(value, bytes) else repr(value)


def judge(asks: list[Ask], theirs: list, ours: list, shown_max: int) -> tuple[int, rules.Explained]:
    explained = rules.Explained()
    classes = collections.defaultdict(list)
    for number, (ask, one, other) in enumerate(zip(asks, theirs, ours)):
        found = list(compare.differences(ask, *explained(ask, one, other)))
        if found:
            classes[ask.api, compare.of_class(found[0][0])].append((number, ask, one, other, found[0]))
    for (api, path), cases in sorted(classes.items(), key=lambda item: -len(item[1])):
        print(f"\nDIFFERENCE {api} {path}: {len(cases)} requests")
        for number, ask, one, other, first in cases[:shown_max]:
            print(f"  request {number}: {shown(ask)[:1500]}")
            print(f"    at {first[0]}: Kafka {first[1]!r:.300}, Moldau {first[2]!r:.300}")
            print(f"    Kafka:  {json.dumps(one)[:1200]}")
            print(f"    Moldau: {json.dumps(other)[:1200]}")
    return sum(map(len, classes.values())), explained


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--api", action="append", default=[], help="only this one (may come again)")
    parser.add_argument("--shown", type=int, default=3, help="requests shown of each class of difference")
    parser.add_argument("--keep", type=pathlib.Path,
                        help="a folder: Kafka's answers are kept there and used again when the requests are the same")
    parser.add_argument("--record", type=pathlib.Path, help="where to write what was shown, if all is explained")
    options = parser.parse_args()
    schema = codec.load()
    count, failures = codec_check.golden_failures()
    if failures or not count:
        print(f"FAIL the codec of this test disagrees with Kafka's bytes: {failures[:3]}")
        return 1
    asks = chapters.plan(schema, advertised(schema, set(options.api)), options.seed, options.requests)
    with peers.scratch() as scratch:
        place = Place(options.keep or scratch)
        theirs = place.kept(asks, lambda: answers_of("kafka", schema, asks, place.node("kafka")))
        ours = answers_of("moldau", schema, asks, place.node("moldau"))
    unexplained, explained = judge(asks, theirs, ours, options.shown)
    stale = rules.undocumented()
    for name in stale:
        print(f"FAIL the rule {name} is not in docs/differences.md")
    for name in rules.NAMES:
        print(f"explained by {name}: {explained.seen[name]}")
        if not explained.seen[name] and not options.api and len(asks) >= rules.FREQUENT:
            print(f"FAIL the difference {name} no longer occurs: remove its rule and its paragraph")
            stale.append(name)
    if options.record and not unexplained:
        options.record.write_text(evidence(asks, theirs, ours), encoding="utf-8")
    print(f"{len(asks)} requests, {unexplained} unexplained differences")
    return 1 if unexplained or stale else 0


def evidence(asks: list[Ask], theirs: list, ours: list) -> str:
    """What tools/compatibility reads: requests of each API and version, and error codes, answered alike."""
    versions, errors, silent = collections.Counter(), collections.Counter(), collections.Counter()
    for ask, one, other in zip(asks, theirs, ours):
        if not isinstance(ask.body, dict) or type(one) is not type(other):
            continue
        if one == asking.SILENT:
            silent[ask.api, ask.version] += 1
        else:
            versions[ask.api, ask.version] += 1
            errors.update(set(codes(one)) & set(codes(other)))
    lines = ["# Written by tests/differential/run.py --record: requests that Apache Kafka 4.4.0 and Moldau answered",
             "# with no unexplained difference between the answers. api, name, version, requests; error, code, requests;",
             "# silent, name, version, requests: both let the client wait, as for the other members of a group."]
    lines += [f"api\t{name}\t{version}\t{count}" for (name, version), count in sorted(versions.items())]
    lines += [f"error\t{code}\t{count}" for code, count in sorted(errors.items()) if code]
    lines += [f"silent\t{name}\t{version}\t{count}" for (name, version), count in sorted(silent.items())]
    return "\n".join(lines) + "\n"


def codes(value, key: str = ""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from codes(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from codes(inner, key)
    elif key == "error_code":
        yield value


class Place:
    """Where both nodes run, one after the other: on the same ports and path, so that neither shows in an answer."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        ports = folder / "ports.json"
        if not ports.exists():
            ports.write_text(json.dumps([peers.free_port(), peers.free_port()]))
        self.ports = json.loads(ports.read_text())

    def node(self, kind: str) -> "peers.Node":
        shutil.rmtree(self.folder / "node", ignore_errors=True)
        return peers.Node(kind, self.folder / "node", SETTINGS, *self.ports)

    def kept(self, asks: list[Ask], answers) -> list:
        """For who works on Moldau: Kafka is not asked again what it has answered."""
        said = hashlib.sha256("\n".join(map(shown, asks)).encode()).hexdigest()[:16]
        path = self.folder / f"kafka-{said}.pickle"
        if path.exists():
            return pickle.loads(path.read_bytes())
        got = answers()
        path.write_bytes(pickle.dumps(got))
        return got


if __name__ == "__main__":
    sys.exit(main())
