"""E-invoices: how long one takes to write and to validate by every rule, for short and long documents."""

import statistics
import time
from collections.abc import Callable
from typing import Any, Literal

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import cii, ubl
from services.invoice.e_invoices.validation.process import ValidationProcess
from tests.bench.platform import Platform
from tests.unit.invoice.papers import a_computed_paper

LINE_COUNTS = (4, 50)
REPETITIONS = 50
WRITERS: dict[Literal["ubl", "cii"], Callable[[PrintModel], bytes]] = {
    "ubl": ubl.write,
    "cii": cii.write,
}


async def measure(_: Platform) -> dict[str, list[dict[str, Any]]]:
    """One document at a time, as each service process does it; medians in milliseconds."""
    validation, rows = ValidationProcess(), []
    for syntax in WRITERS:
        started = time.perf_counter()
        await validation.prepare(syntax)
        prepared_ms = _ms(started)
        rows += [await _row(validation, syntax, count, prepared_ms) for count in LINE_COUNTS]
    await validation.close()
    return {"e-invoices written, and validated by XSD, EN 16931 and Peppol or Factur-X rules": rows}


async def _row(
    validation: ValidationProcess, syntax: Literal["ubl", "cii"], line_count: int, prepared_ms: float
) -> dict[str, Any]:
    document = a_computed_paper(*[{}] * line_count)
    write = WRITERS[syntax]
    content = write(document)
    assert [found for found in await validation.findings(content, syntax) if found.severity == "fatal"] == []
    writing, validating = [], []
    for _ in range(REPETITIONS):
        started = time.perf_counter()
        content = write(document)
        writing.append(_ms(started))
        started = time.perf_counter()
        await validation.findings(content, syntax)
        validating.append(_ms(started))
    write_ms, validate_ms = statistics.median(writing), statistics.median(validating)
    return {
        "syntax": syntax,
        "lines": line_count,
        "kilobytes": round(len(content) / 1000, 1),
        "write_ms": round(write_ms, 2),
        "validate_ms": round(validate_ms, 2),
        "both_ms": round(write_ms + validate_ms, 2),
        "rules_compiled_once_ms": round(prepared_ms),
    }


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
