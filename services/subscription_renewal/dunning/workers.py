"""Clock in: asks for the retries that are due, each once, on the clock of its workspace."""

from services.subscription_renewal.dunning.operations import campaigns as operations
from services.subscription_renewal.dunning.repository import campaigns
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database


async def retry_due(database: Database, limit: int) -> bool:
    """Take the next step of up to `limit` campaigns; returns whether there may be more."""
    async with begin(database) as unit:
        keys = await campaigns.claim_due(unit.tx, limit)
        works = await workspaces.works_of(unit, [workspace_id for workspace_id, _ in keys])
        for workspace_id, dunning_id in keys:
            await operations.take_due(works[workspace_id], dunning_id)
    return len(keys) == limit
