"""The payment service as the owner of methods that other services' tests name."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.payment import main
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.conftest import StartService

NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class MethodOwner:
    """A running payment service; methods are made from test cards."""

    service: RunningService

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.service.url

    async def keep(self, who: Principal, contact_id: Any = None, *, is_deleted: bool = False) -> str:
        """The id of a new method of this contact, or of the workspace itself."""
        fields: dict[str, Any] = {"test_card": "success"}
        if contact_id:
            fields["contact_id"] = str(contact_id)
            async with self.service.parts.worker.transaction() as tx:
                known = (who.workspace_id, UUID(str(contact_id)))
                await tx.execute("INSERT INTO contact VALUES ($1, $2) ON CONFLICT DO NOTHING", *known)
        async with self.service.client(who) as client:
            reply = await client.post("/v1/payment-methods/setup-intents", json=fields)
            assert reply.status_code == 201, reply.text
            method_id: str = reply.json()["payment_method_id"]
            if is_deleted:
                assert (await client.delete(f"/v1/payment-methods/{method_id}")).status_code == 204
        return method_id


async def a_method_owner(start_service: StartService) -> MethodOwner:
    """Start it; it asks nobody for contacts."""
    return MethodOwner(await start_service(main.make, "payment", role="api", INVOICE_URL=NOBODY))
