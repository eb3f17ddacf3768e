"""Who opens a public page: people, not programs that fetch it."""

import pytest

from services.gateway.payer_pages.domain import is_person

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"


@pytest.mark.parametrize("agent", [FIREFOX, IPHONE])
def test_a_browser_is_a_person(agent: str) -> None:
    assert is_person("GET", {"user-agent": agent})
    assert not is_person("HEAD", {"user-agent": agent})


@pytest.mark.parametrize(
    "headers", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}, {"x-moz": "prefetch"}]
)
def test_what_a_browser_fetches_ahead_of_time_is_not_looked_at(headers: dict[str, str]) -> None:
    assert not is_person("GET", {"user-agent": FIREFOX, **headers})


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "python-httpx/0.28.1",
        "WhatsApp/2.23.20.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
        "Mozilla/5.0 (compatible; SkypeUriPreview Preview/0.5)",
    ],
)
def test_a_program_that_says_so_is_none(agent: str) -> None:
    assert not is_person("GET", {"user-agent": agent})
