"""Channel settings: a workspace's own mail server or SMS account. What is secret is never shown again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Literal
from uuid import UUID

from services.invoice.contacts import domain as contact_rules
from shared.kernel.addresses import Egress
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing, place

SettingKind = Literal["smtp", "twilio", "storecove", "mail", "postmark", "ses", "mailgun"]
Mode = Literal["live", "test"]
REPORTING = frozenset({"mail", "postmark", "ses", "mailgun"})
TABLE = "channel_setting"
CHANNELS: Mapping[SettingKind, str] = {"smtp": "email", "twilio": "sms"}
"""What each kind sends to people; storecove is the access point of e-invoices."""
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "smtp": ("host", "port", "security", "username", "sender_email", "sender_name", "reply_to"),
    "twilio": ("account_sid", "sender"),
    "storecove": ("legal_entity_id",),
    # Whose reports of bounces are believed.
    **dict.fromkeys(("mail", "postmark", "mailgun"), ()),
    "ses": ("topic_arn",),
}
"""What is said of each kind besides its secret: smtp's password, twilio's auth token, storecove's API key."""


_PROOF_NEEDED = "Reports are believed by their secret alone."
_NEEDED_BY_KIND: Mapping[str, str] = {
    "twilio": "An SMS account needs its auth token.",
    "storecove": "An access point needs its API key.",
    **dict.fromkeys(("mail", "postmark", "mailgun"), _PROOF_NEEDED),
    "ses": "Reports are believed by the topic that signs them (topic_arn), or by a secret alone.",
}
_SHORTEST_SECRET = 20
"""Of reports: whoever guesses it says what became of mails."""


class ChannelSettingExists(Conflict):
    """The workspace has a setting of this kind in this mode: change or delete it."""

    code = "channel_setting_exists"


class ChannelNotConfigured(Conflict):
    """There is no way to send over this channel: create a channel setting for it first."""

    code = "channel_not_configured"


@dataclass(frozen=True, slots=True)
class ChannelSetting:
    """Credentials and sender as stored, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: SettingKind
    mode: Mode
    description: str | None
    options: dict[str, Any]
    secret_encrypted: bytes | None

    def secret(self, ring: KeyRing) -> str | None:
        """The password or token in the clear, if any; raises SecretUnreadable."""
        if self.secret_encrypted is None:
            return None
        return ring.decrypt(self.secret_encrypted, _encryption_context(self)).decode()


def new_setting(
    workspace_id: UUID, fields: Mapping[str, Any], now: datetime, ring: KeyRing, egress: Egress
) -> ChannelSetting:
    """A new setting; raises Invalid naming the field."""
    blank = ChannelSetting(
        workspace_id, new_id(), 0, now, now, fields["kind"], fields["mode"], None, {}, None
    )
    return change_setting(
        blank, {k: v for k, v in fields.items() if k not in ("kind", "mode")}, now, ring, egress
    )


def change_setting(
    setting: ChannelSetting, fields: Mapping[str, Any], now: datetime, ring: KeyRing, egress: Egress
) -> ChannelSetting:
    """The setting with these fields; `secret` replaces the one before. Raises Invalid naming the field."""
    names = OPTIONS[setting.kind]
    for name in fields:
        if name not in (*names, "secret", "description"):
            raise Invalid(f"A setting of kind {setting.kind} has no {name}.", field=name)
    given = {name: fields[name] for name in names if name in fields}
    options = setting.options | given
    changed = replace(
        setting,
        description=fields.get("description", setting.description),
        options=options,
        version=setting.version + 1,
        updated_at=now,
    )
    if "secret" in fields:
        secret = fields["secret"]
        if secret and setting.kind in REPORTING and len(secret) < _SHORTEST_SECRET:
            raise Invalid(f"A secret of reports has {_SHORTEST_SECRET} characters or more.", field="secret")
        sealed = ring.encrypt(secret.encode(), _encryption_context(setting)) if secret else None
        changed = replace(changed, secret_encrypted=sealed)
    _check(changed, egress)
    return changed


def _check(setting: ChannelSetting, egress: Egress) -> None:
    options = setting.options
    if setting.kind in _NEEDED_BY_KIND:
        if setting.secret_encrypted is None and not options.get("topic_arn"):
            raise Invalid(_NEEDED_BY_KIND[setting.kind], field="secret")
        return
    for name in ("sender_email", "reply_to"):
        if options.get(name):
            _check_email(options, name)
    if options["security"] == "none" and setting.secret_encrypted is not None:
        raise Invalid("A password is not sent without encryption.", field="security")
    if bool(options.get("username")) != (setting.secret_encrypted is not None):
        raise Invalid("A username and a secret go together.", field="username")
    _check_host(options["host"], egress)


def _check_email(options: dict[str, Any], name: str) -> None:
    try:
        options[name] = contact_rules.normalize_email(options[name])
    except Invalid as error:
        raise Invalid(error.detail, field=name) from error


def _check_host(host: str, egress: Egress) -> None:
    """A literal address is judged now; what a name resolves to is judged at each dial."""
    try:
        ip_address(host)
    except ValueError:
        return
    if reason := egress.refusal(host):
        raise Invalid(f"No connection is made to this address ({reason}).", field="host")


def _encryption_context(setting: ChannelSetting) -> bytes:
    return place(setting.workspace_id, TABLE, setting.id, "secret")
