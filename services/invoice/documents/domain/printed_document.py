"""What was printed of issued documents: bytes are known by the SHA-256 of the content they were made of."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.invoice.documents.domain.print_model import PrintModel
from shared.events.e_invoice import EInvoiceFinding

_MODEL = TypeAdapter(PrintModel)


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


def content_sha256(model: PrintModel) -> str:
    """The hash of everything that the model says, whatever it looks like; what is absent does not count."""
    content = _MODEL.dump_python(model, mode="json", exclude_defaults=True, exclude_none=True)
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def as_printed_by_first_template(model: PrintModel) -> PrintModel:
    """What the first template was given of the document: it knew neither of these."""
    due_minor = model.total_minor if model.kind == "invoice" else model.due_minor
    return replace(model, due_minor=due_minor, **_SINCE_THE_FIRST)


_SINCE_THE_FIRST: dict[str, Any] = {
    "paid_minor": 0,
    "discount": None,
    "is_collected": False,
    "pay_url": None,
}


def is_kept(model: PrintModel) -> bool:
    """Whether its bytes are kept: those of a document that was issued, as it was issued."""
    return model.kind != "quote" and not model.is_draft and not model.is_current
