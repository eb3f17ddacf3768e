"""Gathers what the services know of a subject: all parts at once, three seconds each, as its reader."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote, urlencode
from uuid import UUID

from services.gateway.canonical.api import routes as canonical
from services.gateway.canonical.api import timeline
from services.gateway.edge.authentication import Caller
from services.gateway.edge.gateway import Gateway
from services.gateway.explanations.domain.snapshot import Snapshot
from shared.http.client import Answer
from shared.kernel.errors import BillingError, Forbidden, NotFound, Unavailable
from shared.kernel.json import Json, JsonMapping, JsonObject

PART_SECONDS = 3.0
LIMIT = 50
_WEBHOOK_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Explained:
    """What is explained."""

    type: str
    id: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """A part that nobody could tell of, and why: `timeout`, `unavailable` or `forbidden`."""

    part: str
    service: str
    reason: str
    detail: str


@dataclass(slots=True)
class Gathered:
    """The subject with all that was told of it."""

    subject: Explained
    known: Snapshot
    timeline: list[JsonObject] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)


@dataclass(slots=True)
class Asking:
    """One explanation's questions, as its caller."""

    gateway: Gateway
    caller: Caller
    lacks: list[Lack] = field(default_factory=list)

    async def answer(self, path: str) -> Answer:
        """What the owner answers to a GET of this path, in time; raises Unavailable."""
        try:
            async with asyncio.timeout(PART_SECONDS):
                return await canonical.ask(self.gateway, self.caller, "GET", path, {})
        except TimeoutError as error:
            raise Unavailable(f"No answer within {PART_SECONDS:.0f} seconds.") from error

    async def part(self, name: str, path: str) -> Json:
        """The value at this path; None where there is none, or where it is noted as lacking."""
        return await self.noting(name, path, lambda: self.answer(path))

    async def rows(self, name: str, resource: str, **query: object) -> Json:
        """The rows of a list, or None likewise."""
        said = await self.part(name, f"/v1/{resource}?{urlencode({'limit': LIMIT, **query})}")
        return said["data"] if said else None

    async def noting(self, name: str, path: str, ask: Callable[[], Awaitable[Answer]]) -> Json:
        """The answer's value; what refused or failed is noted by the part's name."""
        resource = canonical.resource_of(path.partition("?")[0])
        service = resource.service if resource else "gateway"
        try:
            answer = await ask()
        except BillingError as error:
            reason = "timeout" if "within" in error.detail else "unavailable"
            self.lacks.append(Lack(name, service, reason, error.detail))
            return None
        if answer.is_success:
            return answer.json()
        if answer.status != HTTPStatus.NOT_FOUND:
            reason = "forbidden" if answer.status == HTTPStatus.FORBIDDEN else "unavailable"
            self.lacks.append(Lack(name, service, reason, _detail(answer)))
        return None


async def gather(gateway: Gateway, caller: Caller, name: str) -> Gathered:
    """What is known of the subject of this name; raises NotFound, Forbidden or Unavailable without it."""
    asking = Asking(gateway, caller)
    clock = caller.principal.clock
    empty = Snapshot(now=clock.now(), real_now=datetime.now(UTC), zone=clock.zone)
    kind, found = await find(asking, name)
    match kind:
        case "invoice":
            return await _of_invoice(asking, empty, found)
        case "credit_note":
            invoice = await _only(asking, f"/v1/invoices/{found['invoice_id']}", name)
            gathered = await _of_invoice(asking, empty, invoice)
            gathered.subject = Explained("credit_note", found["id"], found["number"])
            return gathered
        case "payment":
            return await _of_payment(asking, empty, found)
        case "subscription":
            return await _of_subscription(asking, empty, found)
        case _:
            return await _of_message(asking, empty, found)


