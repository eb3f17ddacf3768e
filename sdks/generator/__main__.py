"""`python -m sdks.generator`: writes the generated parts of every SDK; `--check` only says what is stale."""

import argparse
import json
import sys
import time
from pathlib import Path

from sdks.generator import javascript, python, spec

ROOT = Path(__file__).parents[2]
DESCRIPTION = ROOT / "schemas" / "api" / "gateway.json"
LANGUAGES = (python, javascript)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m sdks.generator", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; leave with 1 where a file is stale"
    )
    given = parser.parse_args(arguments)
    started = time.monotonic()
    wanted = files()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if given.check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the description says: run `make sdks`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    facts = f"{len(wanted)} files, {len(stale)} of them changed"
    print(f"  ✓ {'SDKs':<20} {facts:<36} {time.monotonic() - started:.1f} s")
    return 0


def files() -> dict[Path, str]:
    """Every generated file of every SDK, as text."""
    described = spec.read(json.loads(DESCRIPTION.read_text()))
    return {path: text for language in LANGUAGES for path, text in language.files(described).items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
