"""Every test program that CMake registered."""

from stages.common import Counts

ORDER = 20
SUMMARY = "unit and scenario tests, golden vectors"
FAST = True


def run(context):
    counts = Counts()
    for name, command in context.programs("release"):
        counts += context.gtest(name, command)
    return counts
