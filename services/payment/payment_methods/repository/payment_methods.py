"""SQL of payment methods, and of which of them are to be announced or detached."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from services.payment.payment_methods.domain import PaymentMethod
from shared.events.payment_method import PaymentMethodStatus
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "workspace_id id version created_at updated_at contact_id provider mode type brand last4 "
    "exp_month exp_year status is_default external_id customer_reference metadata deleted_at"
).split()
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"INSERT INTO payment_method ({_COLUMNS}) VALUES ({places(_NAMES)})")
_UPDATE = Statement("""
UPDATE payment_method SET version = :version, updated_at = :updated_at, brand = :brand, last4 = :last4,
    exp_month = :exp_month, exp_year = :exp_year, status = :status, is_default = :is_default,
    metadata = :metadata, deleted_at = :deleted_at,
    detach_at = CASE WHEN deleted_at IS NULL AND :deleted_at::timestamptz IS NOT NULL THEN now()
        ELSE detach_at END
WHERE workspace_id = :workspace_id AND id = :id
""")
_MONTH_END = "make_timestamptz(exp_year, exp_month, 1, 0, 0, 0, 'UTC') + interval '1 month'"
_NOW = "now() + coalesce(clock_offset_ms, 0) * interval '1 millisecond'"
_FILTER_NAMES = "contact_id type status is_default with_deleted".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodFilter:
    """Which methods."""

    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    type: Annotated[str | None, where("type = :type")] = None
    status: Annotated[PaymentMethodStatus | None, where("status = :status")] = None
    is_default: Annotated[bool | None, where("is_default = :is_default")] = None
    is_deleted: Annotated[bool | None, where("(deleted_at IS NOT NULL) = :is_deleted")] = None


_LIST = Listing(PaymentMethodFilter, "payment_method", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, method_id: UUID) -> PaymentMethod:
    """The method, deleted or not; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM payment_method WHERE workspace_id = $1 AND id = $2", workspace_id, method_id
    )
    return PaymentMethod(**row) if row else raise_not_found("payment method", method_id)


async def lock(tx: Connection, workspace_id: UUID, method_id: UUID) -> PaymentMethod:
    """The same, locked."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM payment_method WHERE workspace_id = $1 AND id = $2
        FOR NO KEY UPDATE""",
        workspace_id,
        method_id,
    )
    return PaymentMethod(**row) if row else raise_not_found("payment method", method_id)


async def lock_owner(tx: Connection, workspace_id: UUID, contact_id: UUID | None) -> None:
    """Wait for other changes of this owner's methods: which one is the default is decided one by one."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('payment_method' || $1::text || $2::text, 0))",
        str(workspace_id),
        str(contact_id),
    )


async def default_of(tx: Connection, workspace_id: UUID, contact_id: UUID | None) -> PaymentMethod | None:
    """The owner's default."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM payment_method
        WHERE workspace_id = $1 AND contact_id IS NOT DISTINCT FROM $2 AND is_default""",
        workspace_id,
        contact_id,
    )
    return PaymentMethod(**row) if row else None


async def newest_of(tx: Connection, workspace_id: UUID, contact_id: UUID | None) -> PaymentMethod | None:
    """The owner's newest that is not deleted."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM payment_method
        WHERE workspace_id = $1 AND contact_id IS NOT DISTINCT FROM $2 AND deleted_at IS NULL
        ORDER BY id DESC LIMIT 1""",
        workspace_id,
        contact_id,
    )
    return PaymentMethod(**row) if row else None


async def by_reference(
    tx: Connection, workspace_id: UUID, provider: str, external_id: str
) -> PaymentMethod | None:
    """The method with the provider's id, locked."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM payment_method
        WHERE workspace_id = $1 AND provider = $2 AND external_id = $3 FOR NO KEY UPDATE""",
        workspace_id,
        provider,
        external_id,
    )
    return PaymentMethod(**row) if row else None


async def insert(tx: Connection, method: PaymentMethod) -> None:
    """Store a new method."""
    await _INSERT.execute(tx, method)


async def save(tx: Connection, method: PaymentMethod) -> None:
    """Store a changed method; one that is deleted now is to be detached at the provider."""
    await _UPDATE.execute(tx, method)


async def find(
    tx: Connection, workspace_id: UUID, filters: PaymentMethodFilter, window: Window
) -> Found[PaymentMethod]:
    """Methods, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, lambda row: PaymentMethod(**row))


async def to_announce(tx: Connection, limit: int) -> list[PaymentMethod]:
    """Methods that end within 30 days or have ended, on their workspace's clock, and were not announced so.

    A day more than that is read: the workspace's zone decides which day it is there. They are locked.
    """
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM payment_method
        LEFT JOIN (SELECT workspace_id, clock_offset_ms FROM workspace) AS clock USING (workspace_id)
        WHERE deleted_at IS NULL AND exp_year IS NOT NULL AND payment_method.status = 'active'
          AND expiry_announced IS DISTINCT FROM exp_year || '-' || exp_month || CASE
            WHEN {_MONTH_END} <= {_NOW} - interval '1 day' THEN ' over' ELSE ' soon' END
          AND {_MONTH_END} <= {_NOW} + interval '32 days'
        ORDER BY workspace_id, id LIMIT $1 FOR NO KEY UPDATE OF payment_method SKIP LOCKED""",
        limit,
    )
    return [PaymentMethod(**row) for row in rows]


async def note_announced(tx: Connection, m: PaymentMethod) -> None:
    """Remember that this expiry was announced."""
    await tx.execute(
        """UPDATE payment_method SET expiry_announced = exp_year || '-' || exp_month || CASE
            WHEN status = 'expired' THEN ' over' ELSE ' soon' END
        WHERE workspace_id = $1 AND id = $2""",
        m.workspace_id,
        m.id,
    )


async def to_detach(tx: Connection, lease: timedelta, limit: int) -> list[PaymentMethod]:
    """Deleted methods that the provider is to be told of; each is left to the caller for so long."""
    rows = await tx.fetch(
        f"""UPDATE payment_method SET detach_at = now() + $1, detach_count = detach_count + 1
        WHERE (workspace_id, id) IN (SELECT workspace_id, id FROM payment_method
            WHERE detach_at <= now() AND detach_count < 20 ORDER BY detach_at LIMIT $2
            FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}""",
        lease,
        limit,
    )
    return [PaymentMethod(**row) for row in rows]


async def note_detached(tx: Connection, m: PaymentMethod) -> None:
    """The provider knows."""
    await tx.execute(
        "UPDATE payment_method SET detach_at = NULL WHERE workspace_id = $1 AND id = $2",
        m.workspace_id,
        m.id,
    )
