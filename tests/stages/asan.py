"""What works on bytes and memory, again under address and undefined-behaviour sanitizers, and a minute of fuzzing.

The preset `asan` has the coverage that libFuzzer wants, so both are one build. It builds all other tests as well, for whoever
works on them; the preset `fuzz` is the same with -O1, for long runs.
"""

ORDER = 70
SUMMARY = "tests of what works on bytes under asan and ubsan, a minute of fuzzing"
FAST = False
PRESET = "asan"
TARGETS = ("fuzz_targets", "unit_base", "unit_bytes", "unit_compress", "unit_protocol", "unit_record")


def run(context):
    counts = context.build(PRESET, TARGETS)
    if counts.failed:
        return counts
    programs = [(name, command) for name, command in context.programs(PRESET)
                if name.startswith("fuzz_") or name in TARGETS]
    # The seeds come first: the fuzz targets begin with them.
    programs.sort(key=lambda program: not program[0].endswith("_seeds"))
    for name, command in programs:
        counts += context.gtest(name, command, env={"UBSAN_OPTIONS": "print_stacktrace=1"})
    return counts
