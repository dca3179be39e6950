"""Configuration keys whose effect a client or the disk of a running node shows."""

import pathlib
import sys

from stages.common import Counts

ORDER = 55
SUMMARY = "what a running node does differently under its configuration keys"
FAST = False

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/peers"))
sys.path.insert(0, str(ROOT / "tests/settings"))

import peers  # noqa: E402
import settings  # noqa: E402


def run(_context):
    if not (peers.DIST / "bin/moldau").exists():
        print("FAIL no build/dist/bin/moldau; ./test.sh build makes it")
        return Counts(failed=1)
    counts = Counts()
    with peers.scratch() as folder:
        for name, keys, problem in settings.failures(folder, []):
            print(f"{'FAIL' if problem else 'ok  '} {name} ({', '.join(keys)})"
                  + (f": {problem}" if problem else ""), flush=True)
            counts += Counts(passed=int(not problem), failed=int(bool(problem)))
    return counts
