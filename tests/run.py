#!/usr/bin/env python3
"""Runs the stages of tests/stages/ in their order and sums what they counted.

A stage is a module with ORDER, SUMMARY, FAST and run(context) -> Counts. It prints its own output;
a failed check makes `failed`, a peer that this machine lacks makes `skipped` and is named. A stage
with BY_NAME runs only when it is named: what it costs is too much for each time.
"""

import argparse
import importlib
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from stages.common import Context, Counts  # noqa: E402


def load():
    names = [path.stem for path in (ROOT / "tests/stages").glob("*.py")]
    modules = [importlib.import_module(f"stages.{name}") for name in names]
    stages = [module for module in modules if hasattr(module, "run")]
    return sorted(stages, key=lambda module: module.ORDER)


def name_of(stage) -> str:
    return stage.__name__.split(".")[-1]


def by_name(stage) -> bool:
    return getattr(stage, "BY_NAME", False)


def main() -> int:
    stages = load()
    parser = argparse.ArgumentParser(prog="./test.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="name the stages")
    parser.add_argument("--fast", action="store_true", help="the quick ones, without network")
    parser.add_argument("--against", choices=("moldau", "kafka"), default="moldau",
                        help="whom the interop programs talk to")
    parser.add_argument("stages", nargs="*", metavar="STAGE")
    options = parser.parse_args()
    if options.list:
        for stage in stages:
            print(f"{name_of(stage):12} {stage.SUMMARY}{' (only by name)' if by_name(stage) else ''}")
        return 0
    unknown = set(options.stages) - {name_of(stage) for stage in stages}
    if unknown:
        parser.error(f"no stage {sorted(unknown)[0]}; ./test.sh --list names them")
    chosen = [stage for stage in stages
              if name_of(stage) in options.stages or not options.stages
              and not by_name(stage) and (stage.FAST or not options.fast)]
    context = Context(ROOT, options.against, options.fast)
    total = Counts()
    for stage in chosen:
        print(f"== {name_of(stage)}: {stage.SUMMARY}", flush=True)
        start = time.monotonic()
        try:
            counts = stage.run(context)
        except Exception as problem:  # noqa: BLE001  a stage that breaks is a failed stage
            print(f"{name_of(stage)} broke: {problem}", flush=True)
            counts = Counts(failed=1)
        total += counts
        print(f"== {name_of(stage)}: {counts} in {time.monotonic() - start:.0f} s", flush=True)
        if name_of(stage) == "build" and counts.failed:
            break
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
