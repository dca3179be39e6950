#!/usr/bin/env python3
"""schema/configs/ against the facts of Kafka 4.4.0 in tests/data/facts/, field by field."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "codegen"))

import configs  # noqa: E402

FACTS = configs.COLUMNS[:10]


def facts(scope: str) -> dict[str, dict]:
    rows = {}
    for line in (ROOT / "tests/data/facts" / f"configs-{scope}.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            cells = dict(zip(FACTS, line.split("\t"), strict=True))
            rows[cells["key"]] = cells
    return rows


def tables() -> dict[str, dict[str, dict]]:
    return {
        scope: {row["key"]: row for row in configs.read(ROOT / "schema/configs" / f"{scope}.tsv")}
        for scope in configs.SCOPES
    }


class TablesTest(unittest.TestCase):
    def setUp(self):
        self.tables = tables()

    def test_every_scope_of_the_facts_has_a_table_and_the_other_way_round(self):
        files = {p.stem.removeprefix("configs-") for p in (ROOT / "tests/data/facts").glob("configs-*.tsv")}
        self.assertEqual(files, set(configs.SCOPES))
        self.assertEqual({p.stem for p in (ROOT / "schema/configs").glob("*.tsv")}, files)

    def test_each_field_is_kafkas(self):
        for scope, table in self.tables.items():
            wanted = facts(scope)
            self.assertEqual(set(table), set(wanted), scope)
            for key, row in wanted.items():
                for column in FACTS:
                    self.assertEqual(table[key][column], row[column], f"{scope} {key} {column}")

    def test_every_key_is_documented_in_full_sentences(self):
        for scope, table in self.tables.items():
            for key, row in table.items():
                text = row["documentation"]
                self.assertRegex(text, r"^[A-Z].{20,}[.]$", f"{scope} {key}")
                self.assertIsNone(re.search(r"<(p|ul|li|code)>|  ", text), f"{scope} {key}: {text}")

    def test_standing_is_one_of_the_known_words(self):
        for scope, table in self.tables.items():
            for key, row in table.items():
                self.assertRegex(row["standing"], r"^(defined|plugin|pattern)( idle)?$", f"{scope} {key}")

    def test_every_valid_cell_becomes_a_rule(self):
        free = {"-", "Principal;Principal;...", "listener name in lower case"}
        for scope, table in self.tables.items():
            for key, row in table.items():
                rule, _ = configs.rule_of(row["valid"])
                self.assertEqual(rule == "any", row["valid"] in free, f"{scope} {key} {row['valid']}")

    def test_synonyms_keep_their_order_and_units(self):
        row = self.tables["topic"]["retention.ms"]
        self.assertEqual(
            configs.synonyms_of(row),
            [("log.retention.ms", 1), ("log.retention.minutes", 60000), ("log.retention.hours", 3600000)],
        )
        self.assertEqual(configs.synonyms_of(self.tables["broker"]["compression.lz4.level"]), [])
        for scope in ("topic", "group"):
            for key, row in self.tables[scope].items():
                self.assertEqual(bool(configs.synonyms_of(row)), row["synonyms"] != "-", key)


if __name__ == "__main__":
    unittest.main()
