"""Webhooks of mail providers about what became of mails: each provider is a table of where it says what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from services.invoice.sending.domain.delivery_report import (
    MAX_REPORTS,
    DeliveryReport,
    ReportedState,
    ReportUnreadable,
    delivery_id_of,
)
from shared.kernel.json import JsonMapping, JsonObject

MAX_WORDS = 500
Path = tuple[str | int, ...]
Words = Mapping[str, ReportedState]


@dataclass(frozen=True, slots=True)
class EventFormat:
    """Where one kind of event says what: the word that decides, and the paths of everything else."""

    states: Words
    word: Path
    identity: Sequence[Path]
    words: Sequence[Path]
    message_ids: Sequence[Path] = ()
    recipient: Path = ()
    # Several recipients in one event, each with its own address and words.
    recipients: Path = ()
    otherwise: ReportedState | None = None


@dataclass(frozen=True, slots=True)
class ProviderFormat:
    """A provider: the word that names the kind of event, and what each kind tells."""

    kind: Sequence[Path]
    told: Mapping[str, EventFormat]


_POSTMARK_IDS = (("Metadata", "delivery"), ("MessageID",))
_POSTMARK = ProviderFormat(
    kind=(("RecordType",),),
    told={
        "Bounce": EventFormat(
            states={
                "HardBounce": ReportedState.BOUNCED,
                "BadEmailAddress": ReportedState.BOUNCED,
                "ManuallyDeactivated": ReportedState.BOUNCED,
                "Transient": ReportedState.DELAYED,
                "DnsError": ReportedState.DELAYED,
                # What a person or a machine wrote back is no bounce.
                "AutoResponder": ReportedState.DELIVERED,
                "AddressChange": ReportedState.DELIVERED,
            },
            word=("Type",),
            identity=(("ID",), ("BouncedAt",)),
            words=(("Details",), ("Description",), ("Type",)),
            message_ids=_POSTMARK_IDS,
            recipient=("Email",),
            otherwise=ReportedState.FAILED,
        ),
        "Delivery": EventFormat(
            states={"Delivery": ReportedState.DELIVERED},
            word=("RecordType",),
            identity=(("MessageID",), ("DeliveredAt",)),
            words=(("Details",),),
            message_ids=_POSTMARK_IDS,
            recipient=("Recipient",),
        ),
    },
)
_SES_IDS = (("mail", "commonHeaders", "messageId"),)
_SES = ProviderFormat(
    # Notifications of an identity have the first, events of a configuration set the second.
    kind=(("notificationType",), ("eventType",)),
    told={
        "Bounce": EventFormat(
            states={
                "Permanent": ReportedState.BOUNCED,
                "Transient": ReportedState.FAILED,
                "Undetermined": ReportedState.FAILED,
            },
            word=("bounce", "bounceType"),
            identity=(("bounce", "feedbackId"),),
            words=(("diagnosticCode",), ("status",), ("bounce", "bounceSubType")),
            message_ids=_SES_IDS,
            recipients=("bounce", "bouncedRecipients"),
            recipient=("emailAddress",),
        ),
        "Delivery": EventFormat(
            states={"": ReportedState.DELIVERED},
            word=(),
            identity=(("mail", "messageId"), ("delivery", "timestamp")),
            words=(("delivery", "smtpResponse"),),
            message_ids=_SES_IDS,
            recipients=("delivery", "recipients"),
        ),
        "DeliveryDelay": EventFormat(
            states={"": ReportedState.DELAYED},
            word=(),
            identity=(("mail", "messageId"), ("deliveryDelay", "timestamp")),
            words=(("diagnosticCode",), ("deliveryDelay", "delayType")),
            message_ids=_SES_IDS,
            recipients=("deliveryDelay", "delayedRecipients"),
            recipient=("emailAddress",),
        ),
        "Reject": EventFormat(
            states={"": ReportedState.FAILED},
            word=(),
            identity=(("mail", "messageId"),),
            words=(("reject", "reason"),),
            message_ids=_SES_IDS,
            recipient=("mail", "destination", 0),
        ),
    },
)
_MAILGUN_IDS = (("message", "headers", "message-id"),)
_MAILGUN_WORDS = (("delivery-status", "message"), ("delivery-status", "description"), ("reason",))
_MAILGUN = ProviderFormat(
    kind=(("event",),),
    told={
        "delivered": EventFormat(
            states={"delivered": ReportedState.DELIVERED},
            word=("event",),
            identity=(("id",),),
            words=_MAILGUN_WORDS,
            message_ids=_MAILGUN_IDS,
            recipient=("recipient",),
        ),
        "failed": EventFormat(
            states={"permanent": ReportedState.BOUNCED, "temporary": ReportedState.DELAYED},
            word=("severity",),
            identity=(("id",),),
            words=_MAILGUN_WORDS,
            message_ids=_MAILGUN_IDS,
            recipient=("recipient",),
        ),
        "rejected": EventFormat(
            states={"rejected": ReportedState.FAILED},
            word=("event",),
            identity=(("id",),),
            words=(("reject", "reason"), ("reject", "description")),
            message_ids=_MAILGUN_IDS,
            recipient=("recipient",),
        ),
    },
)
PROVIDERS: Mapping[str, ProviderFormat] = {"postmark": _POSTMARK, "ses": _SES, "mailgun": _MAILGUN}


def read_event(name: str, event: JsonMapping) -> list[DeliveryReport]:
    """What an event of this provider reports; nothing for kinds that tell of no end, such as `opened`.

    Raises ReportUnreadable for what this provider never sends.
    """
    provider = PROVIDERS[name]
    kind = _first(event, provider.kind)
    if kind is None:
        raise ReportUnreadable("The event does not say of which kind it is.")
    told = provider.told.get(kind)
    if told is None:
        return []
    state = told.states.get(_first(event, [told.word]) or "", told.otherwise)
    if state is None:
        return []
    identity = [_first(event, [path]) or "" for path in told.identity]
    if not any(identity):
        raise ReportUnreadable("The event has nothing that tells it from others.")
    message_id = _first(event, told.message_ids)
    delivery_id = delivery_id_of(message_id) if message_id else None
    return [
        DeliveryReport(
            state=state,
            words=(_first(each, told.words) or _first(event, told.words) or kind)[:MAX_WORDS],
            identity=":".join((name, kind, *identity, recipient or "")),
            delivery_id=delivery_id,
            recipient=recipient,
        )
        for each, recipient in _recipients(event, told)
    ]


def parse_object(content: bytes | str) -> JsonObject:
    """The JSON object in a webhook's body; raises ReportUnreadable."""
    try:
        parsed = from_json(content)
    except ValueError as error:
        raise ReportUnreadable("The body is not JSON.") from error
    if not isinstance(parsed, dict):
        raise ReportUnreadable("The body is not an object.")
    return parsed


