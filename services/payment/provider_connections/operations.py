"""Finds the provider that a workspace collects through, with the workspace's own credentials."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from services.payment.provider_connections import repository as provider_connections
from services.payment.provider_connections.domain import Connection as ProviderConnection
from services.payment.provider_connections.domain import Mode, NoProviderConnection
from services.payment.providers.provider import (
    SANDBOX,
    STRIPE,
    Amount,
    AmountRefused,
    CurrencyRefused,
    Provider,
)
from services.payment.providers.stripe import StripeAccount, StripeProvider
from services.payment.providers.stripe_amounts import to_stripe
from services.payment.sandbox.providers.sandbox import SandboxProvider
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import Connection

MAX_OPEN = 256
"""Accounts whose connections are kept; the longest unused is closed first."""


def find_refusal(provider: str | None, amount: Amount, field: str) -> AmountRefused | CurrencyRefused | None:
    """Why this provider would not take or send exactly so much, naming the caller's field; None if it does.

    To be asked before anything is charged: nothing is rounded on the way to a provider.
    """
    if provider == STRIPE:
        try:
            to_stripe(amount)
        except (AmountRefused, CurrencyRefused) as error:
            return type(error)(error.detail, field=field, currency=amount.currency)
    return None


@dataclass(slots=True)
class Providers:
    """The providers of all workspaces; accounts are opened when they are needed."""

    ring: KeyRing
    sandbox_of: Callable[[UUID], SandboxProvider]
    stripe_api_base: str | None = None
    timeout_seconds: int = 20
    _open: "OrderedDict[tuple[UUID, int], StripeProvider]" = field(default_factory=OrderedDict)

    async def choose(self, tx: Connection, workspace_id: UUID, is_live: bool) -> tuple[str, Mode]:
        """Provider and mode for new methods: the sandbox where a sandbox workspace has no Stripe of its own.

        Raises NoProviderConnection.
        """
        mode: Mode = "live" if is_live else "test"
        if await provider_connections.of_mode(tx, workspace_id, STRIPE, mode):
            return STRIPE, mode
        if is_live:
            raise NoProviderConnection
        return SANDBOX, mode

    async def get(self, tx: Connection, workspace_id: UUID, name: str, mode: str) -> Provider:
        """The provider with this workspace's credentials; raises NoProviderConnection."""
        if name == SANDBOX:
            return self.sandbox_of(workspace_id)
        connection = await provider_connections.of_mode(tx, workspace_id, name, mode)
        if connection is None:
            raise NoProviderConnection
        return await self.open(connection)

    async def open(self, connection: ProviderConnection) -> StripeProvider:
        """The account of this connection; raises SecretUnreadable."""
        key = (connection.id, connection.version)
        if key not in self._open:
            account = StripeAccount(
                connection.secret_key(self.ring),
                connection.webhook_secret(self.ring),
                self.stripe_api_base,
                self.timeout_seconds,
            )
            self._open[key] = StripeProvider(account)
            if len(self._open) > MAX_OPEN:
                _, oldest = self._open.popitem(last=False)
                await oldest.close()
        self._open.move_to_end(key)
        return self._open[key]

    async def close(self) -> None:
        """Close every account's connections."""
        for provider in self._open.values():
            await provider.close()
        self._open.clear()
