"""Payment methods that a body names: the payment service, which owns them, is asked whose they are."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from starlette.requests import Request

from shared.http.client import ServiceClient
from shared.http.internal_auth import InternalTokens, current_principal
from shared.kernel.errors import BillingError, Invalid, NotFound, Unavailable

SCOPES = frozenset({"payments:read"})
FIELD = "payment_method_id"


class PaymentMethodDeleted(Invalid):
    """The payment method was deleted."""

    code = "payment_method_deleted"


class PaymentMethodOfAnotherContact(Invalid):
    """The payment method belongs to another contact."""

    code = "payment_method_of_another_contact"


@dataclass(frozen=True, slots=True)
class NamedMethod:
    """A method as its owner shows it; without a contact it is the workspace's own and serves everybody."""

    id: UUID
    contact_id: UUID | None
    is_deleted: bool


Named = Mapping[UUID, NamedMethod | None]
"""The methods that a body names; None where the workspace has none with this id."""


async def named(request: Request, ids: Iterable[UUID | None]) -> Named:
    """Ask for each of these methods once, before a transaction opens; raises Unavailable."""
    wanted = list({id_ for id_ in ids if id_})
    if not wanted:
        return {}
    tokens: InternalTokens = request.app.state.tokens
    client: ServiceClient = request.app.state.payment_service
    token = tokens.sign(replace(await current_principal(request), scopes=SCOPES))
    return dict(zip(wanted, await asyncio.gather(*(_ask(client, token, id_) for id_ in wanted)), strict=True))


def refusal(
    found: Named, method_id: UUID | None, contact_id: UUID, field: str = FIELD
) -> BillingError | None:
    """Why this contact's invoices cannot be collected from the method; None where they can.

    A method that was not asked for is none that the body names.
    """
    if method_id is None or method_id not in found:
        return None
    method = found[method_id]
    if method is None:
        return NotFound(f"There is no payment method {method_id} in this workspace.", field=field)
    if method.is_deleted:
        return PaymentMethodDeleted(field=field)
    if method.contact_id not in (None, contact_id):
        return PaymentMethodOfAnotherContact(field=field)
    return None


def require(found: Named, method_id: UUID | None, contact_id: UUID) -> None:
    """Raise the refusal, if there is one: NotFound or Invalid, naming the field."""
    error = refusal(found, method_id, contact_id)
    if error:
        raise error


async def _ask(client: ServiceClient, token: str, method_id: UUID) -> NamedMethod | None:
    try:
        told = await client.get(f"/v1/payment-methods/{method_id}", token)
        contact_id = told["contact_id"]
        return NamedMethod(method_id, UUID(contact_id) if contact_id else None, bool(told["deleted_at"]))
    except NotFound:
        return None
    except (ValueError, LookupError, TypeError) as error:
        raise Unavailable("The payment service's answer cannot be read.", retry_after_seconds=5) from error
