#!/usr/bin/env python3
"""Writes docs/format/protocol_reference.md from schema/: every API, its versions and errors, every record.

`reference.py` writes it, `reference.py --check` fails when the file is not what it would write.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import schema as model  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/format/protocol_reference.md"
STORED = {"frame": "framed", "key": "key", "value": "value", "versioned": "int16 version before it",
          "bare": "body alone", "json": "JSON file"}


def versions(span: model.Range, marker: str = "-") -> str:
    if span.empty:
        return marker
    if span.last == model.LAST:
        return f"{span.first}+"
    return f"{span.first}-{span.last}" if span.first < span.last else str(span.first)


def row(*cells) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def apis(schema: model.Schema) -> list[str]:
    out = ["## APIs", "", row("key", "name", "versions", "flexible", "broker", "controller", "what for"),
           row(*["---"] * 7)]
    for api in schema.apis:
        listeners = [versions(api.advertised.get(name, model.NONE)) for name in ("broker", "controller")]
        out.append(row(api.key, api.name, versions(api.versions), versions(api.flexible, "none"),
                       *listeners, api.remark))
    return out


def paths(struct: model.Struct, prefix: str = ""):
    for field in struct.fields:
        here = prefix + field.name
        yield here, field
        if field.struct is not None:
            yield from paths(field.struct, here + "[]." if field.is_list else here + ".")


def errors(schema: model.Schema) -> list[str]:
    out = ["## What an error means there", ""]
    for api in schema.apis:
        fields = [(path, field) for path, field in paths(api.response.top) if field.errors]
        if not fields:
            continue
        out += [f"### {api.name}", "", row("field", "error", "meaning"), row("---", "---", "---")]
        out += [row(f"`{path}`", name, meaning) for path, field in fields
                for name, meaning in field.errors]
        out.append("")
    return out[:-1]


def records(schema: model.Schema) -> list[str]:
    out = ["## Records", "", row("family", "id", "name", "versions", "flexible", "stored", "what for"),
           row(*["---"] * 7)]
    for record in schema.records:
        number = "-" if record.id is None else record.id
        out.append(row(record.family, number, record.name, versions(record.versions),
                       versions(record.flexible, "none"), STORED[record.stored], record.remark))
    return out


def page(schema: model.Schema) -> str:
    head = ["# Reference of the protocol", "",
            "Made by `tools/codegen/reference.py` from `schema/`; the fields stand there.",
            "How the bytes are laid out: [protocol.md](protocol.md). \"Broker\" and \"controller\" are the",
            "versions that a node with everything of Kafka 4.4 advertises on listeners of that kind; which APIs",
            "this version serves, and so advertises, is in [compatibility.md](../compatibility.md).", ""]
    return "\n".join(head + apis(schema) + [""] + errors(schema) + [""] + records(schema)) + "\n"


def main() -> int:
    text = page(model.read(ROOT / "schema"))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE.relative_to(ROOT)} is not what schema/ says; run tools/codegen/reference.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
