"""Documents as they were printed: an issued one keeps its bytes, by the hash of what it says."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.invoice.documents.domain.paper import Paper
from services.invoice.e_invoices.domain.facts import EInvoiceFinding

_PAPER = TypeAdapter(Paper)


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """One content of an issued document, and the bytes that it was given out as, by their SHA-256."""

    workspace_id: UUID
    kind: str
    document_id: UUID
    content_sha256: str
    sha256: str
    template_version: int
    is_archival: bool
    is_factur_x: bool
    printed_at: datetime
    # What it carries as Factur-X; of documents that were printed before it was kept, it is made again.
    data: bytes | None = None
    rule_set: str | None = None
    findings: tuple[EInvoiceFinding, ...] = ()


def content_sha256(paper: Paper) -> str:
    """The hash of everything that the paper says, whatever it looks like; what is absent does not count."""
    said = _PAPER.dump_python(paper, mode="json", exclude_defaults=True, exclude_none=True)
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def as_first_template(paper: Paper) -> Paper:
    """What the first template was given of the document: it knew neither of these."""
    due_minor = paper.total_minor if paper.kind == "invoice" else paper.due_minor
    return replace(paper, due_minor=due_minor, **_SINCE_THE_FIRST)


_SINCE_THE_FIRST: dict[str, Any] = {
    "paid_minor": 0,
    "discount": None,
    "is_collected": False,
    "pay_url": None,
}


def is_fixed(paper: Paper) -> bool:
    """Whether its bytes are kept: those of a document that was issued, as it was issued."""
    return paper.kind != "quote" and not paper.is_draft and not paper.is_current
