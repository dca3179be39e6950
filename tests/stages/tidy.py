"""The rules of the house, and the tests of the tool that holds them."""

import subprocess

ORDER = 5
SUMMARY = "rules of the house, formatting, and the tools' own tests"
FAST = True


def run(context):
    counts = context.check("tools/tidy", ["python3", "tools/tidy/tidy.py"])
    for test in sorted(context.root.glob("tools/*/tests/test_*.py")):
        counts += context.check(str(test.relative_to(context.root)), ["python3", str(test)])
    code = subprocess.run(["git", "ls-files", "*.h", "*.cc"], cwd=context.root,
                          stdout=subprocess.PIPE, check=True).stdout.decode().split()
    if code:
        counts += context.check("clang-format", ["clang-format-19", "--dry-run", "-Werror", *code])
    return counts
