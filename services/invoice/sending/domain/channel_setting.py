"""Channel settings: a workspace's own mail server or SMS account. What is secret is never shown again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Literal
from uuid import UUID

from services.invoice.contacts import domain as contact_rules
from shared.kernel.addresses import Egress
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.json import JsonMapping, JsonObject
from shared.kernel.key_ring import KeyRing, place
from shared.kernel.unset import UNSET, Unset, chosen

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
class SendingTools:
    """What sending needs besides rows: keys, where connections may go, whether the platform itself mails."""

    ring: KeyRing
    egress: Egress
    has_mail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettingEdit:
    """What of a setting is to change; `options` are those of its kind, a secret that is None goes."""

    options: JsonMapping = field(default_factory=dict)
    description: str | Unset | None = UNSET
    secret: str | Unset | None = UNSET

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to change."""
        return self == ChannelSettingEdit()


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
    options: JsonObject
    secret_encrypted: bytes | None

    def secret(self, ring: KeyRing) -> str | None:
        """The password or token in the clear, if any; raises SecretUnreadable."""
        if self.secret_encrypted is None:
            return None
        return ring.decrypt(self.secret_encrypted, _encryption_context(self)).decode()


def new_setting(
    workspace_id: UUID,
    kind: SettingKind,
    mode: Mode,
    edit: ChannelSettingEdit,
    *,
    now: datetime,
    tools: SendingTools,
) -> ChannelSetting:
    """A new setting; raises Invalid naming the field."""
    empty = ChannelSetting(
        workspace_id=workspace_id,
        id=new_id(),
        version=0,
        created_at=now,
        updated_at=now,
        kind=kind,
        mode=mode,
        description=None,
        options={},
        secret_encrypted=None,
    )
    return change_setting(empty, edit, now, tools)


def change_setting(
    setting: ChannelSetting, edit: ChannelSettingEdit, now: datetime, tools: SendingTools
) -> ChannelSetting:
    """The setting with this edit; raises Invalid naming the field."""
    for name in edit.options:
        if name not in OPTIONS[setting.kind]:
            raise Invalid(f"A setting of kind {setting.kind} has no {name}.", field=name)
    changed = replace(
        setting,
        description=chosen(edit.description, setting.description),
        options={**setting.options, **edit.options},
        version=setting.version + 1,
        updated_at=now,
    )
    if not isinstance(edit.secret, Unset):
        changed = replace(changed, secret_encrypted=_encrypt(setting, edit.secret, tools.ring))
    _check(changed, tools.egress)
    return changed


def _encrypt(setting: ChannelSetting, secret: str | None, ring: KeyRing) -> bytes | None:
    if not secret:
        return None
    if setting.kind in REPORTING and len(secret) < _SHORTEST_SECRET:
        raise Invalid(f"A secret of reports has {_SHORTEST_SECRET} characters or more.", field="secret")
    return ring.encrypt(secret.encode(), _encryption_context(setting))


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


def _check_email(options: JsonObject, name: str) -> None:
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
