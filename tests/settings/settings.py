"""What a running node does differently under a configuration key: the evidence of docs/compatibility.md for such keys.

Each check is named by the keys that it shows; it fails as well when the node does the same without them.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("differential", "peers")]

import codec  # noqa: E402
import peers  # noqa: E402
from bench import CHECKS, Bench  # noqa: E402

# They register their checks, in this order.
import topic_settings  # noqa: E402, F401, I001
import log_settings  # noqa: E402, F401
import node_settings  # noqa: E402, F401


def failures(folder: pathlib.Path, chosen: list[str]):
    """(name, keys, None or what is wrong) of each check."""
    bench = Bench(codec.load(), folder)
    for keys, check in CHECKS:
        if chosen and not set(chosen) & {*keys, check.__name__}:
            continue
        problem = None
        try:
            check(bench)
        except (AssertionError, RuntimeError, OSError, KeyError, TypeError, IndexError) as wrong:
            problem = f"{type(wrong).__name__}: {wrong} at {place(wrong.__traceback__.tb_next)}"
        yield check.__name__.replace("_", " "), keys, problem


def place(frame) -> str:
    return f"{pathlib.Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"


def main() -> int:
    bad = 0
    with peers.scratch() as folder:
        for name, keys, problem in failures(folder, sys.argv[1:]):
            bad += problem is not None
            print(f"{'FAIL' if problem else 'ok  '} {name} ({', '.join(keys)})"
                  + (f": {problem}" if problem else ""), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
