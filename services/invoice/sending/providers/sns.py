"""Amazon SNS, which brings the notifications of SES: its envelope, and confirming a subscription to it."""

import re
from collections.abc import Mapping
from typing import Any

import aiohttp

from services.invoice.sending.domain.delivery_report import ReportUnreadable
from services.invoice.sending.providers.mail_reports import object_of
from shared.kernel.errors import Unavailable

# Nothing else is ever asked for: a body must not choose whom we talk to.
_CONFIRM = re.compile(
    r"https://sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?/\?Action=ConfirmSubscription&[\x21-\x7e]{1,2000}"
)
TIMEOUT_SECONDS = 10


def message_of(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """What SES says, out of the envelope or by itself (raw delivery); raises ReportUnreadable."""
    if "Type" not in envelope:
        return dict(envelope)
    message = envelope.get("Message")
    if envelope["Type"] != "Notification" or not isinstance(message, str):
        raise ReportUnreadable("The envelope holds no notification.")
    return object_of(message)


def confirmation_of(envelope: Mapping[str, Any]) -> str:
    """Where the subscription is confirmed; raises ReportUnreadable unless that is Amazon SNS itself."""
    url = envelope.get("SubscribeURL")
    if not isinstance(url, str) or not _CONFIRM.fullmatch(url):
        raise ReportUnreadable("The SubscribeURL is not one of Amazon SNS.")
    return url


async def confirm(envelope: Mapping[str, Any]) -> None:
    """Confirm the subscription; raises ReportUnreadable, and Unavailable so that SNS asks again."""
    url = confirmation_of(envelope)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.get(url, allow_redirects=False) as reply,
        ):
            if reply.status != 200:
                raise Unavailable(f"Amazon SNS answered {reply.status}.", retry_after_seconds=60)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable("Amazon SNS cannot be reached.", retry_after_seconds=60) from error
