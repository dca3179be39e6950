#!/usr/bin/env python3
"""schema/ says the same as Apache Kafka 4.4's own message definitions, field by field."""

import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import facts  # noqa: E402
import schema as model  # noqa: E402

SCHEMA = model.read(facts.ROOT / "schema")
ENTITY = {"BrokerId": "brokerId", "TopicName": "topicName", "GroupId": "groupId",
          "TransactionalId": "transactionalId", "ProducerId": "producerId"}
FRAMES = {"metadata": {"frame"}, "coordinator-key": {"key"}, "coordinator-value": {"value"},
          "data": {"versioned", "bare", "json"}, "header": {"bare"}}


def span(versions: model.Range) -> tuple[int, int]:
    return (1, 0) if versions.empty else (versions.first, versions.last)


def default_of(text: str | None) -> str:
    """One spelling of each default; none printed is 0, false, empty or the zero uuid."""
    if text is None or text in ("false", "False", '""'):
        return "0"
    if text in ("true", "null"):
        return text
    return str(int(text, 0))


class Comparison(unittest.TestCase):
    maxDiff = None

    def flatten(self, message: model.Message) -> list[tuple]:
        """Rows of a message as the facts have them: a struct's fields at its first use only."""
        rows, seen = [], set()

        def walk(struct: model.Struct, path: str) -> None:
            for field in struct.fields:
                at = f"{path}{field.name}"
                known = SCHEMA.types.get(field.type)
                wire = known.wire if known else field.type
                rows.append((at, ("[]" if field.is_list else "") + wire, span(field.versions),
                             span(field.nullable), field.tag, span(field.tagged),
                             default_of(field.default), "ignorable" in field.marks,
                             "key" in field.marks, "zero-copy" in field.marks,
                             "flexible none" in field.marks))
                if field.struct is not None and field.struct.name not in seen:
                    seen.add(field.struct.name)
                    walk(field.struct, at + ".")

        walk(message.top, "")
        return rows

    def expected(self, lines: list[facts.Line]) -> list[tuple]:
        rows = []
        for line in lines:
            tag, tagged = None, model.NONE
            if "tag" in line.marks:
                number, versions = re.match(r"(\d+) \((.*)\)", line.marks["tag"]).groups()
                tag, tagged = int(number), model.parse_range(versions)
            nullable = line.marks.get("nullable")
            rows.append((line.path, line.type, span(model.parse_range(line.versions)),
                         span(model.parse_range(nullable) if nullable else model.NONE), tag,
                         span(tagged), default_of(line.marks.get("default")),
                         "ignorable" in line.marks, "map-key" in line.marks,
                         "zero-copy" in line.marks, line.marks.get("flexible") == "none"))
        return rows

    def compare(self, message: model.Message, lines: list[facts.Line]) -> None:
        for ours, theirs in zip(self.flatten(message), self.expected(lines)):
            self.assertEqual(ours, theirs, message.name)
        self.assertEqual(len(self.flatten(message)), len(lines), message.name)
        self.entities(message, {line.path: line.marks.get("entity") for line in lines})

    def entities(self, message: model.Message, entity_of: dict[str, str | None]) -> None:
        """Where Kafka names an entity, the schema names it too; it names more than Kafka does."""
        seen = set()

        def walk(struct: model.Struct, path: str) -> None:
            for field in struct.fields:
                wanted = entity_of.get(path + field.name)
                if wanted:
                    self.assertEqual(ENTITY.get(field.type), wanted, f"{message.name} {field.name}")
                if field.struct is not None and field.struct.name not in seen:
                    seen.add(field.struct.name)
                    walk(field.struct, f"{path}{field.name}.")

        walk(message.top, "")

    def test_apis_have_kafkas_fields_versions_and_marks(self):
        blocks = facts.read("apis.txt.gz")
        self.assertEqual(len(blocks), 91)
        self.assertEqual(len(SCHEMA.apis), 91)
        apis = {api.key: api for api in SCHEMA.apis}
        for block in blocks:
            key, name, versions, flexible, listeners, stability, *marks = re.match(
                r"(\d+) (\S+)  versions (\S+)  flexible (\S+)  listeners (\S+)  (\S+)(?:  (.*))?$",
                block.title).groups()
            api = apis[int(key)]
            self.assertEqual(api.name, name)
            self.assertEqual(span(api.versions), span(model.parse_range(versions)), name)
            self.assertEqual(span(api.flexible), span(model.parse_range(flexible)), name)
            self.assertEqual(set(api.listeners), set(listeners.split(",")), name)
            self.assertEqual(not api.unstable.empty, stability == "unstable-latest", name)
            if not api.unstable.empty:
                self.assertEqual(span(api.unstable), (api.versions.last, api.versions.last), name)
            self.assertEqual(api.marks, set((marks[0] or "").split()), name)
            self.compare(api.request, block.fields["request"])
            self.compare(api.response, block.fields["response"])

    def test_records_have_kafkas_fields_versions_and_ids(self):
        blocks = facts.read("records.txt.gz")
        self.assertEqual(len(blocks), 96)
        self.assertEqual(len(SCHEMA.records), 96)
        records = {record.name: record for record in SCHEMA.records}
        for block in blocks:
            name, kind, number, versions, flexible = re.match(
                r"(\S+)  \[(\S+)\](?:  id (\d+))?  versions (\S+)  flexible (\S+)  module \S+$",
                block.title).groups()
            record = records[name]
            self.assertEqual(record.id, int(number) if number else None, name)
            self.assertIn(record.stored, FRAMES[kind], name)
            self.assertEqual(span(record.versions), span(model.parse_range(versions)), name)
            self.assertEqual(span(record.flexible), span(model.parse_range(flexible)), name)
            self.compare(record, block.fields.get("fields", []))

    def test_ranges_are_those_that_a_running_kafka_advertises(self):
        rows = facts.advertised()
        for api in SCHEMA.apis:
            name, *numbers = rows.pop(api.key, (api.name, "-", "-", "-", "-"))
            self.assertEqual(api.name, name)
            for listener, first, last in (("broker", *numbers[:2]), ("controller", *numbers[2:])):
                ours = api.advertised.get(listener, model.NONE)
                wanted = (1, 0) if first == "-" else (int(first), int(last))
                self.assertEqual(span(ours), wanted, f"{name} on {listener}")
        self.assertEqual(rows, {})

    def test_every_error_named_exists_and_is_explained(self):
        known = {line.split("\t")[1]
                 for line in (facts.ROOT / "schema/errors.tsv").read_text().splitlines()
                 if line and not line.startswith(("#", "internal"))}
        named = 0
        for api in SCHEMA.apis:
            for message in (api.request, api.response):
                for field in (f for struct in message.structs for f in struct.fields):
                    for error, meaning in field.errors:
                        named += 1
                        self.assertIn(error, known, f"{message.name} {field.name}")
                        self.assertTrue(meaning, f"{message.name} {field.name} {error}")
                        self.assertEqual(field.type, "ErrorCode", f"{message.name} {field.name}")
        self.assertGreater(named, 100)

    def test_every_api_and_record_says_what_it_is_for(self):
        for thing in SCHEMA.apis + SCHEMA.records:
            self.assertTrue(thing.remark, thing.name)


if __name__ == "__main__":
    unittest.main()
