"""What ends a command, each with its exit code."""

from collections.abc import Mapping, Sequence
from typing import Any

DONE, SAID_NO, USAGE, NOT_REACHABLE, NOT_ALLOWED, INTERRUPTED = 0, 1, 2, 3, 4, 130


class CommandFailed(Exception):
    """The command ends with this code and sentence."""

    exit_code = SAID_NO

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(text)
        self.facts = facts


class WrongUsage(CommandFailed):
    """What was asked for cannot be asked for so."""

    exit_code = USAGE


class NotReachable(CommandFailed):
    """The platform did not answer."""

    exit_code = NOT_REACHABLE


class Refused(CommandFailed):
    """The platform answered, and said no."""

    def __init__(
        self, status: int, code: str, detail: str, errors: Sequence[Mapping[str, Any]], request_id: str | None
    ) -> None:
        faults = "".join(f"\n  {error.get('pointer') or '/'}: {error.get('message')}" for error in errors)
        trace = f"\n  request {request_id}" if request_id else ""
        super().__init__(f"{detail}{faults}{trace}", status=status, code=code, errors=list(errors))
        self.status, self.code, self.errors, self.request_id = status, code, errors, request_id

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        return NOT_ALLOWED if self.status in (401, 403) else SAID_NO
