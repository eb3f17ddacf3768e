"""Invoice numbers: `{prefix}{year}-{seq}`, counted by series and year without a gap."""

from dataclasses import dataclass

DEFAULT_SERIES = "invoices"


@dataclass(frozen=True, slots=True)
class Format:
    """How a number is written: INV-2026-00042."""

    prefix: str = "INV-"
    digits: int = 5


def write(form: Format, year: int, sequence: int) -> str:
    """The number for the `sequence`th invoice of the year."""
    return f"{form.prefix}{year}-{sequence:0{form.digits}d}"
