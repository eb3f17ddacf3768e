"""What of the messages a credential may read: of each event type, the scope that reads its resource."""

from collections.abc import Callable, Iterable

from services.webhook_delivery.event_types.domain.event_filter import EVERYTHING
from services.webhook_delivery.message_store.domain import StoredMessage
from shared.events.registry import TOPICS
from shared.kernel.errors import Forbidden

HasScope = Callable[[str], bool]
"""Whether the credential has a scope."""
ALL = "*:read"
OWN = "webhooks:read"
"""What every reader of messages has."""
SCOPES = {
    "business": "business:read",
    "contact": "contacts:read",
    "credit_balance": "payments:read",
    "credit_note": "invoices:read",
    "dunning": "dunning:read",
    "e_invoice": "invoices:read",
    "invoice": "invoices:read",
    "message": OWN,
    "meter": "meters:read",
    "payment": "payments:read",
    "payment_method": "payments:read",
    "product": "products:read",
    "quote": "quotes:read",
    "subscription": "subscriptions:read",
    "webhook_endpoint": OWN,
    "workspace": "business:read",
}
"""By the resource that an event type begins with: the scope that its routes ask for."""
_DATA = b',"data":'


def scope_of(event_type: str, is_of_platform: bool = False) -> str:
    """The scope that reads messages of this type; an integrator's own are everybody's who reads webhooks."""
    # A later release's event is about a resource that this one does not know.
    return SCOPES.get(event_type.partition(".")[0], ALL if is_of_platform else OWN)


def lacking_scope(message: StoredMessage, may: HasScope) -> str | None:
    """The scope without which this message's data stay unread; None where they may be read."""
    # What integrators publish is about no resource of ours.
    scope = scope_of(message.event_type, message.ordering_key is not None)
    return None if scope == OWN or may(scope) else scope


def withhold_data(body: bytes, scope: str) -> bytes:
    """The message's body without what it says: its data are null, and the scope that they take is named."""
    # Neither a type nor an instant can hold these characters, so the first ones are the field.
    return body[: body.index(_DATA)] + _DATA + b'null,"lacking_scope":"%b"}' % scope.encode()


def require_scopes(patterns: Iterable[str], may: HasScope) -> None:
    """Raise Forbidden naming the scope that hearing of one of these patterns takes."""
    for pattern in patterns:
        for scope in _scopes(pattern):
            if not may(scope):
                raise Forbidden(
                    f"The credential lacks the scope {scope}, which hearing of {pattern} takes.", scope=scope
                )


def _scopes(pattern: str) -> list[str]:
    if pattern == EVERYTHING:
        return [ALL]
    start = pattern[:-1] if pattern.endswith(EVERYTHING) else pattern
    scopes = {
        scope_of(type_)
        for type_ in TOPICS
        if type_ == pattern or (type_.startswith(start) and start != pattern)
    }
    return sorted(scopes - {OWN})
