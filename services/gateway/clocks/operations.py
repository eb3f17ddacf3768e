"""State changes of a sandbox's clock: a target is set, and the clock moved towards it."""

from datetime import UTC, datetime
from uuid import UUID

from services.gateway.clocks import domain as rules
from services.gateway.clocks import repository as clock_advances
from services.gateway.clocks.domain import ClockAdvance, Round
from services.gateway.workspaces import domain as workspace_rules
from services.gateway.workspaces import repository as workspaces
from services.gateway.workspaces.domain import Workspace
from shared.messaging.work import Unit, Work


async def advance_clock(work: Work, to: datetime) -> tuple[Workspace, ClockAdvance]:
    """Set the sandbox's clock going to the instant, or further than it was going already.

    Raises NotASandbox, TooFarAhead, ClockMovesBackwards or TargetMovesBackwards.
    """
    workspace = await workspaces.lock(work.tx, work.workspace_id)
    running = await clock_advances.lock(work.tx, work.workspace_id)
    advance = rules.begin(workspace, running, to.astimezone(UTC))
    await clock_advances.save(work.tx, advance)
    return workspace, advance


async def move_clock(unit: Unit, workspace_id: UUID, owner: UUID, found: Round) -> bool:
    """Take the next step of a sandbox that has come to rest; returns whether the target is reached.

    Does nothing for a worker that lost its lease: another one moves this clock now.
    """
    workspace = await workspaces.lock(unit.tx, workspace_id)
    advance = await clock_advances.lock_own(unit.tx, workspace_id, owner)
    if advance is None:
        return False
    now, stop = workspace.clock.now(), rules.stop_at(advance, found)
    if now >= advance.target:
        await clock_advances.finish(unit.tx, workspace_id)
        return True
    if stop > now:
        await _set_clock(unit, workspace, stop)
    return False


async def _set_clock(unit: Unit, workspace: Workspace, to: datetime) -> None:
    advanced, *events = workspace_rules.advance_clock(workspace, to)
    await workspaces.save(unit.tx, advanced)
    await clock_advances.count_step(unit.tx, workspace.id)
    unit.record(*events)
