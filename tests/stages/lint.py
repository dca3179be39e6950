"""clang-tidy over every source file, and headers that compile alone.

A file whose text, headers and rules have not changed since it was clean is not looked at again.
"""

import concurrent.futures
import hashlib
import os

from stages.common import Counts

ORDER = 15
SUMMARY = "clang-tidy without findings, headers that compile alone"
FAST = False
BY_NAME = True  # 5 CPU seconds for each of 300 files


def digest(*paths) -> "hashlib._Hash":
    out = hashlib.sha256()
    for path in paths:
        out.update(path.read_bytes())
    return out


def run(context):
    root = context.root
    headers = sorted((root / "src").rglob("*.h"))
    common = digest(root / ".clang-tidy", *headers, *sorted((root / "schema").rglob("*.*")))
    clean = root / "build/lint"
    clean.mkdir(parents=True, exist_ok=True)
    known = {stamp.name for stamp in clean.iterdir()}
    wanted = {}
    for source in sorted((root / "src").rglob("*.cc")):
        name = common.copy()
        name.update(source.read_bytes())
        wanted[name.hexdigest()] = source
    for old in known - set(wanted):
        (clean / old).unlink()
    todo = [(stamp, source) for stamp, source in wanted.items() if stamp not in known]
    print(f"clang-tidy: {len(todo)} of {len(wanted)} files", flush=True)

    def look(item) -> Counts:
        stamp, source = item
        done = context.run(["clang-tidy-19", "-p", "build/release", "--quiet", str(source)])
        if done.returncode:
            print(f"FAIL clang-tidy {source.relative_to(root)}", flush=True)
            return Counts(failed=1)
        (clean / stamp).touch()
        return Counts(passed=1)

    counts = Counts(passed=len(wanted) - len(todo))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for at, one in enumerate(pool.map(look, todo), 1):
            counts += one
            if at % 50 == 0:
                print(f"clang-tidy: {at} of {len(todo)}", flush=True)
    return counts + context.build("release", ("headers_alone",))
