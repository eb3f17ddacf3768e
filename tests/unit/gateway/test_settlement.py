"""What `Prefer` asks for (RFC 7240)."""

import pytest

from services.gateway.canonical.api.settlement import wanted_seconds


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=2", 2),
        ("wait=10", 10),
        ("wait=11", 10),
        ("WAIT = 3", 3),
        ('wait="4"', 4),
        ("respond-async, wait=5", 5),
        ("respond-async;wait=6", 6),
        ("wait=0", 0),
        ("wait=-1", 0),
        ("wait", 0),
        ("await=5", 0),
        ("handling=lenient", 0),
        ("", 0),
    ],
)
def test_how_long_a_caller_would_wait(prefer: str, seconds: int) -> None:
    assert wanted_seconds(prefer) == seconds
