"""Every scope that a key can have, in the groups in which a person chooses them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FULL = "*"
READ_ONLY = "*:read"
BOTH = ("read", "write")


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """What scopes are about, in a person's words; `actions` are those that some route asks for."""

    name: str
    title: str
    about: str
    actions: tuple[str, ...] = BOTH

    def scopes(self) -> Iterator[str]:
        """Its scopes: `invoices:read`, `invoices:write`."""
        yield from (f"{self.name}:{action}" for action in self.actions)


@dataclass(frozen=True, slots=True)
class Group:
    """Resources that stand together."""

    title: str
    resources: tuple[ScopeGroup, ...]


GROUPS: Sequence[Group] = (
    Group(
        "Customers and sales",
        (
            ScopeGroup("contacts", "Contacts", "Customers and their addresses"),
            ScopeGroup("products", "Products", "What you sell, and its prices"),
            ScopeGroup("quotes", "Quotes", "Offers, sent and accepted"),
        ),
    ),
    Group(
        "Invoicing",
        (
            ScopeGroup("invoices", "Invoices", "Invoices, credit notes, e-invoices and their documents"),
            ScopeGroup("reminders", "Reminders", "When and how late payers are reminded"),
            ScopeGroup("subscriptions", "Subscriptions", "What is billed again and again"),
            ScopeGroup("plans", "Plans and prices", "What usage costs", ("read",)),
            ScopeGroup("meters", "Meters", "What of the told usage counts, and how"),
            ScopeGroup("usage", "Usage", "Usage that is told, and what it adds up to"),
            ScopeGroup("dunning", "Dunning", "How unpaid renewals are chased"),
            ScopeGroup("business", "Business profile", "Your own name, numbers and defaults"),
        ),
    ),
    Group(
        "Money",
        (
            ScopeGroup("payments", "Payments", "Payments, refunds, payment methods, providers and ledger"),
            ScopeGroup("bank", "Bank", "Bank accounts, files of banks, and what their lines settle"),
        ),
    ),
    Group(
        "Platform",
        (
            ScopeGroup(
                "webhooks",
                "Webhooks",
                "Endpoints, deliveries and your own messages; what an event says takes its scope, too",
            ),
            ScopeGroup("api-keys", "API keys", "Keys like this one: whoever may write can make others"),
            ScopeGroup("memberships", "Members", "Who may enter this workspace, and as what"),
            ScopeGroup("sandbox", "Sandbox clock", "Moving a sandbox through time"),
            ScopeGroup("audit", "Audit log", "Who changed what", ("read",)),
        ),
    ),
)
KNOWN = frozenset(scope for group in GROUPS for one in group.resources for scope in one.scopes())
