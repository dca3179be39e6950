#!/usr/bin/env python3
"""Makes code from schema/: --list prints the files it would write, otherwise it writes them.

Each generator module has outputs(schema) -> {relative path: text}. It knows no message by name.
A file whose text is unchanged is touched but not rewritten in content, so that builds stay small.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import configs  # noqa: E402
import errors  # noqa: E402
import protocol  # noqa: E402

GENERATORS = (configs, errors, protocol)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schema", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--list", action="store_true", help="print the paths only")
    options = parser.parse_args()
    for generator in GENERATORS:
        for relative, text in generator.outputs(options.schema).items():
            path = options.out / relative
            if options.list:
                print(path)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
            else:
                path.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
