"""`make rules`: takes the rules of e-invoices from the validators' locked jars into the invoice service.

The jars carry Schematron that is compiled to XSLT, which needs no Java to run. Each sheet is kept byte for
byte but compressed, what a sheet reads as it is; `rules.json` says of each where it is from, its version and
its SHA-256. For newer rules change the versions in `pom.xml` and below, then `python -m
deploy.validation.validators` and `make rules`.
"""

import hashlib
import json
import lzma
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.console import Console
from deploy.local.paths import REPOSITORY
from deploy.validation.validators import VALIDATORS
from services.invoice.e_invoices.validation.rule_sets import PACKED
from services.invoice.e_invoices.validation.rule_sets import content as kept

TARGET = REPOSITORY / "services" / "invoice" / "static" / "rules"
PEPPOL, EN_16931, FACTUR_X = "2026.5", "1.3.16", "1.0.8"
LICENCES = ("LICENSE", "NOTICE")
_ZUGFERD = "external/schematron/2.4/FACTUR-X_EN16931"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a jar; what a sheet reads besides itself keeps its name."""

    name: str
    version: str
    artifact: str
    path: str


PARTS = (
    Part(
        "en16931-ubl.xslt",
        EN_16931,
        "phive-rules-en16931",
        f"external/schematron/{EN_16931}/ubl/EN16931-UBL-validation.xslt",
    ),
    Part(
        "en16931-cii.xslt",
        EN_16931,
        "phive-rules-en16931",
        f"external/schematron/{EN_16931}/cii/EN16931-CII-validation.xslt",
    ),
    Part(
        "peppol-ubl.xslt",
        PEPPOL,
        "phive-rules-peppol",
        f"external/schematron/openpeppol/{PEPPOL}/xslt/PEPPOL-EN16931-UBL.xslt",
    ),
    Part("facturx-en16931.xslt", FACTUR_X, "phive-rules-zugferd", f"{_ZUGFERD}.xslt"),
    Part("FACTUR-X_EN16931_codedb.xml", FACTUR_X, "phive-rules-zugferd", f"{_ZUGFERD}_codedb.xml"),
)


def write(target: Path = TARGET) -> list[str]:
    """Write the rules anew; returns the names of the files."""
    jars = {path.parent.parent.name: path for path in VALIDATORS.jars()}
    target.mkdir(parents=True, exist_ok=True)
    told = {}
    for part in PARTS:
        jar = jars[part.artifact]
        with zipfile.ZipFile(jar) as opened:
            content = opened.read(part.path)
        _keep(target, part.name, content)
        told[part.name] = {
            "version": part.version,
            "sha256": hashlib.sha256(content).hexdigest(),
            "jar": jar.name,
            "path": part.path,
        }
    with zipfile.ZipFile(jars["phive-rules-peppol"]) as opened:
        for name in LICENCES:
            (target / name).write_bytes(opened.read(name))
    (target / "rules.json").write_text(json.dumps(told, indent=2) + "\n")
    return [*told, *LICENCES, "rules.json"]


def _keep(target: Path, name: str, content: bytes) -> None:
    if not name.endswith(".xslt"):
        (target / name).write_bytes(content)
        return
    path = target / f"{name}{PACKED}"
    # Other libraries compress the same to other bytes.
    if not path.exists() or kept(path) != content:
        path.write_bytes(lzma.compress(content, preset=9))


if __name__ == "__main__":
    with Console().working("rules", "from their jars"):
        names = write()
    print(*names, sep="\n")
