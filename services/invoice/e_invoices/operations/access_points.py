"""Finds the access point that a workspace sends its e-invoices through, with its own credentials."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from services.invoice.e_invoices.domain.e_invoice import NoAccessPoint
from services.invoice.e_invoices.providers import storecove
from services.invoice.e_invoices.providers.access_point import SANDBOX, AccessPoint
from services.invoice.e_invoices.providers.storecove import Storecove, StorecoveAccount
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.sending.domain.channel_setting import ChannelSetting
from services.invoice.sending.repository import channel_settings
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import Connection

MAX_OPEN = 256
"""Accounts whose connections are kept; the longest unused is closed first."""


@dataclass(slots=True)
class AccessPoints:
    """The access points of all workspaces; accounts are opened when they are needed."""

    ring: KeyRing
    validation: ValidationProcess
    sandbox_of: Callable[[UUID, ValidationProcess], AccessPoint]
    storecove_api_base: str | None = None
    timeout_seconds: float = 20
    _open: "OrderedDict[tuple[UUID, int], Storecove]" = field(default_factory=OrderedDict)

    async def choose(self, tx: Connection, workspace_id: UUID, *, is_live: bool) -> AccessPoint:
        """The one for a new e-invoice: a sandbox workspace always has the sandbox; raises NoAccessPoint."""
        name = storecove.NAME if is_live else SANDBOX
        return await self.get(tx, workspace_id, name)

    async def get(self, tx: Connection, workspace_id: UUID, name: str) -> AccessPoint:
        """The access point with this workspace's credentials; raises NoAccessPoint or SecretUnreadable."""
        if name == SANDBOX:
            return self.sandbox_of(workspace_id, self.validation)
        setting = await channel_settings.of_mode(tx, workspace_id, name, "live")
        if setting is None:
            raise NoAccessPoint
        return await self._opened(setting)

    async def close(self) -> None:
        """Close every account's connections, and the validation."""
        for account in self._open.values():
            await account.close()
        self._open.clear()
        await self.validation.close()

    async def _opened(self, setting: ChannelSetting) -> Storecove:
        key = (setting.id, setting.version)
        if key not in self._open:
            self._open[key] = Storecove(self._account(setting))
            if len(self._open) > MAX_OPEN:
                _, oldest = self._open.popitem(last=False)
                await oldest.close()
        self._open.move_to_end(key)
        return self._open[key]

    def _account(self, setting: ChannelSetting) -> StorecoveAccount:
        return StorecoveAccount(
            api_key=setting.secret(self.ring) or "",
            legal_entity_id=int(setting.options["legal_entity_id"]),
            api_base=self.storecove_api_base,
            timeout_seconds=self.timeout_seconds,
        )
