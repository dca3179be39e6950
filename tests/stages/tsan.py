"""What runs on several threads, under the thread sanitizer: os/, mailboxes, and a node with its shards."""

import pathlib
import sys

from stages.common import Counts

ORDER = 75
SUMMARY = "threads under tsan: unit tests of os and env, a node with three shards"
FAST = False
BY_NAME = True  # the whole node is built once more

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/peers"), str(ROOT / "tests/interop")]

import kcat  # noqa: E402
import peers  # noqa: E402

TARGETS = ("unit_os", "unit_env", "unit_telemetry", "moldau")
REPORT_EXIT = 66


def run(context):
    counts = context.build("tsan", TARGETS)
    if counts.failed:
        return counts
    options = {"TSAN_OPTIONS": f"exitcode={REPORT_EXIT}"}
    for name, command in context.programs("tsan"):
        if name in TARGETS:
            counts += context.gtest(name, command, env=options)
    with peers.scratch() as folder:
        node = peers.Node("moldau", folder / "node", {"num.network.threads": 3, "num.partitions": 6},
                          program=ROOT / "build/tsan/src/bin/moldau", env=options)
        with node:
            counts += kcat.run(context, node, folder)
            code = node.stop()
        reports = node.log.read_text(errors="replace").count("WARNING: ThreadSanitizer")
        good = code == 0 and reports == 0
        print(f"{'ok  ' if good else 'FAIL'} a node with three shards: {reports} reports, exit {code}")
        if not good:
            print(node.log.read_text(errors="replace")[-6000:])
        counts += Counts(passed=int(good), failed=int(not good))
    return counts
