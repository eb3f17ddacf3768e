"""Amazon SNS, which brings the notifications of SES: its certificates, and confirming a subscription."""

import asyncio
import re
import ssl
from collections import OrderedDict
from datetime import datetime

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver
from yarl import URL

from services.invoice.sending.domain.delivery_report import ReportUnreadable
from services.invoice.sending.domain.sns_message import NOTIFICATION, SnsMessage, require_signed
from services.invoice.sending.providers import guarded
from services.invoice.sending.providers.mail_reports import parse_object
from shared.kernel.addresses import Egress
from shared.kernel.errors import Unavailable
from shared.kernel.json import JsonMapping, JsonObject

# Nothing else is ever asked for: a body must not choose whom we talk to.
_CONFIRM = re.compile(
    r"https://sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?/\?Action=ConfirmSubscription&[\x21-\x7e]{1,2000}"
)
TIMEOUT_SECONDS = 10
MAX_BYTES = 64 * 1024
MAX_KEPT = 32
MAX_CONNECTIONS = 4
"""Whoever sends names of certificates that are not there waits for others of the kind, not we for them."""
log = structlog.get_logger()


class Sns:
    """Talks to Amazon SNS over https, at public addresses alone; certificates are kept while they verify."""

    def __init__(
        self,
        egress: Egress,
        resolver: AbstractResolver | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._egress, self._resolver, self._trusted = egress, resolver, trusted
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._session: aiohttp.ClientSession | None = None
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)

    async def require_signed(self, message: SnsMessage, now: datetime) -> None:
        """Raise Unproven unless Amazon has signed it, and Unavailable, so that SNS sends it again."""
        url = message.certificate_url
        certificate = self._kept.get(url) or await self._get(url)
        require_signed(message, certificate, now)
        # Only what has verified a message: made-up names push no certificate out.
        self._kept[url] = certificate
        self._kept.move_to_end(url)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    async def confirm(self, message: SnsMessage) -> None:
        """Confirm the subscription; raises ReportUnreadable, and Unavailable so that SNS asks again."""
        url = confirmation_of(message.fields)
        if URL(url, encoded=True).host != message.host:
            raise ReportUnreadable("The SubscribeURL is of another region.")
        await self._get(url)
        log.info("sns.confirmed", topic=message.topic_arn)

    async def close(self) -> None:
        """Close every connection."""
        if self._session:
            await self._session.close()

    async def _get(self, url: str) -> bytes:
        try:
            async with (
                self._places,
                self._open().get(URL(url, encoded=True), allow_redirects=False) as reply,
            ):
                content = await reply.content.read(MAX_BYTES)
                while not reply.content.at_eof() and len(content) < MAX_BYTES:
                    content += await reply.content.read(MAX_BYTES)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("sns.not_reached", error=repr(error)[:300])
            raise Unavailable("Amazon SNS cannot be reached.", retry_after_seconds=60) from error
        if reply.status != 200:
            raise Unavailable(f"Amazon SNS answered {reply.status}.", retry_after_seconds=60)
        return content

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=guarded.connector(
                    self._egress, self._resolver, limit=MAX_CONNECTIONS, ssl=self._trusted or True
                ),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def message_of(envelope: JsonMapping) -> JsonObject:
    """What SES says, out of the envelope or by itself (raw delivery); raises ReportUnreadable."""
    if "Type" not in envelope:
        return dict(envelope)
    message = envelope.get("Message")
    if envelope["Type"] != NOTIFICATION or not isinstance(message, str):
        raise ReportUnreadable("The envelope holds no notification.")
    return parse_object(message)


def confirmation_of(envelope: JsonMapping) -> str:
    """Where the subscription is confirmed; raises ReportUnreadable unless that is Amazon SNS itself."""
    url = envelope.get("SubscribeURL")
    if not isinstance(url, str) or not _CONFIRM.fullmatch(url):
        raise ReportUnreadable("The SubscribeURL is not one of Amazon SNS.")
    return url
