"""The section of the APIs: what is served, in which versions, where the code is, and what shows it."""

import re

from evidence import Evidence, code, ranges, table

ROW = re.compile(r"\{ApiKey::(\w+),\s*(.*?)\}[,\n]", re.DOTALL)


def served(evidence: Evidence) -> dict[str, dict[str, str]]:
    """snake name -> listener -> handler, as the table of the dispatcher says."""
    text = evidence.sources["src/broker/dispatch.cc"]
    rows = text[text.index("k_handlers ="):text.index("});")]
    out = {}
    for name, handlers in ROW.findall(rows):
        parts = re.sub(r"<[^>]*>", "", " ".join(handlers.split())).split(",")
        by_listener = dict(zip(("broker", "controller"), (part.strip(" &") for part in parts)))
        out[name] = {listener: handler for listener, handler in by_listener.items()
                     if handler != "nullptr"}
    return out


def places(evidence: Evidence, api, handlers: dict[str, str]) -> tuple[list[str], list[str]]:
    """The files that answer, and their tests."""
    name = evidence.snake(api.name)
    files = []
    if any(handler != "forward" for handler in handlers.values()):
        own = f"src/broker/handlers/{name}.cc"
        # Some files have several handlers that belong together.
        shared = evidence.naming(evidence.sources, rf"\bAnswer<\w+> {name}\(", "src/broker/handlers/")
        files += [own] if own in evidence.sources else shared[:1]
    if "forward" in handlers.values() or "forward(" in evidence.sources.get(files[0] if files else "", ""):
        # What the controller decides names the request; what the quorum does, how it was asked.
        pattern = rf"\b{api.name}(?:Request|Asked)\b"
        for folder in ("src/controller/", "src/raft/"):
            files += [path for path in evidence.naming(evidence.sources, pattern, folder)
                      if path.endswith(".cc") and not path.endswith(("controller.cc", "refusals.cc"))][:2]
    tests = []
    for path in files:
        module, stem = path.split("/")[1], path.rsplit("/", 1)[1].removesuffix(".cc")
        test = f"tests/unit/{module}/{stem}_test.cc"
        if test in evidence.tests:
            tests.append(test)
    if not tests:
        tests = evidence.naming(evidence.tests, rf"\b{api.name}Request\b", "tests/unit/")[:1]
    return [path for path in files if path in evidence.sources], tests


def error_fields_without_meaning(api) -> list[str]:
    """Those of the answer for which schema/rpc does not say which errors can come there."""
    return [f"{struct.name}.{field.name}" for struct in api.response.structs for field in struct.fields
            if field.type == "ErrorCode" and not field.errors]


def section(evidence: Evidence) -> tuple[str, list[str]]:
    dispatch = served(evidence)
    rows, absent, missing = [], [], []
    for api in evidence.schema.apis:
        kafka = evidence.advertised_by_kafka.get(api.name, {})
        handlers = dispatch.get(evidence.snake(api.name), {})
        if not handlers:
            if kafka:
                absent.append(f"{api.name} ({spans(kafka)})")
            continue
        ours = {listener: (api.advertised[listener].first, api.advertised[listener].last)
                for listener in handlers if listener in api.advertised}
        for listener, span in ours.items():
            if kafka.get(listener) != span:
                missing.append(f"{api.name} on the {listener} listener: we advertise {span}, Apache Kafka "
                               f"{kafka.get(listener)}")
        files, tests = places(evidence, api, handlers)
        versions = {version for first, last in ours.values() for version in range(first, last + 1)
                    if version in api.versions}
        on_broker = {version for version in versions if "broker" in ours}
        golden = evidence.golden[api.name] & versions
        same = {v for v in versions if evidence.differential["api"].get((api.name, v))}
        missing += [f"{api.name}: {what}" for what, lacks in (
            (f"no golden vector of {ranges(versions - golden)}", versions - golden),
            (f"no differential answer of {ranges(on_broker - same)}", on_broker - same),
            ("no file that answers it", not files), ("no test of it", not tests)) if lacks]
        missing += [f"{api.name}: no meaning of the errors in {field}"
                    for field in error_fields_without_meaning(api)]
        clients = [f"{client} {ranges(used)}" for client, used in
                   sorted(evidence.clients[api.name].items())]
        fields = f"schema/rpc/{api.key}_{evidence.snake(api.name)}"
        rows.append((f"{api.key} {api.name}", spans(kafka), spans(ours), code([fields]), code(files), code(tests),
                     ranges(golden), ranges(same) or "-", "; ".join(clients) or "-"))
    text = f"## APIs\n\n{len(rows)} of {len(rows) + len(absent)} that a running Apache Kafka 4.4.0 " \
        "advertises.\n\n"
    text += table(("API", "Kafka 4.4", "Moldau", "fields", "answered in", "test", "golden", "differential", "clients"), rows)
    text += "\nNot served and not advertised: " + ", ".join(absent) + ".\n"
    return text, missing


def spans(by_listener: dict[str, tuple[int, int]]) -> str:
    both = {ranges(range(first, last + 1)) for first, last in by_listener.values()}
    if len(both) == 1 and len(by_listener) == 2:
        return both.pop()
    return ", ".join(f"{listener} {ranges(range(first, last + 1))}"
                     for listener, (first, last) in by_listener.items())
