"""What every test of the invoice service's rules needs."""

import pytest

from services.invoice.common.domain import public_link


@pytest.fixture(autouse=True, scope="session")
def _public_links() -> None:
    public_link.configure("https://pay.example.com", f"k1:{'A' * 43}=")
