"""SQL of logos, by their content."""

from uuid import UUID

from services.invoice.business.domain.logo import Logo
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_COLUMNS = "workspace_id, sha256, media_type, width, height, content, created_at"


async def keep(tx: Connection, logo: Logo) -> None:
    """Store the logo, once."""
    await tx.execute(
        f"INSERT INTO logo ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        logo.workspace_id,
        logo.sha256,
        logo.media_type,
        logo.width,
        logo.height,
        logo.content,
        logo.created_at,
    )


async def get(tx: Connection, workspace_id: UUID, sha256: str) -> Logo:
    """The logo with this content; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM logo WHERE workspace_id = $1 AND sha256 = $2", workspace_id, sha256
    )
    return Logo(**row) if row else raise_not_found("logo", sha256)
