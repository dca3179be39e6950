"""Values for the fields of any request, by what the schema says they mean; and what can be done wrong to a request."""

import copy
import random

from asking import Ref
from codec import model

BAD_TOPICS = ("", ".", "..", "no such topic", "a/b", "é", "x" * 249, "x" * 250, "tab\tname", "UPPER_lower.-1")
HUGE = 2**31 - 1
TEXTS = ("", "x", "no-such-thing", "1", "é", "a" * 300)
SPECIAL_STAMPS = (-1, -2, -3, -4, -5, -6, -7, -100, 0)
EXTREME = {
    "int8": (-128, -1, 0, 1, 2, 3, 4, 8, 16, 32, 127), "int16": (-2**15, -2, -1, 0, 1, 2, 2**15 - 1),
    "uint16": (0, 65535), "int32": (-2**31, -2, -1, 0, 1, 2, 100, HUGE), "uint32": (0, 2**32 - 1),
    "int64": (-2**63, -2, -1, 0, 1, 2, 100, 2**63 - 1), "float64": (0.0, -1.0, 1e9),
}


class World:
    """What a chapter has made so far, as far as requests want to name it."""

    def __init__(self, rng: random.Random, prefix: str):
        self.rng = rng
        self.prefix = prefix
        self.topics: list[str] = []
        self.sessions: list[str] = []
        self.members: dict[str, list[str]] = {}  # of a group, by names of ours
        self.sequences: dict[tuple[str, int, int], int] = {}
        self.counter = 0

    def fresh(self, word: str) -> str:
        self.counter += 1
        return f"{self.prefix}-{word}{self.counter}"

    def topic(self) -> str:
        roll = self.rng.random()
        if roll < 0.75 and self.topics:
            return self.rng.choice(self.topics)
        return f"{self.prefix}-missing" if roll < 0.87 else self.rng.choice(BAD_TOPICS)

    def topic_id(self):
        roll = self.rng.random()
        if roll < 0.75 and self.topics:
            return Ref("topic", self.rng.choice(self.topics))
        if roll < 0.85:
            return bytes(16)
        return bytes(15) + b"\1" if roll < 0.9 else bytes(range(16))

    def value(self, field: model.Field, version: int, types: dict):
        """Of one field; plausible more often than not."""
        if version in field.nullable and self.rng.random() < 0.1:
            return None
        if field.is_list:
            return [self.one(field, version, types) for _ in range(self.rng.choice((0, 1, 1, 1, 2, 3)))]
        return self.one(field, version, types)

    def one(self, field: model.Field, version: int, types: dict):
        if field.struct is not None:
            return self.struct(field.struct, version, types)
        pick = self.rng.choice
        named = {
            "TopicName": self.topic,
            "PartitionIndex": lambda: pick((0, 0, 0, 0, 1, 1, 2, -1, 7, HUGE)),
            "BrokerId": lambda: pick((1, 1, 1, -1, -2, 0, 2, HUGE)),
            "LeaderEpoch": lambda: pick((-1, -1, -1, 0, 0, 1, -2, 100, HUGE)),
            "Offset": lambda: pick((0, 0, 1, 2, 3, 5, 8, -1, -2, 1000, 2**63 - 1)),
            "Timestamp": lambda: pick(SPECIAL_STAMPS + (1_700_000_000_000, 1_700_000_002_500,
                                                        1_700_000_900_000)),
            "Milliseconds": lambda: 30_000,
            "LongMilliseconds": lambda: 30_000,
            "bool": lambda: pick((True, False)),
            "uuid": self.topic_id,
            "bytes": lambda: b"",
            "records": lambda: b"",
            "float64": lambda: 1.0,
        }.get(field.type)
        if named is not None:
            return named()
        wire = types[field.type].wire
        return pick(TEXTS) if wire == "string" else pick(EXTREME[wire])

    def struct(self, struct_: model.Struct, version: int, types: dict) -> dict:
        return {field.name: self.value(field, version, types)
                for field in struct_.fields if version in field.versions}

    # What can be wrong

    def bend(self, message: model.Message, version: int, types: dict, body: dict,
             spared: frozenset[str] = frozenset()) -> str:
        """Does one thing to the request that a good client would not; says what."""
        places = [place for place in _places(message.top, version, body, "")
                  if place[0].name not in spared]
        if not places:
            return ""
        field, holder, path = self.rng.choice(places)
        old = holder[field.name]
        if field.is_list:
            holder[field.name], what = self._bent_list(field, version, types, old)
        elif field.struct is not None:
            holder[field.name], what = None, "null"
        else:
            wire = types[field.type].wire
            if wire in EXTREME:
                holder[field.name] = self.rng.choice(EXTREME[wire])
            elif wire == "string":
                holder[field.name] = self.rng.choice(TEXTS + BAD_TOPICS + (None,))
            elif wire == "bool":
                holder[field.name] = not old
            elif wire == "uuid":
                holder[field.name] = self.topic_id()
            what = f"{holder[field.name]!r:.40}"
        return f"{path}: {what}"

    def _bent_list(self, field: model.Field, version: int, types: dict, old):
        if old and self.rng.random() < 0.6:
            twice = copy.deepcopy(self.rng.choice(old))
            return [*old, twice], "an element twice"
        if self.rng.random() < 0.5:
            return [], "empty"
        if self.rng.random() < 0.5:
            return None, "null"
        return [*(old or ()), self.one(field, version, types)], "one more"


def _places(struct_: model.Struct, version: int, body: dict, path: str):
    for field in struct_.fields:
        if version not in field.versions or field.name not in body:
            continue
        here = f"{path}.{field.name}".lstrip(".")
        yield field, body, here
        value = body[field.name]
        if field.struct is not None and value is not None:
            for at, element in enumerate(value if field.is_list else [value]):
                if isinstance(element, dict):
                    yield from _places(field.struct, version, element, f"{here}[{at}]")
