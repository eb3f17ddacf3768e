"""Other lines for a subscription, and what they would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.subscription_renewal.subscriptions.domain import change as change_rules
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.change import Changed, Wanted
from services.subscription_renewal.subscriptions.domain.cycle import Limits
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording, renewing
from services.subscription_renewal.subscriptions.operations.subscriptions import lines_of
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.kernel.errors import Invalid
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller wants changed: lines, or another quantity of the only line."""

    lines: Sequence[Mapping[str, Any]] | None
    quantity: Any
    options: Mapping[str, Any]


async def change_subscription(
    tx: Connection,
    workspace_id: UUID,
    subscription_id: UUID,
    request: Request,
    now: datetime,
    limits: Limits,
    expected_version: int | None = None,
) -> Subscription:
    """Go on with other lines; raises NotFound, Invalid naming the field, or what the rules raise."""
    found = await subscriptions.lock(tx, workspace_id, subscription_id)
    require_version(found.version, expected_version)
    found = await renewing.settled(tx, found, now, limits)
    wanted = await _wanted(tx, found, request)
    changes = change_rules.change(found, wanted, now, limits).changes
    return await recording.save(tx, changes) if changes else found


async def preview_change(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, request: Request, now: datetime, limits: Limits
) -> Changed:
    """What the same change would do, after what is due; nothing is stored. Raises the same."""
    found = await subscriptions.get(tx, workspace_id, subscription_id)
    due = await renewing.due_changes(tx, found, now, limits)
    found = due[-1].subscription if due else found
    return change_rules.change(found, await _wanted(tx, found, request), now, limits)


async def _wanted(tx: Connection, found: Subscription, request: Request) -> Wanted:
    if request.lines is not None:
        lines = await lines_of(tx, found.workspace_id, request.lines, found.currency)
    elif len(found.lines) == 1:
        line = found.lines[0].model_copy(update={"quantity": request.quantity})
        lines = line_rules.require_amounts([line], found.arithmetic)
    else:
        raise Invalid("It has several lines: give all of them.", field="quantity")
    return Wanted(lines, **request.options)
