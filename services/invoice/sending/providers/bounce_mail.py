"""Bounce mails: delivery status notifications (RFC 3464) as mail servers send them back to the sender."""

import hashlib
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any

from services.invoice.sending.domain.delivery_report import (
    MAX_REPORTS,
    DeliveryReport,
    ReportedState,
    ReportUnreadable,
    delivery_id_of,
)

MAX_BYTES = 512 * 1024
MAX_PARTS = 200
MAX_WORDS = 500
# RFC 3463: of these, the mailbox is full or takes no such mail now; the address is right.
_RIGHT_ADDRESS = frozenset({"5.2.2", "5.2.3"})
_ACTIONS = {"delivered": ReportedState.DELIVERED, "delayed": ReportedState.DELAYED}


def read_bounce(content: bytes, content_type: str) -> list[DeliveryReport]:
    """What the mail reports, by recipient; raises ReportUnreadable.

    `content` is the whole mail (`message/rfc822`), or the parts of a `multipart/report` whose boundary is in
    `content_type`.
    """
    if len(content) > MAX_BYTES:
        raise ReportUnreadable(f"A report has at most {MAX_BYTES} bytes.")
    parts = _parts(_parse_mail(content, content_type))
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    blocks = status.get_payload() if status is not None else None
    if not isinstance(blocks, list) or len(blocks) < 2:
        raise ReportUnreadable("The mail has no part of the type message/delivery-status.")
    message_id = _message_id(parts)
    digest = hashlib.sha256(content).hexdigest()
    reports = (
        _report(block, message_id, f"{digest}:{place}")
        for place, block in enumerate(blocks[1 : MAX_REPORTS + 1])
    )
    return [report for report in reports if report]


def _parse_mail(content: bytes, content_type: str) -> Message:
    main = content_type.partition(";")[0].strip().lower()
    if main.startswith("multipart/"):
        kind = content_type.encode("ascii", "replace").replace(b"\r", b"").replace(b"\n", b"")
        content = b"MIME-Version: 1.0\r\nContent-Type: " + kind + b"\r\n\r\n" + content
    elif main not in ("message/rfc822", "message/global"):
        raise ReportUnreadable("Send the mail as message/rfc822, or its parts as multipart/report.")
    try:
        return message_from_bytes(content, policy=compat32)
    except (RecursionError, ValueError, LookupError, TypeError) as error:
        raise ReportUnreadable("The mail cannot be read.") from error


def _parts(mail: Message) -> list[Message]:
    """The mail's parts from outside in; those of the mail that came back are looked into, too."""
    parts: list[Message] = []
    waiting = [mail]
    while waiting:
        part = waiting.pop(0)
        parts.append(part)
        if len(parts) > MAX_PARTS:
            raise ReportUnreadable(f"The mail has more than {MAX_PARTS} parts.")
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_type() != "message/delivery-status":
            waiting += [inner_part for inner_part in inner if isinstance(inner_part, Message)]
    return parts


def _message_id(parts: list[Message]) -> str | None:
    """The id of the mail that came back: in its own head, else where the report refers to it."""
    for part in parts[1:]:
        if found := _field(_head_of(part), "message-id"):
            return found
    first = parts[0]
    references = (_field(first, "in-reply-to") or _field(first, "references") or "").split()
    return references[0] if references else None


def _head_of(part: Message) -> Message:
    if part.get_content_type() not in ("text/rfc822-headers", "message/rfc822-headers"):
        return part
    head = part.get_payload(decode=True)
    return message_from_bytes(head if isinstance(head, bytes) else b"", policy=compat32)


def _report(block: Any, message_id: str | None, identity: str) -> DeliveryReport | None:
    if not isinstance(block, Message):
        return None
    status = (_field(block, "status") or "").split(" ")[0]
    state = _state((_field(block, "action") or "").lower(), status)
    if state is None:
        return None
    original, final = _address(block, "original-recipient"), _address(block, "final-recipient")
    delivery_id = delivery_id_of(message_id) if message_id else None
    return DeliveryReport(
        state=state,
        words=_words(block, status),
        identity=identity,
        delivery_id=delivery_id,
        # A mail that is passed on ends at an address that we never heard of.
        recipient=original or (None if delivery_id else final),
    )


def _state(action: str, status: str) -> ReportedState | None:
    if action in _ACTIONS:
        return _ACTIONS[action]
    if action != "failed":
        # Relayed or expanded: it went on to where nobody reports.
        return None
    kind = status.split(".")
    if kind[0] != "5" or status in _RIGHT_ADDRESS:
        return ReportedState.FAILED
    return ReportedState.BOUNCED if len(kind) < 3 or kind[1] in ("0", "1", "2") else ReportedState.FAILED


def _words(block: Message, status: str) -> str:
    said = _field(block, "diagnostic-code") or ""
    _, mark, text = said.partition(";")
    words = " ".join((text if mark else said).split()) or status or "no reason given"
    return words[:MAX_WORDS]


def _address(block: Message, name: str) -> str | None:
    """The address of a field such as `rfc822; anna@example.com`."""
    said = _field(block, name) or ""
    address = said.rpartition(";")[2].strip().strip("<>")
    return address if "@" in address and len(address) <= 254 else None


def _field(part: Message, name: str) -> str | None:
    """A field's text; bytes outside ASCII come as a header of an unknown charset, whose text is replaced."""
    values: Iterator[Any] = iter(part.get_all(name) or ())
    value = next(values, None)
    if value is None:
        return None
    text = str(value).encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else " " for letter in text).strip() or None
