"""Every scope that a key can have, in the groups in which a person chooses them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FULL = "*"
READ_ONLY = "*:read"
BOTH = ("read", "write")


@dataclass(frozen=True, slots=True)
class Resource:
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
    resources: tuple[Resource, ...]


GROUPS: Sequence[Group] = (
    Group(
        "Customers and sales",
        (
            Resource("contacts", "Contacts", "Customers and their addresses"),
            Resource("products", "Products", "What you sell, and its prices"),
            Resource("quotes", "Quotes", "Offers, sent and accepted"),
        ),
    ),
    Group(
        "Invoicing",
        (
            Resource("invoices", "Invoices", "Invoices, credit notes, e-invoices and their documents"),
            Resource("reminders", "Reminders", "When and how late payers are reminded"),
            Resource("subscriptions", "Subscriptions", "What is billed again and again"),
            Resource("dunning", "Dunning", "How unpaid renewals are chased"),
            Resource("business", "Business profile", "Your own name, numbers and defaults"),
        ),
    ),
    Group(
        "Money",
        (Resource("payments", "Payments", "Payments, refunds, payment methods, providers and ledger"),),
    ),
    Group(
        "Platform",
        (
            Resource(
                "webhooks",
                "Webhooks",
                "Endpoints, deliveries and your own messages; what an event says takes its scope, too",
            ),
            Resource("api-keys", "API keys", "Keys like this one: whoever may write can make others"),
            Resource("memberships", "Members", "Who may enter this workspace, and as what"),
            Resource("sandbox", "Sandbox clock", "Moving a sandbox through time"),
            Resource("audit", "Audit log", "Who changed what", ("read",)),
        ),
    ),
)
KNOWN = frozenset(scope for group in GROUPS for one in group.resources for scope in one.scopes())
