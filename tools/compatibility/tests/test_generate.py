#!/usr/bin/env python3
"""docs/compatibility.md is what the code and the evidence say, and a claim without evidence is found."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/compatibility"))

import apis  # noqa: E402
import configs  # noqa: E402
import errors  # noqa: E402
import generate  # noqa: E402
import tool_options  # noqa: E402
from evidence import Evidence, ranges  # noqa: E402


class Page(unittest.TestCase):
    def setUp(self):
        self.evidence = Evidence(ROOT)

    def replaced(self, texts: dict[str, str], path: str, old: str, new: str) -> None:
        self.assertIn(old, texts[path])
        texts[path] = texts[path].replace(old, new)

    def test_is_what_the_code_and_the_evidence_say(self):
        text, missing = generate.page(ROOT)
        self.assertEqual(missing, [])
        self.assertEqual((ROOT / generate.PAGE).read_text(encoding="utf-8"), text,
                         "run tools/compatibility/generate.py")

    def test_a_version_that_was_never_answered_like_kafka_is_found(self):
        del self.evidence.differential["api"]["Produce", 9]
        self.assertEqual(apis.section(self.evidence)[1], ["Produce: no differential answer of 9"])

    def test_a_version_without_golden_bytes_is_found(self):
        self.evidence.golden["Fetch"].discard(12)
        self.assertEqual(apis.section(self.evidence)[1], ["Fetch: no golden vector of 12"])

    def test_a_range_that_is_not_kafkas_is_found(self):
        self.evidence.advertised_by_kafka["Metadata"]["broker"] = (0, 12)
        self.assertIn("Metadata on the broker listener", apis.section(self.evidence)[1][0])

    def test_an_api_without_a_file_that_answers_it_is_found(self):
        del self.evidence.sources["src/broker/handlers/produce.cc"]
        self.assertIn("Produce: no file that answers it", apis.section(self.evidence)[1])

    def test_an_error_field_that_says_nothing_of_its_errors_is_found(self):
        produce = next(api for api in self.evidence.schema.apis if api.name == "Produce")
        field = next(field for struct in produce.response.structs for field in struct.fields
                     if field.errors)
        field.errors.clear()
        self.assertEqual(apis.section(self.evidence)[1],
                         ["Produce: no meaning of the errors in PartitionProduceResponse.error_code"])

    def test_errors_of_what_is_not_served_need_no_meaning(self):
        acls = next(api for api in self.evidence.schema.apis if api.name == "DescribeAcls")
        self.assertEqual(apis.error_fields_without_meaning(acls), ["DescribeAclsResponse.error_code"])
        self.assertEqual(apis.section(self.evidence)[1], [])

    def test_what_the_quorum_and_the_controller_decide_is_found_where_it_is_decided(self):
        dispatch = apis.served(self.evidence)
        for name, place in (("EndQuorumEpoch", "src/raft/serve_votes.cc"),
                            ("AddRaftVoter", "src/raft/serve_voters.cc"),
                            ("FetchSnapshot", "src/raft/serve_fetch.cc"),
                            ("JoinGroup", "src/broker/handlers/group_membership.cc"),
                            ("BrokerHeartbeat", "src/controller/cluster_control.cc")):
            api = next(api for api in self.evidence.schema.apis if api.name == name)
            handlers = dispatch[self.evidence.snake(name)]
            self.assertEqual(apis.places(self.evidence, api, handlers)[0], [place])
        row = next(line for line in apis.section(self.evidence)[0].splitlines() if "| 11 JoinGroup |" in line)
        self.assertIn("`schema/rpc/11_join_group`", row)

    def test_a_key_whose_code_no_longer_reads_it_is_found(self):
        self.replaced(self.evidence.sources, "src/broker/partition.cc", "config.segment_bytes", "1")
        self.assertTrue(any("segment.bytes" in one for one in configs.section(self.evidence)[1]))

    def test_a_key_whose_test_is_gone_is_found(self):
        self.replaced(self.evidence.tests, "tests/settings/node_settings.py", "def shards(", "def others(")
        self.assertTrue(any("num.network.threads" in one for one in configs.section(self.evidence)[1]))

    def test_a_key_that_its_check_does_not_name_is_found(self):
        self.replaced(self.evidence.tests, "tests/settings/node_settings.py",
                      '@shows("num.network.threads")', '@shows("x")')
        self.assertTrue(any("does not show it" in one for one in configs.section(self.evidence)[1]))

    def test_a_key_that_is_called_effective_without_a_row_is_found(self):
        rows = self.evidence.rows
        self.evidence.rows = lambda name: [row for row in rows(name)
                                           if name != configs.EFFECTS or row[0] != "num.partitions"]
        self.assertEqual(len(configs.section(self.evidence)[1]), 1)

    def test_an_option_that_no_test_uses_is_not_claimed(self):
        path = "tests/data/tools/topics.txt"
        self.replaced(self.evidence.tests, path, "--under-min-isr-partitions", "--describe")
        self.assertIn("`--under-min-isr-partitions` (no test)", tool_options.section(self.evidence)[0])

    def test_an_error_that_no_test_shows_is_not_claimed(self):
        name = "errc::topic_deletion_disabled"  # no generated request can meet it
        for path, text in self.evidence.tests.items():
            self.evidence.tests[path] = text.replace(name.replace("errc", "Errc"), "")
        self.assertNotIn("| 73 |", errors.section(self.evidence)[0])

    def test_versions_are_written_as_ranges(self):
        self.assertEqual(ranges({0, 1, 2, 5}), "0-2, 5")


if __name__ == "__main__":
    unittest.main()
