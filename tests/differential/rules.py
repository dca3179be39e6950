"""Differences that are meant to be: each has a name, which docs/differences.md explains. One that no longer occurs is reported.

A rule takes both answers to a request and gives them back without its difference; it changes nothing else.
"""

import collections
import copy

from asking import CLOSED, Ask


def error_texts(ask: Ask, theirs, ours):
    """Sentences for persons are in our own words: only whether there is one is compared."""
    return _reworded(theirs), _reworded(ours)


def _reworded(value, key: str = ""):
    if isinstance(value, dict):
        return {name: _reworded(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_reworded(inner, key) for inner in value]
    if key in ("error_message", "batch_index_error_message", "documentation") and value is not None:
        return "<a text>"
    return value


def apis_not_served_yet(ask: Ask, theirs, ours):
    """ApiVersions lists what is served: theirs may have more APIs."""
    if ask.api == "ApiVersions" and isinstance(theirs, dict) and isinstance(ours, dict):
        served = {entry["api_key"] for entry in ours["api_keys"]}
        theirs = {**theirs, "api_keys": [entry for entry in theirs["api_keys"]
                                         if entry["api_key"] in served]}
    return theirs, ours


def bytes_behind_the_end(ask: Ask, theirs, ours):
    """A request that is longer than its fields: Kafka ignores the rest, we close the connection."""
    return (ours, ours) if ask.tail > 0 and ours == CLOSED else (theirs, ours)


RULES = {"bytes-behind-the-end": bytes_behind_the_end, "error-texts": error_texts, "apis-not-served-yet": apis_not_served_yet}


class Explained:
    """Applies the rules and counts what each of them hid."""

    def __init__(self):
        self.seen = collections.Counter()

    def __call__(self, ask: Ask, theirs, ours):
        for name, rule in RULES.items():
            before = (theirs, ours)
            theirs, ours = rule(ask, copy.deepcopy(theirs), copy.deepcopy(ours))
            if before[0] != before[1] and (theirs, ours) != before:
                self.seen[name] += 1
        return theirs, ours
