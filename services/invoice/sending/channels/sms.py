"""SMS through Twilio's Messages resource; it knows no idempotency key, so an unheard answer is unknown."""

from dataclasses import dataclass

import aiohttp

from services.invoice.sending.channels.channel import Message
from services.invoice.sending.domain.delivery import Outcome, Verdict
from shared.kernel.json import JsonObject

API_BASE = "https://api.twilio.com"
_BAD_RECIPIENT = {21211, 21214, 21217, 21407, 21408, 21421, 21610, 21612, 21614, 60410}
"""Twilio's error codes for a number that cannot be reached, or that asked to be left alone."""


@dataclass(frozen=True, slots=True)
class SmsAccount:
    """A Twilio account; `sender` is a number, a name, or the id of a messaging service."""

    account_sid: str
    auth_token: str
    sender: str
    api_base: str = API_BASE
    timeout_seconds: float = 20
    # Where Twilio tells how it ended.
    status_callback: str | None = None


class SmsChannel:
    """Text messages of one account."""

    is_simulated = False

    def __init__(self, account: SmsAccount) -> None:
        self._account = account
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Be ready to ask."""
        account = self._account
        self._session = aiohttp.ClientSession(
            headers={"Authorization": aiohttp.encode_basic_auth(account.account_sid, account.auth_token)},
            timeout=aiohttp.ClientTimeout(total=account.timeout_seconds, sock_connect=5),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def send(self, message: Message) -> Outcome:
        """Send the text."""
        assert self._session is not None
        account = self._account
        by_service = account.sender.startswith("MG")
        form = {
            "To": message.recipient,
            "Body": message.text,
            "MessagingServiceSid" if by_service else "From": account.sender,
        }
        if account.status_callback:
            form["StatusCallback"] = f"{account.status_callback}?delivery={message.delivery_id}"
        url = f"{account.api_base}/2010-04-01/Accounts/{account.account_sid}/Messages.json"
        try:
            async with self._session.post(url, data=form, allow_redirects=False) as reply:
                return _outcome(reply.status, await _read_reply(reply))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Outcome(Verdict.TEMPORARY, "channel_unreachable", repr(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Outcome(Verdict.UNKNOWN, "no_answer", repr(error))

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()


async def _read_reply(reply: aiohttp.ClientResponse) -> JsonObject:
    try:
        answer = await reply.json(content_type=None)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _outcome(status: int, said: JsonObject) -> Outcome:
    text = f"{status} {said.get('code') or ''} {said.get('message') or ''}".strip()
    if 200 <= status < 300 and said.get("sid"):
        return Outcome(Verdict.SENT, reference=str(said["sid"]))
    if status == 429:
        return Outcome(Verdict.TEMPORARY, "deferred", text)
    if status in (401, 403):
        return Outcome(Verdict.TEMPORARY, "channel_credentials", text)
    if 400 <= status < 500:
        if said.get("code") in _BAD_RECIPIENT:
            return Outcome(Verdict.BOUNCED, "recipient_refused", text)
        return Outcome(Verdict.FAILED, "rejected", text)
    # It may have been accepted before something broke.
    return Outcome(Verdict.UNKNOWN, "no_answer", text)