def _recipients(event: JsonMapping, told: EventFormat) -> list[tuple[Any, str | None]]:
    if not told.recipients:
        return [(event, _address(event, told.recipient))]
    recipients = _value_at(event, told.recipients)
    if not isinstance(recipients, list) or not recipients:
        raise ReportUnreadable("The event names no recipients.")
    return [(each, _address(each, told.recipient)) for each in recipients[:MAX_REPORTS]]


def _address(event: Any, path: Path) -> str | None:
    address = _value_at(event, path)
    return address if isinstance(address, str) and "@" in address and len(address) <= 254 else None


def _first(event: Any, paths: Sequence[Path]) -> str | None:
    """The first of these places that holds a word or a number, as one line of text."""
    for path in paths:
        value = _value_at(event, path)
        if path and isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return _line(str(value)[: 4 * MAX_WORDS])
    return None


def _value_at(event: Any, path: Path) -> Any:
    for step in path:
        get: Callable[[Any], Any] = event.get if isinstance(event, dict) else _item(event)
        event = get(step)
    return event


def _item(found: Any) -> Callable[[Any], Any]:
    def get(place: Any) -> Any:
        is_there = isinstance(found, list) and isinstance(place, int) and place < len(found)
        return found[place] if is_there else None

    return get


def _line(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in clean).split())
