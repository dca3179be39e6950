"""The node in a simulated world: many seeds, and the same seed twice.

MOLDAU_SIM_SEEDS=3000 ./test.sh sim runs that many seeds of each scenario.
"""

import os
import re

from stages.common import Counts

ORDER = 30
SUMMARY = "hundreds of seeds of each simulation scenario, the same seed twice"
FAST = False
SEEDS = {"groups": 600, "groups_change": 150}  # the longest runs; of the others:
SEEDS_ELSE = 1000
REPEATED = 20


def run(context):
    counts = context.build("release", ("moldau-sim",))
    program = str(context.root / "build/release/src/bin/moldau-sim")
    for scenario in scenarios(context, program):
        seeds = int(os.environ.get("MOLDAU_SIM_SEEDS", SEEDS.get(scenario, SEEDS_ELSE)))
        counts += context.check(f"{scenario}: seeds 1 to {seeds} pass", [
            program, f"--seeds=1..{seeds}", f"--scenario={scenario}", "--quiet"])
        again = [context.run([program, f"--seeds=1..{REPEATED}", f"--scenario={scenario}"]).stdout
                 for _ in range(2)]
        same = again[0] == again[1] and again[0].count("hash=") == REPEATED
        print(f"{'ok  ' if same else 'FAIL'} {scenario}: {REPEATED} seeds give the same hash twice",
              flush=True)
        counts += Counts(passed=1) if same else Counts(failed=1)
    return counts


def scenarios(context, program):
    usage = context.run([program, "--help"]).stdout
    listed = usage.split("Scenarios:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\S+)", listed, re.MULTILINE)
