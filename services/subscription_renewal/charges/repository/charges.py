"""SQL of charges, and of the claims on whose usage they bill."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.subscription_renewal.charges.domain import charge as rules
from services.subscription_renewal.charges.domain.charge import Charge, UsageAlreadyClaimed
from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.subscriptions.domain import line as line_rules
from shared.postgres.pool import Connection

_CLAIM = """
INSERT INTO usage_claim (workspace_id, meter_id, subject, subscription_id)
SELECT $1, $2, subject, $3 FROM unnest($4::text[]) AS s (subject) ORDER BY subject
"""


async def insert(tx: Connection, charge: Charge) -> None:
    """Store a charge, and claim its subjects' usage; raises UsageAlreadyClaimed."""
    await tx.execute(
        """INSERT INTO charge
            (workspace_id, id, subscription_id, key, meter_id, line, price, subjects, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        charge.workspace_id,
        charge.id,
        charge.subscription_id,
        charge.key,
        charge.meter.id,
        line_rules.to_fields([charge.line])[0],
        rules.price_to_fields(charge.price),
        list(charge.subjects),
        charge.created_at,
    )
    try:
        await tx.execute(
            _CLAIM, charge.workspace_id, charge.meter.id, charge.subscription_id, list(charge.subjects)
        )
    except asyncpg.UniqueViolationError as error:
        raise UsageAlreadyClaimed(field="usage_subjects") from error


async def of_subscription(tx: Connection, workspace_id: UUID, subscription_id: UUID) -> Sequence[Charge]:
    """The subscription's charges, by their keys."""
    rows = await tx.fetch(
        "SELECT * FROM charge WHERE workspace_id = $1 AND subscription_id = $2 ORDER BY key",
        workspace_id,
        subscription_id,
    )
    if not rows:
        return []
    known = {meter.id: meter for meter, _ in await meters.with_archived(tx, workspace_id)}
    return [
        Charge(
            workspace_id=row["workspace_id"],
            id=row["id"],
            subscription_id=row["subscription_id"],
            key=row["key"],
            meter=known[row["meter_id"]],
            line=line_rules.from_fields([row["line"]])[0],
            price=rules.price_from_fields(row["price"]),
            subjects=tuple(row["subjects"]),
            created_at=row["created_at"],
        )
        for row in rows
    ]


async def end_claims(tx: Connection, workspace_id: UUID, subscription_id: UUID, at: datetime) -> None:
    """Let others bill the usage from now on: the subscription is over."""
    await tx.execute(
        "UPDATE usage_claim SET until_at = $3 WHERE workspace_id = $1 AND subscription_id = $2 "
        "AND until_at IS NULL",
        workspace_id,
        subscription_id,
        at,
    )