async def find(asking: Asking, name: str) -> tuple[str, JsonMapping]:
    """What has this id or number, and its kind; raises NotFound, Forbidden or Unavailable."""
    if name.startswith("msg_"):
        return "message", await _only(asking, f"/v1/messages/{quote(name, safe='')}", name)
    try:
        id_ = UUID(name)
    except ValueError:
        return await _numbered(asking, name)
    paths = {
        "invoice": f"/v1/invoices/{id_}",
        "payment": f"/v1/payments/{id_}",
        "subscription": f"/v1/subscriptions/{id_}",
        "credit_note": f"/v1/credit-notes/{id_}",
        "message": f"/v1/messages/{id_}",
        "delivery": f"/v1/deliveries/{id_}",
    }
    answers = await asyncio.gather(*map(asking.answer, paths.values()), return_exceptions=True)
    for kind, answer in zip(paths, answers, strict=True):
        if isinstance(answer, Answer) and answer.is_success:
            found: JsonObject = answer.json()
            if kind == "delivery":
                return "message", await _only(asking, f"/v1/messages/{found['message_id']}", name)
            return kind, found
    raise _refusal(answers, name)


async def _numbered(asking: Asking, number: str) -> tuple[str, JsonMapping]:
    query = urlencode({"number": number, "limit": 1})
    notes = urlencode({"q": number, "limit": LIMIT})
    answers = await asyncio.gather(
        asking.answer(f"/v1/invoices?{query}"),
        asking.answer(f"/v1/credit-notes?{notes}"),
        return_exceptions=True,
    )
    for kind, answer in zip(("invoice", "credit_note"), answers, strict=True):
        if isinstance(answer, Answer) and answer.is_success:
            same = [row for row in answer.json()["data"] if row["number"] == number]
            if same:
                return kind, same[0]
    raise _refusal(answers, number)


async def _only(asking: Asking, path: str, name: str) -> JsonMapping:
    answer = await asking.answer(path)
    if not answer.is_success:
        raise _refusal([answer], name)
    found: JsonObject = answer.json()
    return found


def _refusal(answers: Sequence[Answer | BaseException], name: str) -> BaseException:
    """Why nothing was found: an error of ours, a scope that lacks, or that there is nothing."""
    for answer in answers:
        if isinstance(answer, BaseException):
            return answer
    for answer in answers:
        if isinstance(answer, Answer) and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unavailable(_detail(answer), retry_after_seconds=1)
    if all(isinstance(answer, Answer) and answer.status == HTTPStatus.FORBIDDEN for answer in answers):
        return Forbidden("The credential may read nothing that could have this name.")
    return NotFound(f"There is nothing named {name} in this workspace that can be explained.")


async def _of_invoice(asking: Asking, empty: Snapshot, invoice: JsonMapping) -> Gathered:
    id_, contact_id = invoice["id"], invoice["contact_id"]
    path, subscription_id = f"/v1/invoices/{id_}", invoice.get("subscription_id")
    known, events = await asyncio.gather(
        _parts(
            asking,
            replace(empty, invoice=invoice),
            contact=asking.part("contact", f"/v1/contacts/{contact_id}"),
            receivable=asking.noting("receivable", "/v1/receivables", lambda: _receivable(asking, id_)),
            payments=asking.rows("payments", "payments", invoice_id=id_),
            credit_balances=asking.rows("credit_balances", "credit-balances", contact_id=contact_id),
            payment_methods=asking.rows("payment_methods", "payment-methods", contact_id=contact_id),
            credit_notes=asking.rows("credit_notes", f"invoices/{id_}/credit-notes"),
            bank_lines=asking.rows("bank_lines", "bank-lines", state="proposed"),
            deliveries=asking.rows("deliveries", f"invoices/{id_}/deliveries"),
            reminders=asking.part("reminders", f"{path}/reminders"),
            e_invoices=asking.rows("e_invoices", "e-invoices", invoice_id=id_),
            dunning=asking.rows("dunning", "dunning", invoice_id=id_),
            subscription=_subscription(asking, subscription_id),
            webhooks=asking.rows("webhooks", "deliveries", subject=id_, limit=_WEBHOOK_LIMIT),
            endpoints=asking.rows("endpoints", "webhook-endpoints"),
        ),
        _events(asking, id_),
    )
    if known.receivable == {}:
        known = replace(known, receivable=None, knows_receivable=False)
    return Gathered(Explained("invoice", id_, invoice["number"]), known, events, asking.lacks)


