"""The form for a new API key: what was entered, and what is wrong with it, field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from services.gateway.console.edge.sessions import Form
from services.gateway.keys.domain import scopes as scope_rules
from services.gateway.workspaces.domain import Workspace
from shared.http.internal_auth import Principal

MAX_NAME_LENGTH = 200
LATEST = date(2199, 12, 31)
EXPIRIES: Mapping[str, str] = {
    "30": "30 days",
    "90": "90 days",
    "365": "1 year",
    "never": "Never",
    "on": "On a date",
}
ACCESSES = ("full", "read", "chosen")


@dataclass(frozen=True, slots=True)
class KeyForm:
    """The fields as entered and as understood; `errors` by the name of the field."""

    name: str
    access: str
    chosen: Sequence[str]
    expiry: str
    expires_on: str
    expires_at: datetime | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> Self:
        """An empty form: every right and every date is a choice."""
        return cls("", "chosen", (), "90", "")

    @classmethod
    def read(cls, sent: Form, workspace: Workspace, principal: Principal) -> Self:
        """What was sent; the day of expiry is the workspace's, and the key lives until its end."""
        raw = cls(
            sent.one("name"),
            sent.one("access"),
            sent.all("scopes"),
            sent.one("expiry"),
            sent.one("expires_on"),
        )
        expires_at, expiry_error = raw._expiry(workspace.zone)
        faults = {
            "name": raw._name_fault(),
            "access": raw._access_fault(principal),
            "expiry": expiry_error,
        }
        errors = {name: fault for name, fault in faults.items() if fault}
        return cls(raw.name, raw.access, raw.chosen, raw.expiry, raw.expires_on, expires_at, errors)

    @property
    def scopes(self) -> Sequence[str]:
        """The scopes that the choices amount to."""
        presets = {"full": (scope_rules.FULL,), "read": (scope_rules.READ_ONLY,)}
        return presets.get(self.access, tuple(dict.fromkeys(self.chosen)))

    def _name_fault(self) -> str | None:
        if not self.name:
            return "Give the key a name, such as the program that will use it."
        if len(self.name) > MAX_NAME_LENGTH or not self.name.isprintable():
            return f"A name has at most {MAX_NAME_LENGTH} characters, on one line."
        return None

    def _access_fault(self, principal: Principal) -> str | None:
        if self.access not in ACCESSES:
            return "Choose what the key may do."
        if not self.scopes:
            return "Choose at least one scope."
        if self.access == "chosen" and not scope_rules.KNOWN.issuperset(self.scopes):
            return "One of these scopes does not exist."
        lacking = next((scope for scope in self.scopes if not principal.may(scope)), None)
        return f"You cannot give a key the scope {lacking}, which you lack yourself." if lacking else None

    def _expiry(self, zone: str) -> tuple[datetime | None, str | None]:
        now = datetime.now(UTC)
        if self.expiry == "never":
            return None, None
        if self.expiry in EXPIRIES and self.expiry.isdigit():
            return now + timedelta(days=int(self.expiry)), None
        if self.expiry != "on":
            return None, "Choose when the key expires."
        try:
            last_day = date.fromisoformat(self.expires_on)
        except ValueError:
            return None, "Enter the key’s last day."
        if last_day < now.astimezone(ZoneInfo(zone)).date():
            return None, "That day has passed."
        if last_day > LATEST:
            return None, "That is too far away: choose “Never”."
        midnight = datetime.combine(last_day + timedelta(days=1), time(), ZoneInfo(zone))
        return midnight.astimezone(UTC), None
