"""kcat (librdkafka): the everyday commands, and traps that rivals fell into."""

import subprocess

from stages.common import Counts


def kcat(node, *arguments, stdin: bytes = b"", timeout: float = 30):
    done = subprocess.run(["kcat", "-b", node.bootstrap, *arguments], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr


def judge(name: str, good: bool, seen) -> Counts:
    print(f"{'ok  ' if good else 'FAIL'} kcat: {name}" + ("" if good else f": {seen}"), flush=True)
    return Counts(passed=int(good), failed=int(not good))


def run(_context, node, _folder) -> Counts:
    counts = Counts()
    counts += produce_and_consume(node)
    counts += empty_topic_ends(node)
    counts += raw_snappy(node)
    counts += offsets_and_metadata(node)
    return counts


def produce_and_consume(node) -> Counts:
    lines = b"".join(b"key%d:value %d\n" % (i, i) for i in range(1000))
    counts = Counts()
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        topic = f"kcat-{codec}"
        code, _, errors = kcat(node, "-P", "-t", topic, "-K:", "-z", codec, "-p", "0", stdin=lines)
        counts += judge(f"produces with {codec} to a topic that is created for it", code == 0, errors)
        code, out, errors = kcat(node, "-C", "-t", topic, "-K:", "-e", "-o", "beginning", "-p", "0")
        counts += judge(f"reads {codec} back equal and ends with -e", (code, out) == (0, lines),
                        (code, out[:100], errors))
        code, out, _ = kcat(node, "-C", "-t", topic, "-K:", "-e", "-o", "500", "-p", "0")
        counts += judge(f"reads {codec} from the middle of a batch", out == b"".join(
            b"key%d:value %d\n" % (i, i) for i in range(500, 1000)), out[:100])
    return counts


def empty_topic_ends(node) -> Counts:
    """An empty fetch answer carries empty records, not null; else kcat -e never ends."""
    kcat(node, "-P", "-t", "kcat-empty", "-p", "0", stdin=b"one\n")
    code, out, errors = kcat(node, "-C", "-t", "kcat-empty", "-p", "0", "-o", "end", "-e", timeout=15)
    return judge("-e ends at once at the end of a partition", (code, out) == (0, b""), errors)


def raw_snappy(node) -> Counts:
    """librdkafka sends raw snappy, without the xerial header."""
    lines = b"x" * 5000 + b"\n" + b"y" * 5000 + b"\n"
    code, _, errors = kcat(node, "-P", "-t", "kcat-raw", "-z", "snappy", "-p", "0", stdin=lines)
    got = kcat(node, "-C", "-t", "kcat-raw", "-e", "-p", "0")[1]
    return judge("raw snappy is accepted and comes back", code == 0 and got == lines, errors)


def offsets_and_metadata(node) -> Counts:
    code, out, errors = kcat(node, "-Q", "-t", "kcat-none:0:-1", "-t", "kcat-gzip:0:-2")
    counts = judge("-Q answers latest and earliest offset",
                   code == 0 and b"offset 1000" in out and b"offset 0" in out, (out, errors))
    code, out, errors = kcat(node, "-L", "-J", "-t", "kcat-none")
    return counts + judge("-L shows the topic's leader", code == 0 and b'"leader":1' in out,
                          (out, errors))
