"""The clients to the services behind the gateway."""

from collections.abc import Mapping

from shared.http.client import ServiceClient


class Upstreams:
    """One client for each service, shared by all requests of the process."""

    def __init__(self, urls: Mapping[str, str], timeout_seconds: float, max_connections: int) -> None:
        self.urls = {service: url.rstrip("/") for service, url in urls.items()}
        self._clients = {
            service: ServiceClient(service, url, timeout_seconds, max_connections)
            for service, url in self.urls.items()
        }

    def __getitem__(self, service: str) -> ServiceClient:
        return self._clients[service]

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.close()
