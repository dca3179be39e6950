"""What the stages share: counts, running commands, gtest programs, builds."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.passed + other.passed, self.failed + other.failed,
                      self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def judge(name: str, good: bool, seen: str = "") -> Counts:
    """One check of a stage: its line, with what was seen when it failed."""
    print(f"{'ok  ' if good else 'FAIL'} {name}" + ("" if good else f": {seen}"), flush=True)
    return Counts(passed=int(good), failed=int(not good))


@dataclasses.dataclass
class Context:
    root: pathlib.Path
    against: str = "moldau"
    fast: bool = False

    def run(self, command: list[str], timeout: float = 1800, show: bool = False,
            env: dict | None = None, cwd: pathlib.Path | None = None):
        """The finished process; its output, stderr included, is in stdout."""
        done = subprocess.run(command, cwd=cwd or self.root, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
                              env={**os.environ, **(env or {})}, check=False)
        done.stdout = done.stdout.decode(errors="replace")
        if show or done.returncode:
            print(tail(done.stdout), flush=True)
        return done

    def check(self, name: str, command: list[str], **options) -> Counts:
        """One test: the command exits with 0."""
        done = self.run(command, **options)
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}", flush=True)
        return Counts(passed=1) if done.returncode == 0 else Counts(failed=1)

    def build(self, preset: str, targets: tuple[str, ...] = ()) -> Counts:
        # quickstart.sh configures without the tests, whose packages it does not install.
        if self.run(["cmake", "--preset", preset, "-DMOLDAU_TESTS=ON"]).returncode:
            return Counts(failed=1)
        command = ["cmake", "--build", "--preset", preset]
        if targets:
            command += ["--target", *targets]
        name = f"build {preset}" + (f": {' '.join(targets)}" if targets else "")
        good = with_progress(command, self.root)
        print(f"{'ok  ' if good else 'FAIL'} {name}", flush=True)
        return Counts(passed=int(good), failed=int(not good))

    def programs(self, preset: str) -> list[tuple[str, list[str] | None]]:
        """Name and command of every test that CMake registered under a preset; no command: it is not built."""
        listed = subprocess.run(["ctest", "--test-dir", f"build/{preset}", "--show-only=json-v1"],
                                cwd=self.root, stdout=subprocess.PIPE, check=True).stdout
        tests = []
        for test in json.loads(listed)["tests"]:
            judged_by_ctest = any(p["name"] == "PASS_REGULAR_EXPRESSION"
                                  for p in test.get("properties", []))
            command = test.get("command")
            if judged_by_ctest:
                command = ["ctest", "--test-dir", f"build/{preset}", "-R", f"^{test['name']}$"]
            tests.append((test["name"], command))
        return tests

    def gtest(self, name: str, command: list[str], env: dict | None = None) -> Counts:
        done = self.run(command, timeout=900, env=env)
        ran = re.search(r"\[==========\] (\d+) tests? from .* ran", done.stdout)
        if ran is None:  # not a GoogleTest program: one test
            print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}", flush=True)
            return Counts(passed=int(done.returncode == 0), failed=int(done.returncode != 0))
        failed = len(set(re.findall(r"\[  FAILED  \] (\S+?\.\S+)(?:,| \()", done.stdout)))
        if done.returncode and not failed:
            failed = 1
        passed = max(0, int(ran.group(1)) - failed)
        print(f"{'ok  ' if not failed else 'FAIL'} {name}: {passed} of {ran.group(1)}", flush=True)
        return Counts(passed=passed, failed=failed)


def with_progress(command: list[str], folder: pathlib.Path) -> bool:
    """Runs ninja, tells every tenth of the way, and shows its last lines when it fails."""
    lines, told = [], 0
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            lines.append(line)
            step = re.match(r"\[(\d+)/(\d+)\]", line)
            if step and int(step[1]) * 10 // int(step[2]) > told:
                told = int(step[1]) * 10 // int(step[2])
                print(f"     {step[1]} of {step[2]} steps", flush=True)
    if process.returncode:
        print(tail("".join(lines)), flush=True)
    return process.returncode == 0


def tail(text: str, lines: int = 60) -> str:
    kept = text.splitlines()
    left_out = len(kept) - lines
    return "\n".join(([f"… {left_out} lines left out"] if left_out > 0 else []) + kept[-lines:])
