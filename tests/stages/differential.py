"""The same generated requests to Apache Kafka and to Moldau: every difference is explained by name, or is a failure.

MOLDAU_DIFFERENTIAL_REQUESTS and MOLDAU_DIFFERENTIAL_SEED make the run longer, or another one. With MOLDAU_RECORD set, what
was answered alike is written to tests/evidence/differential.tsv, from which docs/compatibility.md is made.
"""

import os
import pathlib
import shutil
import sys

from stages.common import Counts

ORDER = 65
SUMMARY = "generated requests for every advertised API and version, answers compared with Apache Kafka's"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))

import peers  # noqa: E402

RUN = "tests/differential/run.py"
EVIDENCE = ROOT / "tests/evidence/differential.tsv"
SEEN = ROOT / "build/differential.tsv"


def run(context):
    if not (peers.DIST / "bin/moldau").exists():
        print("FAIL no build/dist/bin/moldau; ./test.sh build makes it")
        return Counts(failed=1)
    requests = os.environ.get("MOLDAU_DIFFERENTIAL_REQUESTS", "600")
    seed = os.environ.get("MOLDAU_DIFFERENTIAL_SEED", "2")
    SEEN.unlink(missing_ok=True)
    counts = context.check(f"{requests} requests of seed {seed}: no unexplained difference",
                           ["python3", RUN, "--requests", requests, "--seed", seed, "--record", str(SEEN)],
                           show=True, timeout=120 + int(requests))
    if SEEN.exists():
        counts += as_claimed()
    return counts


def as_claimed() -> Counts:
    """Each version that docs/compatibility.md calls equal was so again, or both nodes let the client wait this time."""
    if os.environ.get("MOLDAU_RECORD"):
        EVIDENCE.parent.mkdir(exist_ok=True)
        shutil.copyfile(SEEN, EVIDENCE)
    gone = versions(EVIDENCE, "api") - versions(SEEN, "api") - versions(SEEN, "silent")
    print(f"{'FAIL' if gone else 'ok  '} the versions of tests/evidence/differential.tsv were answered alike"
          + (f"; not seen: {sorted(gone)[:5]}" if gone else ""), flush=True)
    return Counts(passed=int(not gone), failed=int(bool(gone)))


def versions(path: pathlib.Path, kind: str) -> set[tuple[str, str]]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return {(row[1], row[2]) for row in rows if row[0] == kind}
