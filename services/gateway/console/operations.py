"""State changes of the console's sessions."""

from services.gateway.console import domain as rules
from services.gateway.console import repository as console_sessions
from services.gateway.console.domain import Notice, Session
from shared.postgres.pool import Connection


async def begin(tx: Connection, old_token: str, credential: str, workspace_slug: str | None) -> str:
    """Sign a person in; the session gets a new token, so that nobody can have planted it."""
    token = rules.new_token()
    await console_sessions.delete(tx, rules.digest(old_token))
    sealed = rules.seal(token, "credential", credential)
    await console_sessions.insert(tx, rules.digest(token), sealed, workspace_slug, rules.LIFETIME_SECONDS)
    return token


async def find(tx: Connection, token: str) -> Session | None:
    """Who has this token, if anybody still."""
    found = await console_sessions.find(tx, rules.digest(token))
    return Session(rules.unseal(token, "credential", found[0]), found[1]) if found else None


async def choose_workspace(tx: Connection, token: str, slug: str | None) -> None:
    """Open a workspace, or none."""
    await console_sessions.choose_workspace(tx, rules.digest(token), slug)


async def leave_notice(tx: Connection, token: str, path: str, notice: Notice) -> None:
    """Have the page at this path show it."""
    sealed = rules.seal(token, "notice", notice.dump())
    await console_sessions.leave_notice(tx, rules.digest(token), path, sealed)


async def take_notice(tx: Connection, token: str, path: str) -> Notice | None:
    """What the page at this path is to show, once."""
    sealed = await console_sessions.take_notice(tx, rules.digest(token), path)
    return Notice.load(rules.unseal(token, "notice", sealed)) if sealed else None


async def end(tx: Connection, token: str) -> None:
    """Sign out."""
    await console_sessions.delete(tx, rules.digest(token))
