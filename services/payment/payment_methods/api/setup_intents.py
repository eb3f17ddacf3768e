"""HTTP in: setup intents, through which a payer lets a method be kept for later collections."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel, Field

from services.payment.common.api import WithTools
from services.payment.contacts import repository as contacts
from services.payment.payment_methods.operations import finish_setup
from services.payment.payment_methods.repository import setup_intents
from services.payment.payment_methods.repository.setup_intents import SetupIntent
from services.payment.payments.domain.registration import NotKnownHere
from services.payment.provider_connections import repository as provider_connections
from services.payment.providers.provider import (
    Method,
    Provider,
    ProviderAuth,
    ProviderError,
    ProviderRejected,
    SetupState,
)
from services.payment.receivables.api.ask_owner import AskingRoute
from services.payment.sandbox.providers.cards import CARDS
from services.payment.sandbox.providers.sandbox import SandboxProvider
from shared.events.fields import Instant
from shared.http.fields import Body
from shared.http.internal_auth import Who, require
from shared.http.sealed import Opening, Sealing
from shared.http.work import Work
from shared.kernel.errors import Conflict, Invalid, Unavailable
from shared.kernel.ids import new_id
from shared.postgres.transaction import Database


class SealedAskingRoute(Opening, AskingRoute, Sealing):
    """The payer's secret is stored encrypted for repetitions, and nowhere else."""


router = APIRouter(
    prefix="/v1/payment-methods/setup-intents", route_class=SealedAskingRoute, tags=["payment methods"]
)
WRITE, READ = require("payments:write"), require("payments:read")
TestCard = Literal[
    "success",
    "declined",
    "insufficient",
    "expired",
    "requires_action",
    "slow",
    "timeout_then_success",
    "timeout_then_declined",
    "processing",
    "flaky_500",
    "stored500_charged",
    "stored500_not_charged",
    "rate_limited",
    "disputed",
    "refund_fails",
]
assert set(TestCard.__args__) == set(CARDS)  # type: ignore[attr-defined]


class ProviderRefused(Conflict):
    """The payment provider refused the workspace's credentials or the request."""

    code = "provider_refused"


class NewSetupIntent(Body):
    """For whom a method is to be kept."""

    contact_id: UUID | None = Field(None, description="Without one the method belongs to the workspace.")
    test_card: TestCard | None = Field(
        None,
        description="Sandbox provider only: finish at once with the test card of this name. `disputed` is "
        "charged and then disputed by its bank; a refund to `refund_fails` succeeds and then fails.",
    )


class SetupIntentReply(BaseModel):
    """What the payer's form needs, and the method once there is one."""

    id: UUID
    created_at: Instant
    contact_id: UUID | None
    provider: str
    mode: str
    external_id: str
    status: Literal["open", "succeeded", "failed"]
    usage: Literal["off_session"] = "off_session"
    client_secret: str | None = None
    publishable_key: str | None = None
    payment_method_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ProviderSetup:
    """What the provider made, before our own transaction opens: none is open while it is asked."""

    provider: str
    mode: str
    customer: str
    state: SetupState
    method: Method | None
    publishable_key: str | None


async def begin_at_provider(
    body: NewSetupIntent, request: Request, who: Who, tools: WithTools
) -> ProviderSetup:
    """Ask the provider; a repetition with the same Idempotency-Key gets the same setup intent."""
    database: Database = request.app.state.database
    owner = body.contact_id or who.workspace_id
    async with database.transaction(who.workspace_id) as tx:
        if body.contact_id and not await contacts.is_known(tx, who.workspace_id, body.contact_id):
            raise NotKnownHere(contact_id=body.contact_id)
        name, mode = await tools.providers.choose(tx, who.workspace_id, who.mode == "live")
        provider = await tools.providers.get(tx, who.workspace_id, name, mode)
        customer = await provider_connections.customer(tx, who.workspace_id, name, mode, owner)
        connection = await provider_connections.of_mode(tx, who.workspace_id, name, mode)
    if body.test_card and not isinstance(provider, SandboxProvider):
        raise Invalid("Test cards are the sandbox provider's.", field="test_card")
    idempotency_key = request.headers.get("idempotency-key")
    key = f"si:{who.workspace_id}:{idempotency_key or new_id()}"
    try:
        if customer is None:
            customer = await provider.ensure_customer(str(owner), key=f"cus:{who.workspace_id}:{owner}")
            async with database.transaction(who.workspace_id) as tx:
                customer = await provider_connections.note_customer(
                    tx, who.workspace_id, name, mode, owner, reference=customer
                )
        state = await provider.create_setup_intent(customer, key=key)
        state, method = await _confirm(provider, state, body.test_card)
    except (ProviderAuth, ProviderRejected) as error:
        raise ProviderRefused(f"The payment provider refused: {error}") from error
    except ProviderError as error:
        raise Unavailable("The payment provider does not answer.", retry_after_seconds=5) from error
    return ProviderSetup(
        name, mode, customer, state, method, connection.publishable_key if connection else None
    )


async def _confirm(
    provider: Provider, state: SetupState, card: str | None
) -> tuple[SetupState, Method | None]:
    if card is None or not isinstance(provider, SandboxProvider):
        return state, None
    done = await provider.confirm_setup_intent(state.reference, card)
    return done, await provider.get_method(done.method_id or "")


# Before Work among the arguments, so that the provider is asked before the request's transaction opens.
AtProvider = Annotated[ProviderSetup, Depends(begin_at_provider)]


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewSetupIntent, begun: AtProvider, work: Work) -> SetupIntentReply:
    """Begin to keep a method for collecting without the payer; the payer finishes it with the secret.

    At the sandbox provider `test_card` finishes it at once.
    """
    intent = SetupIntent(
        workspace_id=work.workspace_id,
        id=new_id(),
        created_at=work.clock.now(),
        contact_id=body.contact_id,
        provider=begun.provider,
        mode=begun.mode,
        reference=begun.state.reference,
        customer_reference=begun.customer,
        status="open",
    )
    await setup_intents.insert(work.tx, intent)
    if begun.method:
        await finish_setup(work, begun.provider, begun.state, begun.method)
    stored = await setup_intents.lock_by_reference(
        work.tx, work.workspace_id, begun.provider, intent.reference
    )
    return _reply(stored or intent, begun)


@router.get("/{setup_intent_id}", dependencies=[READ])
async def get(setup_intent_id: UUID, work: Work) -> SetupIntentReply:
    """Get a setup intent: whether the payer has finished it. Its secret is not shown again."""
    return _reply(await setup_intents.get(work.tx, work.workspace_id, setup_intent_id))


def _reply(intent: SetupIntent, begun: ProviderSetup | None = None) -> SetupIntentReply:
    return SetupIntentReply(
        id=intent.id,
        created_at=intent.created_at,
        contact_id=intent.contact_id,
        provider=intent.provider,
        mode=intent.mode,
        external_id=intent.reference,
        status=intent.status,
        client_secret=begun.state.client_secret if begun else None,
        publishable_key=begun.publishable_key if begun else None,
        payment_method_id=intent.payment_method_id,
    )
