"""schema/rpc and schema/records -> structs and tables in protocol/. It knows no message by name."""

import json
import pathlib

import schema as model
from cxx import Shape, size_min

MADE = "// Made by tools/codegen/protocol.py from schema/{}.\n"
APIS_PER_SOURCE = 12
RECORDS_PER_SOURCE = 24


def range_of(versions: model.Range) -> str:
    if versions.empty:
        return "{}"
    return f"{{moldau::ApiVersion{{{versions.first}}}, moldau::ApiVersion{{{versions.last}}}}}"


def flexible_from(flexible: model.Range) -> int:
    return model.LAST if flexible.empty else flexible.first


class Renderer:
    def __init__(self, schema: model.Schema):
        self.schema = schema

    def shapes(self, message: model.Message, struct: model.Struct) -> list[Shape]:
        return [Shape(field, message, self.schema.types) for field in struct.fields]

    # Headers

    def fields(self, message: model.Message, struct: model.Struct, indent: str) -> list[str]:
        out = []
        for shape in self.shapes(message, struct):
            field = shape.field
            remark = [field.remark] if field.remark else []
            if field.versions.first > message.versions.first or (
                    field.versions.last < message.versions.last):
                last = "+" if field.versions.last == model.LAST else f"-{field.versions.last}"
                remark.insert(0, f"v{field.versions.first}{last}")
            comment = f"  // {'; '.join(remark)}" if remark else ""
            out.append(f"{indent}{shape.declared()} {field.name}{shape.initial()};{comment}")
            out += [f"{indent}//   {name}: {meaning}" for name, meaning in field.errors]
        out.append(f"{indent}UnknownTags unknown_tags;")
        return out

    def equality(self, name: str, indent: str) -> list[str]:
        return [f"{indent}static const StructFacts k_facts;",
                f"{indent}bool operator==(const {name}& other) const {{",
                f"{indent}  return moldau::protocol::equal(k_facts, this, &other);",
                f"{indent}}}"]

    def declare(self, message: model.Message, identity: str) -> str:
        name, top = message.name, message.top
        out = []
        if len(message.structs) > 1:
            # Outside of the message: GCC's std::optional cannot make a nested struct with default
            # member initializers before the outer struct is complete.
            out += [f"namespace {model.snake(name)} {{", ""]
            for struct in message.structs[:-1]:
                out += [f"struct {struct.name} {{"]
                out += self.fields(message, struct, "  ")
                out += self.equality(struct.name, "  ") + ["};", ""]
            out += [f"}}  // namespace {model.snake(name)}", ""]
        out += [f"// {message.remark}"] if message.remark else []
        out += [f"struct {name} {{"]
        out += [f"  using {struct.name} = protocol::{model.snake(name)}::{struct.name};"
                for struct in message.structs[:-1]]
        out += [identity] if identity else []
        out += [f"  static constexpr VersionRange k_versions{range_of(message.versions)};",
                f"  static constexpr moldau::ApiVersion k_flexible_from"
                f"{{{flexible_from(message.flexible)}}};"]
        out += [""] + self.fields(message, top, "  ") + [""]
        out += [
            f"  [[nodiscard]] static Result<{name}> decode(Bytes bytes, moldau::ApiVersion version);",
            f"  [[nodiscard]] static Result<{name}> decode(const SharedBytes& bytes,",
            "                                     moldau::ApiVersion version);",
            "  // What of this message `version` cannot say; encode() requires that there is nothing.",
            "  [[nodiscard]] Result<void> encodable(moldau::ApiVersion version) const;",
            "  void encode(Writer& out, moldau::ApiVersion version) const;",
            "  [[nodiscard]] std::size_t size(moldau::ApiVersion version) const;",
            "  static const MessageFacts k_message;"]
        out += self.equality(name, "  ") + ["};"]
        return "\n".join(out) + "\n"

    def header(self, source: str, body: str) -> str:
        return (MADE.format(source) + '#pragma once\n#include "protocol/message.h"\n\n'
                "namespace moldau::protocol {\n\n" + body + "\n}  // namespace moldau::protocol\n")

    def api_header(self, api: model.Api) -> str:
        identity = f"  static constexpr ApiKey k_key = ApiKey::{model.snake(api.name)};"
        body = self.declare(api.request, identity) + "\n" + self.declare(api.response, identity)
        return self.header(f"rpc/{api.key}_{model.snake(api.name)}", body)

    def record_header(self, record: model.Message) -> str:
        identity = ""
        if record.id is not None:
            identity = f"  static constexpr std::int16_t k_id = {record.id};"
        return self.header(f"records/{record.family}/{model.snake(record.name)}",
                           self.declare(record, identity))

    def api_key_header(self) -> str:
        rows = "\n".join(f"  {model.snake(api.name)} = {api.key}," for api in self.schema.apis)
        return (MADE.format("rpc") + "#pragma once\n#include <cstdint>\n\n"
                "namespace moldau::protocol {\n\n"
                "// Which API a request asks for. A key from the wire need not be one of these: "
                "find_api() tells.\nenum class ApiKey : std::int16_t {\n" + rows +
                "\n};\n\n}  // namespace moldau::protocol\n")

    # Sources

    def define(self, message: model.Message) -> str:
        name, out = message.name, []
        for struct in message.structs:
            scoped = name if struct is message.top else f"{model.snake(name)}::{struct.name}"
            shapes = list(enumerate(self.shapes(message, struct)))
            shapes.sort(key=lambda s: -1 if s[1].field.tag is None else s[1].field.tag)
            rows = "".join(f"    {shape.row(scoped, place)},\n" for place, shape in shapes)
            table = f"k_fields_{model.snake(name)}_{model.snake(struct.name)}"
            if rows:
                out.append(f"constexpr FieldFacts {table}[] = {{\n{rows}}};")
            out.append(
                f"constexpr StructFacts {scoped}::k_facts{{\n"
                f"    .name = {json.dumps(struct.name)}, .fields = {table if rows else '{}'},\n"
                f"    .tagged_from = {sum(s.field.tag is None for _, s in shapes)},\n"
                f"    .unknown_tags = offsetof({scoped}, unknown_tags),\n"
                f"    .size_min = {size_min(struct, message, self.schema.types)}}};")
        number = message.id if message.id is not None else -1
        out.append(
            f"constexpr MessageFacts {name}::k_message{{\n"
            f"    .name = {json.dumps(name)}, .kind = MessageKind::{message.kind}, .id = {number},\n"
            f"    .versions = k_versions, .flexible_from = k_flexible_from, .body = &k_facts,\n"
            f"    .ops = &k_message_ops<{name}>, .family = {json.dumps(message.family)}}};")
        out.append(f"MOLDAU_MESSAGE_MEMBERS({name})")
        return "\n".join(out) + "\n"

    def source(self, source: str, headers: list[str], messages: list[model.Message]) -> str:
        includes = "".join(f'#include "{header}"\n' for header in headers)
        body = "\n".join(self.define(message) for message in messages)
        return (MADE.format(source) + "#include <cstddef>\n\n" + includes +
                '#include "protocol/message_members.h"\n\nnamespace moldau::protocol {\n\n' + body +
                "\n}  // namespace moldau::protocol\n")

    def table(self) -> str:
        headers = [api_path(api) for api in self.schema.apis]
        headers += [record_path(record) for record in self.schema.records]
        includes = "".join(f'#include "{header}"\n' for header in headers)
        rows = "".join(self.api_row(api) for api in self.schema.apis)
        names = [m.name for api in self.schema.apis for m in (api.request, api.response)]
        names += [record.name for record in self.schema.records]
        messages = "".join(f"    &{name}::k_message,\n" for name in names)
        return (MADE.format("rpc and schema/records") + '#include "protocol/api_table.h"\n\n'
                '#include "protocol/tables.h"\n' + includes +
                "\nnamespace moldau::protocol {\nnamespace {\n\n"
                f"constexpr ApiFacts k_apis[] = {{\n{rows}}};\n"
                f"constexpr const MessageFacts* k_messages[] = {{\n{messages}}};\n\n"
                "}  // namespace\n\nstd::span<const ApiFacts> all_apis() { return k_apis; }\n"
                "std::span<const MessageFacts* const> all_messages() { return k_messages; }\n\n"
                "}  // namespace moldau::protocol\n")

    def api_row(self, api: model.Api) -> str:
        def flag(name: str, value: bool) -> str:
            return f", .{name} = true" if value else ""

        unstable = f", .unstable = {range_of(api.unstable)}" if not api.unstable.empty else ""
        advertised = "".join(f", .on_{listener} = {range_of(versions)}"
                             for listener, versions in sorted(api.advertised.items()))
        return (f"    {{.key = ApiKey::{model.snake(api.name)}, .name = {json.dumps(api.name)}, "
                f".versions = {range_of(api.versions)}, "
                f".flexible_from = moldau::ApiVersion{{{flexible_from(api.flexible)}}}{unstable}"
                f"{advertised}" + flag("broker", "broker" in api.listeners) +
                flag("controller", "controller" in api.listeners) +
                flag("forwarded", "forwarded" in api.marks) +
                flag("cluster_action", "cluster-action" in api.marks) +
                flag("holds_buffer", "holds-buffer" in api.marks) +
                f", .request = &{api.request.name}::k_message, "
                f".response = &{api.response.name}::k_message}},\n")

    # Families of records that share an id space

    def families(self) -> dict[str, str]:
        groups: dict[tuple[str, str], list[model.Message]] = {}
        for record in self.schema.records:
            if record.stored in ("frame", "key", "value"):
                groups.setdefault((record.family, record.stored), []).append(record)
        headers: dict[str, tuple[list[str], list[str]]] = {}
        for (family, stored), records in groups.items():
            noun = {"frame": "Record", "key": "Key", "value": "Value"}[stored]
            includes, bodies = headers.setdefault(family, ([], []))
            includes += [record_path(record) for record in records]
            names = ",\n    ".join(record.name for record in records)
            bodies.append(f"using {family.capitalize()}{noun} = std::variant<\n    {names}>;\n")
        out = {}
        for family, (includes, bodies) in headers.items():
            text = "".join(f'#include "{path}"\n' for path in sorted(includes))
            out[f"protocol/family/{family}.h"] = (
                MADE.format(f"records/{family}") + "#pragma once\n#include <variant>\n\n" + text +
                "\nnamespace moldau::protocol {\n\n"
                "// By id, ascending. protocol/record_frame.h reads and writes them as stored.\n" +
                "\n".join(bodies) + "\n}  // namespace moldau::protocol\n")
        return out


def api_path(api: model.Api) -> str:
    return f"protocol/api/{model.snake(api.name)}.h"


def record_path(record: model.Message) -> str:
    return f"protocol/data/{model.snake(record.name)}.h"


def outputs(schema_path: pathlib.Path) -> dict[str, str]:
    schema = model.read(schema_path)
    render = Renderer(schema)
    out = {"protocol/api_key.h": render.api_key_header(), "protocol/tables.cc": render.table()}
    for api in schema.apis:
        out[api_path(api)] = render.api_header(api)
    for record in schema.records:
        out[record_path(record)] = render.record_header(record)
    for at in range(0, len(schema.apis), APIS_PER_SOURCE):
        part = schema.apis[at:at + APIS_PER_SOURCE]
        out[f"protocol/api/part_{at // APIS_PER_SOURCE}.cc"] = render.source(
            "rpc", [api_path(api) for api in part],
            [message for api in part for message in (api.request, api.response)])
    for at in range(0, len(schema.records), RECORDS_PER_SOURCE):
        part = schema.records[at:at + RECORDS_PER_SOURCE]
        out[f"protocol/data/part_{at // RECORDS_PER_SOURCE}.cc"] = render.source(
            "records", [record_path(record) for record in part], part)
    return out | render.families()
