#!/usr/bin/env python3
"""The generator knows no message by name, is deterministic, and refuses a schema that is wrong."""

import pathlib
import re
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import protocol  # noqa: E402
import reference  # noqa: E402
import schema as model  # noqa: E402

ROOT = HERE.parents[2]
SCHEMA = model.read(ROOT / "schema")

API = """api 3 Metadata
versions    0-2, flexible 2+
listeners   broker
advertised  broker 0-2

request
{fields}

response
  error  ErrorCode
"""


def refusal_of(fields: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "3_metadata"
        path.write_text(API.format(fields=fields), encoding="utf-8")
        try:
            model.read_api(path, SCHEMA.types)
        except model.SchemaError as error:
            return str(error)
    return ""


class Generator(unittest.TestCase):
    def test_no_source_of_the_generator_names_a_message(self):
        names = [m.name for api in SCHEMA.apis for m in (api.request, api.response)]
        names += [api.name for api in SCHEMA.apis if len(api.name) > 7]
        names += [record.name for record in SCHEMA.records]
        names += [model.snake(name) for name in names]
        pattern = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")
        for path in (HERE.parent / "protocol.py", HERE.parent / "cxx.py",
                     HERE.parent / "reference.py", HERE.parent / "generate.py"):
            code = path.read_text(encoding="utf-8")
            self.assertEqual(pattern.findall(code), [], path.name)

    def test_the_same_schema_gives_the_same_text(self):
        self.assertEqual(protocol.outputs(ROOT / "schema"), protocol.outputs(ROOT / "schema"))

    def test_each_api_and_record_has_its_header(self):
        made = protocol.outputs(ROOT / "schema")
        self.assertEqual(sum(path.startswith("protocol/api/") and path.endswith(".h")
                             for path in made), 91)
        self.assertEqual(sum(path.startswith("protocol/data/") and path.endswith(".h")
                             for path in made), 96)

    def test_the_reference_page_is_up_to_date(self):
        self.assertEqual(reference.PAGE.read_text(encoding="utf-8"), reference.page(SCHEMA))

    def test_names_are_turned_as_kafka_turns_them(self):
        self.assertEqual(model.snake("OffsetForLeaderEpoch"), "offset_for_leader_epoch")
        self.assertEqual(model.snake("KRaftVersionRecord"), "k_raft_version_record")
        self.assertEqual(model.camel("log_append_time_ms"), "logAppendTimeMs")

    def test_what_a_schema_may_not_say(self):
        self.assertEqual(refusal_of("  name  TopicName"), "")
        self.assertIn("unknown type", refusal_of("  name  TopicNam"))
        self.assertIn("unknown mark", refusal_of("  name  TopicName  ignorabl"))
        self.assertIn("stands twice", refusal_of("  name  string\n  name  string"))
        self.assertIn("stands twice", refusal_of("  a  string  tag 0\n  b  string  tag 0"))
        self.assertIn("stand twice", refusal_of("  a  []S\n    x  int8\n  b  []S\n    x  int8"))
        self.assertIn("may not be called", refusal_of("  a  []Offset\n    x  int8"))
        self.assertIn("cannot place", refusal_of("  a  []S\n    x  int8\n        y  int8"))

    def test_records_stand_alone(self):
        with self.assertRaises(model.SchemaError):
            field = model.Field("r", "records", True, model.parse_range("0+"), model.NONE, None,
                                model.NONE, None, frozenset(), "", [])
            message = model.Message("M", "", model.Range(0, 0), model.NONE,
                                    [model.Struct("M", [field])], "request")
            protocol.Shape(field, message, SCHEMA.types)


if __name__ == "__main__":
    unittest.main()
