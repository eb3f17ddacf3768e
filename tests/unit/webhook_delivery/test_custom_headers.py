"""Headers of an endpoint's own."""

import pytest

from services.webhook_delivery.endpoints.domain.custom_headers import InvalidHeaders, check_headers


def test_a_header_that_can_be_sent_is_kept_as_it_is() -> None:
    assert check_headers({"Authorization": "Bearer x", "X-Tenant": "7"}) == {
        "Authorization": "Bearer x",
        "X-Tenant": "7",
    }


@pytest.mark.parametrize(
    "name, value",
    [
        ("Host", "example.com"),
        ("content-length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("webhook-id", "x"),
        ("Webhook-Signature", "v1,x"),
        ("Content-Type", "text/plain"),
        ("x y", "1"),
        ("x:y", "1"),
        ("", "1"),
        ("x\r\ny", "1"),
        ("x", "a\r\nHost: b"),
        ("x", "a\nb"),
        ("x", ""),
        ("x", " a"),
        ("x", "é"),
        ("x", "a" * 1001),
    ],
)
def test_a_header_that_could_break_the_request_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidHeaders) as caught:
        check_headers({name: value})

    assert caught.value.errors[0].pointer.startswith("/headers/")


def test_a_name_twice_in_different_letters_is_refused() -> None:
    with pytest.raises(InvalidHeaders):
        check_headers({"X-Tenant": "1", "x-tenant": "2"})


def test_too_many_headers_are_refused() -> None:
    with pytest.raises(InvalidHeaders):
        check_headers({f"x-{number}": "1" for number in range(21)})
