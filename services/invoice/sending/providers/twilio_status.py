"""Twilio's status callbacks: what became of a text message."""

from collections.abc import Mapping
from urllib.parse import parse_qsl
from uuid import UUID

from services.invoice.sending.domain.delivery_report import DeliveryReport, ReportedState, ReportUnreadable

MAX_FIELDS = 100
# Twilio's codes of a number that is not there: unreachable, unknown, a landline, blocked, opted out.
_BAD_NUMBER = frozenset({"30003", "30004", "30005", "30006", "21211", "21610", "21612", "21614"})


def parse_form(content: bytes) -> list[tuple[str, str]]:
    """The form's fields in their order; raises ReportUnreadable."""
    try:
        return parse_qsl(content.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise ReportUnreadable("The body is not a form.") from error


def read_status(form: Mapping[str, str], delivery_id: UUID | None) -> list[DeliveryReport]:
    """What the callback reports; nothing while the message is still on its way. Raises ReportUnreadable."""
    sid, status = (
        form.get("MessageSid") or form.get("SmsSid"),
        form.get("MessageStatus") or form.get("SmsStatus"),
    )
    if not sid or not status:
        raise ReportUnreadable("A callback has a MessageSid and a MessageStatus.")
    code = form.get("ErrorCode", "")
    if status == "delivered":
        state, words = ReportedState.DELIVERED, "delivered"
    elif status in ("undelivered", "failed"):
        state = ReportedState.BOUNCED if code in _BAD_NUMBER else ReportedState.FAILED
        words = " ".join(filter(None, (status, code, form.get("ErrorMessage", ""))))
    else:
        return []
    # By the message's own id: a retry has another, so what is told of an older one is not believed of it.
    return [DeliveryReport(state, words[:500], f"twilio:{sid}:{status}", delivery_id, sid)]
