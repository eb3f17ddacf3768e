"""The process that holds the compiled rules; `python -m` with the folder of newer ones, if any.

Each request on its input is a line `{"syntax", "length"}` and so many bytes; each answer a line of JSON. An
empty document only has the rules compiled. It ends with its input, so with the process that started it.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from services.invoice.e_invoices.validation.rule_sets import Syntax
from services.invoice.e_invoices.validation.validation import Validator
from shared.kernel.errors import Invalid
from shared.kernel.json import JsonObject


def serve(validator: Validator) -> None:
    """Answer until the input ends."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while line := source.readline():
        asked = json.loads(line)
        document = source.read(asked["length"])
        target.write(json.dumps(_answer(validator, document, asked["syntax"])).encode() + b"\n")
        target.flush()


def _answer(validator: Validator, document: bytes, syntax: Syntax) -> JsonObject:
    if not document:
        validator.prepare(syntax)
        return {"findings": []}
    try:
        return {"findings": [asdict(finding) for finding in validator.findings(document, syntax)]}
    except Invalid as error:
        return {"refused": error.detail}


if __name__ == "__main__":
    serve(Validator(rules_dir=Path(sys.argv[1]) if sys.argv[1:] else None))
