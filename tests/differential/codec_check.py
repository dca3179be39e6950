"""The codec against what Kafka's own classes wrote: each golden message is read, compared with its JSON, and written back."""

import base64
import gzip
import json

import codec
from codec import ROOT, model


def golden_failures() -> tuple[int, list[str]]:
    schema = codec.load()
    messages = {f"{api.key}-{api.name}": api for api in schema.apis}
    count, failures = 0, []
    with gzip.open(ROOT / "tests/data/golden/messages.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            name, version, kind, hexed, text, case = line.rstrip("\n").split("\t")
            api = messages[name]
            one = codec.Codec(schema, getattr(api, kind), int(version))
            count += 1
            try:
                value = one.decode(bytes.fromhex(hexed))
                if one.encode(value) != bytes.fromhex(hexed):
                    failures.append(f"{name} {version} {kind} {case}: written differently")
                problem = differs(json.loads(text), value, one, one.message.top)
                if problem:
                    failures.append(f"{name} {version} {kind} {case}: {problem}")
            except (codec.Undecodable, ValueError, TypeError, KeyError) as problem:
                failures.append(f"{name} {version} {kind} {case}: {problem!r}")
    return count, failures


def differs(theirs: dict, ours: dict, one: codec.Codec, struct_: model.Struct) -> str | None:
    for field in one.present(struct_):
        name = model.camel(field.name)
        if name not in theirs:  # a tagged field at its default is left out
            if field.tag is None:
                return f"{name} is not in the JSON"
            continue
        values = (theirs[name], ours[field.name])
        pairs = list(zip(*values)) if field.is_list and None not in values else [values]
        if field.is_list and None not in values and len(values[0]) != len(values[1]):
            return f"{name} has another length"
        for json_value, value in pairs:
            if field.struct is not None and None not in (json_value, value):
                problem = differs(json_value, value, one, field.struct)
                if problem:
                    return problem
            elif not same(json_value, value, one.wire_of(field)):
                return f"{name} is {value!r} instead of {json_value!r}"
    return None


def same(json_value, value, wire: str | None) -> bool:
    if value is None or json_value is None:
        return value is json_value or wire == "records"
    if wire == "uuid":
        return base64.urlsafe_b64encode(value).decode().rstrip("=") == json_value
    if wire == "bytes":
        return base64.b64encode(value).decode() == json_value
    return wire == "records" or value == json_value
