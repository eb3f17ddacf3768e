"""Judges documents by validators that nobody here wrote: phive for XML, veraPDF for PDF/A."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.java import find_java
from deploy.validation.validators import VALIDATORS

PROGRAM = Path(__file__).parent / "Judge.java"
TIMEOUT_SECONDS = 540
_PARTS = 6


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and by what it is judged: rules as phive names them, or `pdfa:3b`."""

    path: Path
    rules: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that was found in a file; `severity` is fatal, warn or info."""

    path: Path
    rules: str
    severity: str
    rule: str
    place: str
    text: str


def judge(cases: Sequence[Case], say: Callable[[str], None] = lambda line: None) -> list[Verdict]:
    """Everything that is found in these files; raises LocalError when one of them was not judged."""
    jars = VALIDATORS.jars(say)
    asked = "".join(f"{case.path}\t{case.rules}\n" for case in cases)
    # C1 alone: 32 judgements take it 6 s of processor, and with C2, which compiles beside them, 13.
    quick = "-XX:TieredStopAtLevel=1"
    command = [str(find_java()), quick, "-cp", ":".join(map(str, jars)), str(PROGRAM)]
    answer = subprocess.run(
        command, input=asked, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    said = [line.split("\t") for line in answer.stdout.splitlines()]
    judged = {(path, rules) for path, rules, what, *_ in said if what == "judged"}
    missing = [case for case in cases if (str(case.path), case.rules) not in judged]
    if missing:
        raise LocalError(f"{missing[0]} and {len(missing) - 1} more were not judged: {answer.stderr[-2000:]}")
    return [
        Verdict(Path(line[0]), *line[1:])
        for line in said
        if len(line) == _PARTS and line[2] not in ("judged", "skipped")
    ]
