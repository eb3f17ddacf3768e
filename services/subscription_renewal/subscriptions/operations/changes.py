"""Other lines for a subscription, and what they would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.subscription_renewal.subscriptions.domain import change as change_rules
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.calendar import Cadence
from services.subscription_renewal.subscriptions.domain.change import Changed, Policy, Wanted
from services.subscription_renewal.subscriptions.domain.line import WantedLine
from services.subscription_renewal.subscriptions.domain.proration import Basis
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording, renewing
from services.subscription_renewal.subscriptions.operations.limited import LimitedWork
from services.subscription_renewal.subscriptions.operations.recording import SUBSCRIPTIONS
from services.subscription_renewal.subscriptions.operations.subscriptions import lines_of
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.kernel.errors import Invalid
from shared.kernel.versions import require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller wants changed: lines, or another quantity of the only line."""

    lines: Sequence[WantedLine] | None
    quantity: Decimal | None
    policy: Policy
    basis: Basis
    at: datetime | None
    interval: Cadence | None


async def change_subscription(
    work: LimitedWork, subscription_id: UUID, request: Request, expected_version: int | None = None
) -> Subscription:
    """Go on with other lines; raises NotFound, Invalid naming the field, or what the rules raise."""
    held = await SUBSCRIPTIONS.lock(work, subscription_id)
    require_version(held.value.version, expected_version)
    now = work.clock.now()
    found = await renewing.settle(work, held, now)
    changed = change_rules.change(found, await _resolve_change(work, found, request), now, work.limits)
    return await recording.save(held, changed.changes)


async def preview_change(work: LimitedWork, subscription_id: UUID, request: Request) -> Changed:
    """What the same change would do, after what is due; nothing is stored. Raises the same."""
    found, now = await subscriptions.get(work.tx, work.workspace_id, subscription_id), work.clock.now()
    due = await renewing.due_changes(work, found, now)
    found = due[-1].subscription if due else found
    return change_rules.change(found, await _resolve_change(work, found, request), now, work.limits)


async def _resolve_change(work: LimitedWork, found: Subscription, request: Request) -> Wanted:
    if request.lines is not None:
        lines = await lines_of(work, request.lines, found.currency)
    elif len(found.lines) == 1:
        line = found.lines[0].model_copy(update={"quantity": request.quantity})
        lines = line_rules.require_amounts([line], found.arithmetic)
    else:
        raise Invalid("It has several lines: give all of them.", field="quantity")
    return Wanted(lines, request.policy, request.basis, request.at, request.interval)