async def _of_payment(asking: Asking, empty: Snapshot, payment: JsonMapping) -> Gathered:
    invoices = {one["invoice_id"] for one in payment["allocations"]} | {payment["invoice_id"]} - {None}
    subject = Explained("payment", payment["id"])
    if len(invoices - {None}) == 1:
        [invoice_id] = invoices - {None}
        invoice = await asking.part("invoice", f"/v1/invoices/{invoice_id}")
        if invoice:
            gathered = await _of_invoice(asking, empty, invoice)
            known = replace(gathered.known, payments=gathered.known.payments or [payment])
            return replace_subject(gathered, subject, known)
    known = await _parts(
        asking,
        replace(empty, payments=[payment]),
        contact=asking.part("contact", f"/v1/contacts/{payment['contact_id']}"),
        webhooks=asking.rows("webhooks", "deliveries", subject=payment["id"], limit=_WEBHOOK_LIMIT),
        endpoints=asking.rows("endpoints", "webhook-endpoints"),
    )
    return Gathered(subject, known, [], asking.lacks)


async def _of_subscription(asking: Asking, empty: Snapshot, subscription: JsonMapping) -> Gathered:
    id_ = subscription["id"]
    known = await _parts(
        asking,
        replace(empty, subscription=subscription),
        contact=asking.part("contact", f"/v1/contacts/{subscription['contact_id']}"),
        payment_methods=asking.rows(
            "payment_methods", "payment-methods", contact_id=subscription["contact_id"]
        ),
        dunning=asking.rows("dunning", "dunning", subscription_id=id_),
        waiting_billings=asking.rows("waiting_billings", "waiting-billings", subscription_id=id_),
        webhooks=asking.rows("webhooks", "deliveries", subject=id_, limit=_WEBHOOK_LIMIT),
        endpoints=asking.rows("endpoints", "webhook-endpoints"),
    )
    return Gathered(Explained("subscription", id_), known, [], asking.lacks)


async def _of_message(asking: Asking, empty: Snapshot, message: JsonMapping) -> Gathered:
    known = await _parts(
        asking,
        replace(empty, message=message),
        webhooks=asking.rows("webhooks", "deliveries", message_id=message["webhook_id"]),
        endpoints=asking.rows("endpoints", "webhook-endpoints"),
    )
    attempts = await asking.rows("timeline", f"messages/{message['id']}/attempts")
    return Gathered(
        Explained("message", message["webhook_id"]),
        known,
        [_attempt(one) for one in attempts or ()],
        asking.lacks,
    )


def replace_subject(gathered: Gathered, subject: Explained, known: Snapshot) -> Gathered:
    """The same of another subject."""
    return Gathered(subject, known, gathered.timeline, gathered.lacks)


async def _parts(asking: Asking, empty: Snapshot, **parts: Awaitable[Json]) -> Snapshot:
    return replace(empty, **dict(zip(parts, await asyncio.gather(*parts.values()), strict=True)))


async def _receivable(asking: Asking, invoice_id: str) -> Answer:
    answer = await asking.answer(f"/v1/receivables/{invoice_id}")
    # That there is none is a finding of its own.
    return replace(answer, status=200, body=b"{}") if answer.status == HTTPStatus.NOT_FOUND else answer


async def _subscription(asking: Asking, subscription_id: str | None) -> Json:
    if subscription_id is None:
        return None
    return await asking.part("subscription", f"/v1/subscriptions/{subscription_id}")


async def _events(asking: Asking, invoice_id: str) -> list[JsonObject]:
    path = f"/v1/invoices/{invoice_id}/events"

    async def with_webhooks() -> Answer:
        async with asyncio.timeout(PART_SECONDS):
            return await timeline.merged(
                asking.gateway, asking.caller, f"{path}?include=webhooks", invoice_id
            )

    if asking.caller.principal.may("webhooks:read"):
        try:
            answer = await with_webhooks()
            if answer.is_success:
                return [_entry(one) for one in answer.json()["data"]]
        except (BillingError, TimeoutError):
            pass
    said = await asking.part("timeline", path)
    return [_entry(one) for one in said["data"]] if said else []


def _entry(event: JsonMapping) -> JsonObject:
    """What happened, without what did not apply."""
    return {name: value for name, value in event.items() if value is not None}


def _attempt(attempt: JsonMapping) -> JsonObject:
    return {"type": "webhook.attempted", "occurred_at": attempt["at"], "webhook": dict(attempt)}


def _detail(answer: Answer) -> str:
    try:
        return str(answer.json()["detail"])
    except (BillingError, KeyError, TypeError):
        return f"The service answered {answer.status}."
