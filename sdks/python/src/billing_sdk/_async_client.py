"""The async client: what one makes first, and asks for everything."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from billing_sdk._generated.asynchronous import AsyncRoot
from billing_sdk._settings import MAX_RETRIES, RETRY_BASE_SECONDS, TIMEOUT_SECONDS, AsyncToken, Settings
from billing_sdk._transport import AsyncTransport

if TYPE_CHECKING:
    import httpx


class AsyncBilling(AsyncRoot):
    """A client of the platform; one event loop uses it, and it closes as a context manager.

    The key comes from `BILLING_API_KEY`, the address from `BILLING_BASE_URL`, where they are not given. For a user's
    JWT give `token` (or what makes one) and the slug of the `workspace`.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        token: AsyncToken | None = None,
        base_url: str | None = None,
        workspace: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
        retry_base: float = RETRY_BASE_SECONDS,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        settings = Settings.of(api_key, token, base_url, workspace, timeout, max_retries, retry_base)
        super().__init__(AsyncTransport(settings, http_client))

    @property
    def base_url(self) -> str:
        """The platform's address."""
        return self._transport.settings.base_url

    async def close(self) -> None:
        """Give the connections back."""
        await self._transport.close()

    async def __aenter__(self) -> AsyncBilling:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncBilling {self._transport.settings.base_url}>"
