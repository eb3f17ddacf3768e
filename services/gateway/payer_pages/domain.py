"""Who looks at a public page: a person, or a program that only fetches it."""

import re
from collections.abc import Mapping

# Mail scanners, link previews of chats, crawlers: they name themselves, and none of them is the payer.
_PROGRAM = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|scan|monitor|fetch|curl|wget|python|java/|okhttp|go-http|libwww|"
    r"headlesschrome|facebookexternalhit|whatsapp|telegram|skype|slack|discord|linkedin|embedly|pinterest|"
    r"googleimageproxy|google-safety|safelinks|barracuda|mimecast|proofpoint|bingpreview|yahoo|validator",
    re.IGNORECASE,
)
_AHEAD_OF_TIME = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def is_person(method: str, headers: Mapping[str, str]) -> bool:
    """Whether this request shows the page to somebody: not a HEAD, a prefetch, a preview or a robot.

    `headers` by their names in lower case. Programs that call themselves browsers are taken for one.
    """
    if method != "GET" or any("pre" in headers.get(name, "").lower() for name in _AHEAD_OF_TIME):
        return False
    agent = headers.get("user-agent", "")
    return agent.startswith("Mozilla/") and not _PROGRAM.search(agent)
