"""Which rules e-invoices are validated by, in which version, and how long these are in force.

They lie in `static/rules` (`make rules` takes them from where they are published), the sheets compressed, or
in a folder (EINVOICE_RULES_DIR) that holds newer ones: a sheet there, such as `peppol-ubl.xslt`, replaces
ours, and its `VERSION` says what they are.
"""

import hashlib
import json
import lzma
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Syntax = Literal["ubl", "cii"]
BUNDLED = Path(__file__).parents[2] / "static" / "rules"
PACKED = ".xz"
RULES: Mapping[Syntax, tuple[str, ...]] = {
    "ubl": ("en16931-ubl", "peppol-ubl"),
    "cii": ("en16931-cii", "facturx-en16931"),
}
# OpenPeppol releases in May and November; each is compulsory from the third week of August and of February.
_SUPERSEDED = {5: (2, 15), 11: (8, 15)}
_PEPPOL_RELEASE = re.compile(r"(?P<year>20\d\d)\.(?P<month>5|05|11)\b")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The sheets of one syntax by name; `label` names each with its version and the start of its hash."""

    sheets: Mapping[str, Path]
    label: str


def content(file: Path) -> bytes:
    """The bytes of a sheet, or of a file that it reads, as they were published."""
    return lzma.decompress(file.read_bytes()) if file.suffix == PACKED else file.read_bytes()


def path_within(package: str, path: str) -> Path:
    """A file of an installed package."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / path


@cache
def rule_set(syntax: Syntax, rules_dir: Path | None = None) -> RuleSet:
    """The rules that are in force in this process; reads each sheet once."""
    sheets = {name: _sheet(name, rules_dir) for name in RULES[syntax]}
    label = "; ".join(f"{name} {said} {_digest(path)}" for name, (path, said) in sheets.items())
    return RuleSet({name: path for name, (path, _) in sheets.items()}, label)


def superseded_on(rules_dir: Path | None = None) -> date | None:
    """When newer Peppol rules are surely compulsory; None for a release that is not named by its month."""
    _, said = _sheet("peppol-ubl", rules_dir)
    return end_of(said)


def end_of(release: str) -> date | None:
    """When the release of Peppol's rules after this one (`2026.5`) is compulsory: OpenPeppol's calendar."""
    release_month = _PEPPOL_RELEASE.search(release)
    if release_month is None:
        return None
    return date(int(release_month["year"]) + 1, *_SUPERSEDED[int(release_month["month"])])


@cache
def bundled() -> Mapping[str, Mapping[str, str]]:
    """What `static/rules` holds: each file with its version, where it is from and its SHA-256 there."""
    files: Mapping[str, Mapping[str, str]] = json.loads((BUNDLED / "rules.json").read_text())
    return files


def _sheet(name: str, rules_dir: Path | None) -> tuple[Path, str]:
    if rules_dir:
        for path in (rules_dir / f"{name}.xslt", rules_dir / f"{name}.xsl"):
            if path.is_file():
                stated = rules_dir / "VERSION"
                return path, stated.read_text().strip() if stated.is_file() else rules_dir.name
    file = f"{name}.xslt"
    return BUNDLED / f"{file}{PACKED}", bundled()[file]["version"]


def _digest(path: Path) -> str:
    return hashlib.sha256(content(path)).hexdigest()[:12]
