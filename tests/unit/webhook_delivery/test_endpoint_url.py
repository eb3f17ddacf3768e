"""Which URLs an endpoint may have."""

import pytest

from services.webhook_delivery.endpoints.domain import endpoint_url
from services.webhook_delivery.endpoints.domain.endpoint_url import InvalidUrl
from shared.kernel.addresses import Egress, networks

GOOD = [
    "https://example.com",
    "https://example.com/hooks?tenant=1&x=%20",
    "https://example.com:8443/",
    "https://EXAMPLE.com:443/",
    "https://xn--mnchen-3ya.example/",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
    "https://localhost.example.com/",
]
BAD = [
    "",
    "example.com",
    "/hooks",
    "http://example.com",
    "ftp://example.com",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "https://user@example.com",
    "https://user:secret@example.com",
    "https://@example.com",
    "https://example.com/#part",
    "https://example.com#@127.0.0.1/",
    "https://exa mple.com",
    "https://example.com/a b",
    "https://example.com\\@127.0.0.1/",
    "https://example.com/\r\nx: y",
    "https://example.com/\x00",
    "https://münchen.example",
    "https://a..b/",
    "https://-a.example/",
    "https://exa%6dple.com/",
    "https://example.com:22/",
    "https://example.com:99999/",
    "https://example.com:x/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://[::1",
    "https://example.com/" + "x" * 2048,
]


@pytest.mark.parametrize("url", GOOD)
def test_a_public_https_url_is_accepted(url: str) -> None:
    endpoint_url.check(url, Egress())


@pytest.mark.parametrize("url", BAD)
def test_any_other_url_is_refused_naming_the_field(url: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        endpoint_url.check(url, Egress())

    assert [error.pointer for error in caught.value.errors] == ["/url"]


def test_an_operator_may_allow_http_and_a_network() -> None:
    egress = Egress(networks(["127.0.0.0/8"]), allows_http=True)

    endpoint_url.check("http://127.0.0.1:8081/hooks", egress)

    with pytest.raises(InvalidUrl):
        endpoint_url.check("http://10.0.0.1:8081/hooks", egress)
