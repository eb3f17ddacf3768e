"""Metrics stand on a port of their own, and only where one is named."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from deploy.local.ports import free_port
from services.webhook_delivery import main
from shared.runtime.exposition import serve_metrics
from tests.integration.webhook_delivery.conftest import ENVIRONMENT


async def test_a_service_shows_its_metrics_there_and_nowhere_else(start_service: Any) -> None:
    port = free_port()
    service = await start_service(main.make, "webhook_delivery", "api", METRICS_PORT=str(port), **ENVIRONMENT)

    async with service.client() as client:
        public = await client.get("/metrics")
        page = await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/metrics")

    assert public.status_code == 404
    assert (page.status_code, page.headers["content-type"][:10]) == (200, "text/plain")
    assert 'billing_postgres_pool_busy_ratio{pool="api",service="webhook_delivery"}' in page.text


def test_a_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            serve_metrics("127.0.0.1", port)

    assert ended.value.code == 78
    assert (
        capsys.readouterr().err
        == f"METRICS_PORT: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    )
