"""How the fields of a schema look in C++: types, initial values, rows of the tables."""

import json

import schema as model

WIRE = {"bool": "boolean", "int8": "i8", "int16": "i16", "uint16": "u16", "int32": "i32",
        "uint32": "u32", "int64": "i64", "float64": "f64", "uuid": "uuid", "string": "text",
        "bytes": "bytes"}
SIZES = {"bool": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8,
         "float64": 8, "uuid": 16}


class Shape:
    """One field of one message, with what C++ makes of it."""

    def __init__(self, field: model.Field, message: model.Message, types: dict[str, model.Type]):
        self.field, self.message = field, message
        self.type = types.get(field.type)
        self.inner_names = {struct.name for struct in message.structs[:-1]}
        self.is_records = self.type is not None and self.type.wire == "records"
        self.is_optional = not field.nullable.empty and not self.is_records
        if field.tag is not None and field.tagged != field.versions:
            raise model.SchemaError(f"{message.name}.{field.name}: tagged in some versions only")
        if self.is_records and (field.is_list or field.tag is not None):
            raise model.SchemaError(f"{message.name}.{field.name}: records stand alone")

    def element(self) -> str:
        """The type without list and optional."""
        if self.type is None:
            return self.field.type
        if "view" in self.field.marks:
            return "std::string_view"
        if self.is_records:
            return "Bytes" if self.message.kind == "request" else "Records"
        return f"moldau::{self.type.cxx}" if self.type.cxx in self.inner_names else self.type.cxx

    def value(self) -> str:
        """The type without optional."""
        return f"std::vector<{self.element()}>" if self.field.is_list else self.element()

    def declared(self) -> str:
        if self.is_records and self.message.kind == "request":
            return "std::optional<Bytes>"
        return f"std::optional<{self.value()}>" if self.is_optional else self.value()

    def initial(self) -> str:
        default = self.field.default
        if self.is_records or default == "null":
            return ""
        if self.is_optional:
            return "{std::in_place}"
        if self.field.is_list or self.type is None or self.type.wire in ("string", "bytes", "uuid"):
            return ""
        if self.type.cxx == "bool":
            return f" = {default or 'false'}"
        if self.type.cxx == "Errc":
            return " = Errc::none"
        if self.type.cxx == "Timestamp":
            return f" = timestamp_of({default or 0})"
        if self.type.cxx[0].isupper():
            return f"{{{default or 0}}}"
        return f" = {default or 0}"

    def wire(self) -> str:
        if self.type is None:
            return "structure"
        if self.is_records:
            return "records_view" if self.message.kind == "request" else "records"
        if self.type.cxx == "Errc":
            return "error"
        if self.type.cxx == "Milliseconds" and self.type.wire == "int32":
            return "millis32"
        if "view" in self.field.marks:
            return "text_view"
        return "text_cut" if self.type.name == "ErrorText" else WIRE[self.type.wire]

    def default_number(self) -> int:
        default = self.field.default
        if default in (None, "null", '""', "false"):
            return 0
        return 1 if default == "true" else int(default)

    def scoped(self, name: str) -> str:
        return f"{model.snake(self.message.name)}::{name}" if name in self.inner_names else name

    def row(self, owner: str, place: int) -> str:
        """One line of the table of struct `owner` (its scoped name)."""
        field = self.field
        parts = [f".name = {json.dumps(model.camel(field.name))}"]
        element = self.scoped(self.element())
        value = f"std::vector<{element}>" if field.is_list else element
        if field.struct is not None:
            parts.append(f".of = &{element}::k_facts")
        if field.is_list:
            parts.append(f".list = &k_list_ops<{element}>")
        if self.is_optional or (self.is_records and self.message.kind == "request"):
            parts.append(f".optional = &k_optional_ops<{value}>")
        elif field.tag is not None and field.struct is not None and not field.is_list:
            parts.append(f".optional = &k_plain_ops<{value}>")
        if self.default_number():
            parts.append(f".default_value = {self.default_number()}")
        parts.append(f".offset = offsetof({owner}, {field.name})")
        parts.append(f".place = {place}")
        parts.append(f".wire = Wire::{self.wire()}")
        if field.default == "null" or self.is_records:
            parts.append(".default_null = true")
        if "ignorable" in field.marks:
            parts.append(".ignorable = true")
        if "flexible none" in field.marks:
            parts.append(".never_compact = true")
        if field.tag is not None:
            parts.append(f".tag = {field.tag}")
        parts.append(f".versions = {{{field.versions.first}, {field.versions.last}}}")
        if not field.nullable.empty:
            parts.append(f".nullable = {{{field.nullable.first}, {field.nullable.last}}}")
        return "{" + ", ".join(parts) + "}"


def reached(message: model.Message) -> dict[str, set[int]]:
    """Struct -> versions of the message in which a value of it can occur."""
    out: dict[str, set[int]] = {struct.name: set() for struct in message.structs}

    def walk(struct: model.Struct, versions: set[int]) -> None:
        out[struct.name] |= versions
        for field in struct.fields:
            if field.struct is not None:
                walk(field.struct, {v for v in versions if v in field.versions})

    walk(message.top, set(range(message.versions.first, message.versions.last + 1)))
    return out


def size_min(struct: model.Struct, message: model.Message, types: dict[str, model.Type]) -> int:
    """Bytes of the shortest value in the version where that is least; at least 1."""

    def of_field(field: model.Field, version: int, flexible: bool) -> int:
        compact = flexible and "flexible none" not in field.marks
        if field.is_list:
            return 1 if compact else 4
        if field.struct is not None:
            return 1 if version in field.nullable else of_struct(field.struct, version, flexible)
        wire = types[field.type].wire
        return SIZES.get(wire) or (1 if compact else 2 if wire == "string" else 4)

    def of_struct(inner: model.Struct, version: int, flexible: bool) -> int:
        present = [f for f in inner.fields if version in f.versions and f.tag is None]
        return sum(of_field(f, version, flexible) for f in present) + flexible

    versions = reached(message)[struct.name]
    return max(1, min(of_struct(struct, v, v in message.flexible) for v in versions))
