"""Each rule finds its slip and leaves the good form alone."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import arrows  # noqa: E402
import banned  # noqa: E402
import docs  # noqa: E402
import pairs  # noqa: E402
import sizes  # noqa: E402
from tree import Tree, strip  # noqa: E402

DEPS = """base : | fmt
env : base |
raft : base | | pure
os : env |
log : env |
"""


class TidyTest(unittest.TestCase):
    def tree(self, files: dict[str, str]) -> Tree:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Tree(root)

    def places(self, rule, files):
        return [place for place, _ in rule(self.tree(files))]

    def test_include_without_an_arrow_is_found(self):
        files = {"src/DEPS": DEPS, "src/base/a.h": '#include "env/disk.h"\n',
                 "src/os/a.h": '#include "base/a.h"\n#include "env/disk.h"\n'}
        self.assertEqual(self.places(arrows.check, files), ["src/base/a.h:1"])

    def test_pure_module_and_pure_log_file_may_not_reach_env(self):
        files = {"src/DEPS": DEPS.replace("raft : base", "raft : base env"),
                 "src/raft/a.h": '#include "env/disk.h"\n',
                 "src/log/roll.h": '#include "env/disk.h"\n',
                 "src/log/store.h": '#include "env/disk.h"\n'}
        self.assertEqual(self.places(arrows.check, files), ["src/log/roll.h:1", "src/raft/a.h:1"])

    def test_pure_log_file_may_include_its_like_but_no_store(self):
        files = {"src/DEPS": DEPS, "src/log/roll.cc": '#include "log/roll.h"\n#include "log/store.h"\n'}
        self.assertEqual(self.places(arrows.check, files), ["src/log/roll.cc:2"])

    def test_arrow_that_points_down_the_table_is_found(self):
        self.assertEqual(self.places(arrows.check, {"src/DEPS": "a : b |\nb : |\n"}), ["src/DEPS:1"])

    def test_clock_and_lock_are_for_os_only(self):
        body = "#pragma once\nauto t = std::chrono::steady_clock::now();\nstd::mutex m;\n"
        files = {"src/raft/a.h": body, "src/os/a.h": body}
        self.assertEqual(self.places(banned.check, files), ["src/raft/a.h:2", "src/raft/a.h:3"])

    def test_banned_word_in_a_comment_or_string_is_no_call(self):
        files = {"src/raft/a.h": '#pragma once\n// std::mutex\nauto s = "std::mutex";\n'}
        self.assertEqual(self.places(banned.check, files), [])

    def test_task_with_a_view_parameter_is_found(self):
        good = "#pragma once\nTask<Result<int>> f(Shard& s, SharedBytes b);\n"
        bad = "#pragma once\nTask<Result<int>> f(std::string_view s);\nTask<> g(const A& a);\n"
        files = {"src/log/good.h": good, "src/log/bad.h": bad}
        self.assertEqual(self.places(banned.check, files), ["src/log/bad.h:2", "src/log/bad.h:3"])

    def test_notes_to_do_and_commented_out_code_are_found(self):
        files = {"src/a/a.cc": "// TODO: later\n// return x;\n// Returns x; never fails.\n"}
        self.assertEqual(self.places(banned.check, files), ["src/a/a.cc:1", "src/a/a.cc:2"])

    def test_map_in_a_hot_module_is_found(self):
        files = {"src/log/a.cc": "std::map<int, int> m;\n", "src/cli/a.cc": "std::map<int, int> m;\n"}
        self.assertEqual(self.places(banned.check, files), ["src/log/a.cc:1"])

    def test_long_function_is_found_and_a_long_struct_is_not(self):
        body = "  x();\n" * 71
        files = {"src/a/f.cc": "void f(int a) const {\n" + body + "}\n",
                 "src/a/g.cc": "struct S {\n" + "  int a;\n" * 71 + "};\n",
                 "src/a/h.cc": "void h() {\n" + "  x();\n" * 70 + "}\n"}
        self.assertEqual(self.places(sizes.check, files), ["src/a/f.cc:1"])

    def test_long_file_and_long_line_are_found(self):
        files = {"src/a/long.cc": "\n" * 1001, "src/a/wide.cc": "x" * 101 + "\n"}
        self.assertEqual(self.places(sizes.check, files), ["src/a/long.cc", "src/a/wide.cc:1"])

    def test_source_without_a_test_and_test_without_a_module_are_found(self):
        files = {"src/a/x.cc": "", "src/a/y.cc": "", "tests/unit/a/y_test.cc": "EXPECT_TRUE(f());",
                 "tests/unit/b/z_test.cc": "EXPECT_TRUE(f());"}
        self.assertEqual(self.places(pairs.check, files), ["src/a/x.cc", "tests/unit/b/z_test.cc"])

    def test_test_that_asserts_nothing_is_found(self):
        files = {"src/a/y.cc": "", "tests/unit/a/y_test.cc": "TEST(A, B) { f(); }\n",
                 "src/a/z.cc": "", "tests/unit/a/z_test.cc": "int main() {}\n"}
        self.assertEqual(self.places(pairs.check, files), ["tests/unit/a/y_test.cc:1", "tests/unit/a/z_test.cc"])

    def test_each_test_is_looked_at_alone(self):
        files = {"src/a/y.cc": "", "tests/unit/a/y_test.cc":
                 "TEST(A, Good) { if (x) { EXPECT_TRUE(y); } }\n"
                 "TEST_F(A, Bad) {\n  // EXPECT_TRUE(y) is a comment\n  say(\"EXPECT_TRUE(y)\");\n}\n"
                 "TEST_P(A, AlsoGood) { ASSERT_TRUE(y); }\n"}
        self.assertEqual(self.places(pairs.check, files), ["tests/unit/a/y_test.cc:2"])

    def test_what_a_test_names_may_assert_for_it(self):
        files = {"src/a/y.cc": "", "tests/unit/a/help.h": "inline void in_header() { EXPECT_TRUE(y); }\n",
                 "tests/unit/a/y_test.cc": '#include "unit/a/help.h"\n'
                 "env::Task<void> deeper(env::Env& env) { EXPECT_TRUE(co_await y); }\n"
                 "env::Task<void> through(env::Env& env) { co_await deeper(env); }\n"
                 "void silent(int x) { if (x) f(); }\n"
                 "struct Probe {\n  ~Probe() { EXPECT_TRUE(y); }\n};\n"
                 "TEST(A, Coroutine) { run(&through); }\n"
                 "TEST(A, Header) { in_header(); }\n"
                 "TEST(A, Object) { Probe probe; }\n"
                 "TEST(A, Silent) { silent(1); }\n"}
        self.assertEqual(self.places(pairs.check, files), ["tests/unit/a/y_test.cc:11"])

    def test_document_that_names_a_missing_path_is_found(self):
        files = {"docs/A.md": "See [b](B.md), `src/a/x.h`, `src/a/none.h` and `./none.sh`.\n",
                 "docs/B.md": "", "src/a/x.h": ""}
        self.assertEqual(self.places(docs.check, files), ["docs/A.md:1", "docs/A.md:1"])

    def test_strip_keeps_line_numbers(self):
        self.assertEqual(strip('a /* x\ny */ b // c\n"d\\"e" f\n').count("\n"), 3)


if __name__ == "__main__":
    unittest.main()
