"""What requests are made of: dicts whose fields a type checker knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypedDict, Union
from uuid import UUID

Id = Union[str, UUID]
Day = Union[str, date]
Instant = Union[str, datetime]
Number = Union[str, int, Decimal]


class Options(TypedDict, total=False):
    """What every method takes besides its own."""

    timeout: float
    max_retries: int
    extra_headers: Mapping[str, str]


class Acceptance(TypedDict, total=False):
    """How the invoice is made."""

    invoice_status: Literal["draft", "open"]


class AddressFields(TypedDict, total=False):
    """A postal address."""

    line1: str | None
    line2: str | None
    postal_code: str | None
    city: str | None
    region: str | None


class AllocationChange(TypedDict):
    """Another amount for an allocation."""

    amount_minor: int


class AllocationFields(TypedDict):
    """So much of the payment for this invoice, in minor units."""

    invoice_id: Id
    amount_minor: int


class BankAccountChanges(TypedDict, total=False):
    """The fields to change."""

    name: str
    is_archived: bool


class BusinessChanges(TypedDict, total=False):
    """The fields to change; null clears one that may be empty."""

    name: str
    address: AddressFields | None
    country: str | None
    email: str | None
    phone: str | None
    vat_id: str | None
    tax_number: str | None
    registration_number: str | None
    iban: str | None
    bic: str | None
    logo_url: str | None
    currency: str
    payment_terms_days: int
    rounding_level: Literal["total", "line"]
    rounding_mode: Literal["half_up", "half_even"]
    number_formats: Mapping[str, str]


class Cancellation(TypedDict, total=False):
    """When it ends."""

    at: Literal["now", "period_end"]


class ChannelSettingChanges(TypedDict, total=False):
    """What can be changed, by kind; a secret that is given replaces the one before."""

    host: str
    port: Literal[25, 465, 587, 2525]
    security: Literal["starttls", "tls", "none"]
    username: str | None
    secret: str | None
    sender_email: str
    sender_name: str | None
    reply_to: str | None
    account_sid: str
    sender: str
    legal_entity_id: int
    topic_arn: str | None
    description: str | None


class _ChargeFields(TypedDict):
    key: str
    meter: str
    price: (
        PerUnitFields | PackageFields | GraduatedFields | VolumeFields | StairstepFields | PercentageFields | FlatFields
    )


class ChargeFields(_ChargeFields, total=False):
    """What is billed of a meter's usage, once each period is over; the price stays as it is now."""

    description: str | None
    unit: str | None
    tax_rate: Number | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_behavior: Literal["exclusive", "inclusive"] | None
    tax_exemption_reason: str | None
    product_id: Id | None


class _CollectFields(TypedDict):
    invoice_id: Id


class CollectFields(_CollectFields, total=False):
    """What is to be collected."""

    payment_method_id: Id | None


class ConnectionChanges(TypedDict, total=False):
    """What can be changed; a key that is given replaces the one before."""

    secret_key: str
    publishable_key: str | None
    webhook_secret: str | None
    description: str | None


class ContactChanges(TypedDict, total=False):
    """The fields to change; null clears one."""

    email: str | None
    phone: str | None
    address: AddressFields | None
    country: str | None
    locale: str | None
    vat_id: str | None
    e_invoice_address: str | None
    external_id: str | None
    tags: Sequence[str]
    metadata: Mapping[str, str]
    name: str


class _CreditedLine(TypedDict):
    invoice_line_id: Id


class CreditedLine(_CreditedLine, total=False):
    """A row of the invoice to take back: a quantity, an amount, or all that is not credited yet."""

    quantity: Number | None
    amount_minor: int | None


class Decision(TypedDict):
    """What the payer's bank decides: `won`, so the money comes back to the workspace, or `lost`."""

    outcome: Literal["won", "lost"]


class Disabling(TypedDict, total=False):
    """Why nothing is to be sent any more."""

    reason: str


class DiscountFields(TypedDict, total=False):
    """A reduction before tax: a percentage, or an amount in minor units."""

    percent: Number | None
    amount_minor: int | None


class DunningSettingsChanges(TypedDict, total=False):
    """The settings to change; a preset, or intervals of one's own."""

    preset: Literal["default", "stripe_like", "direct_debit"]
    intervals_days: Sequence[int]
    terminal_action: Literal["cancel", "uncollectible", "leave"]


class EInvoiceToSend(TypedDict, total=False):
    """Which document to send as an e-invoice, and to whom."""

    invoice_id: Id | None
    credit_note_id: Id | None
    receiver: Receiver | str | None
    syntax: Literal["ubl", "cii", "factur_x"]


class EndpointChange(TypedDict, total=False):
    """Any of an endpoint's settings; what is left out stays."""

    url: str
    event_types: Sequence[str]
    description: str | None
    headers: Mapping[str, str]
    timeout_seconds: int
    max_concurrency: int
    rate_limit: int | None
    ordering: Literal["none", "fifo"]


class _Estimate(TypedDict):
    price: (
        PerUnitFields | PackageFields | GraduatedFields | VolumeFields | StairstepFields | PercentageFields | FlatFields
    )
    quantity: Number
    currency: str


class Estimate(_Estimate, total=False):
    """A quantity to put a price on."""

    events: int
    share: str


class Failure(TypedDict, total=False):
    """Why the payer's bank sent the refund back."""

    reason: str


class FeeFields(TypedDict):
    """What the message says is asked for besides; it is not added to the invoice."""

    amount_minor: int
    currency: str


class _FlatFields(TypedDict):
    model: Literal["flat"]
    amount: Number


class FlatFields(_FlatFields, total=False):
    """The same amount, whatever is used."""

    is_prorated: bool


class _GivenSecret(TypedDict):
    secret: str


class GivenSecret(_GivenSecret, total=False):
    """A change to a secret that the receiver knows already."""

    overlap_seconds: int


class _GraduatedFields(TypedDict):
    model: Literal["graduated"]
    tiers: Sequence[TierFields]


class GraduatedFields(_GraduatedFields, total=False):
    """Each unit costs what its own tier says."""

    minimum: Number | None
    maximum: Number | None
    is_prorated: bool


class _Ignore(TypedDict):
    reason: str


class Ignore(_Ignore, total=False):
    """What the movement is that settles nothing here."""

    ignored_as: Literal["bank_charges", "unrelated"]


class InvoiceBatch(TypedDict):
    """Invoices to create in one request."""

    invoices: Sequence[NewInvoice]


class InvoiceChanges(TypedDict, total=False):
    """The fields to change: all of a draft's; due date, notes, reference, metadata of an issued one's."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    due_date: Day | None
    tax_conversion: TaxConversionFields | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    number: str | None
    metadata: Mapping[str, str]
    contact_id: Id
    currency: str
    status: Literal["draft", "open"]
    payment_terms_days: int
    lines: Sequence[LineFields]
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None


class InvoiceSending(TypedDict, total=False):
    """How to send an invoice, or a reminder of it."""

    channels: Sequence[Literal["email", "sms", "link"]]
    email: str | None
    message: str | None
    force: bool
    phone: str | None
    reminder: bool
    level: Literal[1, 2, 3] | None


class _LevelFields(TypedDict):
    level: int
    days_after_due: int


class LevelFields(_LevelFields, total=False):
    """A level: 1 friendly, 2 reminder, 3 formal notice, 4 the hand-over, which sends nothing."""

    channels: Sequence[Literal["email", "sms"]]
    fee: FeeFields | None


class _LineAllocation(TypedDict):
    invoice_id: Id


class LineAllocation(_LineAllocation, total=False):
    """An invoice that the line's money settles."""

    amount_minor: int | None


class LineChange(TypedDict, total=False):
    """Other lines, a product and its quantity, or only another quantity of the one line."""

    lines: Sequence[SubscriptionLineFields] | None
    product_id: Id | None
    quantity: Number | None
    policy: Literal["invoice_now", "next_invoice", "next_period", "reset_anchor"]
    proration: Literal["second", "day"]
    proration_at: Instant | None
    interval: Literal["day", "week", "month", "year"] | None
    interval_count: int | None


class LineFields(TypedDict, total=False):
    """One row: an item with a price, or a text."""

    description: str | None
    quantity: Number | None
    unit: str | None
    unit_price: Number | None
    tax_rate: Number | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_behavior: Literal["exclusive", "inclusive"] | None
    tax_exemption_reason: str | None
    discount: DiscountFields | None
    product_id: Id | None
    type: Literal["item", "text"]
    taxes: Sequence[TaxFields] | None
    id: Id | None
    parent_line_id: Id | None
    classification_number: str | None
    project: str | None
    supply_start: Day | None
    supply_end: Day | None


class LineFieldsChanges(TypedDict, total=False):
    """One row: an item with a price, or a text."""

    description: str | None
    quantity: Number | None
    unit: str | None
    unit_price: Number | None
    tax_rate: Number | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_behavior: Literal["exclusive", "inclusive"] | None
    tax_exemption_reason: str | None
    discount: DiscountFields | None
    product_id: Id | None
    type: Literal["item", "text"]
    taxes: Sequence[TaxFields] | None
    id: Id | None
    parent_line_id: Id | None
    classification_number: str | None
    project: str | None
    supply_start: Day | None
    supply_end: Day | None


class _ManyInvoices(TypedDict):
    invoice_ids: Sequence[Id]


class ManyInvoices(_ManyInvoices, total=False):
    """Which invoices to send, and how."""

    channels: Sequence[Literal["email", "sms", "link"]]
    message: str | None
    force: bool
    reminder: bool
    level: Literal[1, 2, 3] | None


class Match(TypedDict, total=False):
    """What the line's money is: for invoices, for a contact's credit balance, or a payment that is there."""

    allocations: Sequence[LineAllocation]
    contact_id: Id | None
    payment_id: Id | None


class MeterChanges(TypedDict, total=False):
    """The name to change; `archived` for a meter that is to count nothing any more. What it counted stays."""

    name: str
    archived: Literal[True]


class MethodChanges(TypedDict, total=False):
    """What can be changed of a method."""

    is_default: bool
    metadata: Mapping[str, str]
    exp_month: int
    exp_year: int


class _MoveFields(TypedDict):
    contact_id: Id


class MoveFields(_MoveFields, total=False):
    """Whose money it is."""

    allocations: Sequence[AllocationFields]


class _NewAccessPoint(TypedDict):
    kind: Literal["storecove"]
    legal_entity_id: int
    secret: str


class NewAccessPoint(_NewAccessPoint, total=False):
    """A Storecove account that the workspace's e-invoices go through."""

    mode: Literal["live"]
    description: str | None


class _NewAllocation(TypedDict):
    payment_id: Id
    invoice_id: Id


class NewAllocation(_NewAllocation, total=False):
    """Unallocated money of a payment that is to settle an invoice."""

    amount_minor: int | None


class _NewApiKey(TypedDict):
    name: str


class NewApiKey(_NewApiKey, total=False):
    """A key to create; without scopes it gets those of whoever creates it."""

    scopes: Sequence[str] | None
    expires_at: Instant | None


class _NewBankAccount(TypedDict):
    name: str


class NewBankAccount(_NewBankAccount, total=False):
    """An account at a bank, of which files are to be imported."""

    iban: str | None
    number: str | None
    currency: str | None


class NewBatch(TypedDict):
    """The lines of a bank statement."""

    payments: Sequence[StatementLine]


class _NewConnection(TypedDict):
    mode: Literal["live", "test"]
    secret_key: str


class NewConnection(_NewConnection, total=False):
    """Credentials of an account at a provider: `sk_…` or better a restricted key `rk_…`."""

    provider: Literal["stripe"]
    publishable_key: str | None
    webhook_secret: str | None
    description: str | None


class _NewContact(TypedDict):
    name: str


class NewContact(_NewContact, total=False):
    """A contact to create."""

    email: str | None
    phone: str | None
    address: AddressFields | None
    country: str | None
    locale: str | None
    vat_id: str | None
    e_invoice_address: str | None
    external_id: str | None
    tags: Sequence[str]
    metadata: Mapping[str, str]


class NewCreditNote(TypedDict, total=False):
    """A credit note to issue; what is paid already goes to the credit balance unless it is given back."""

    lines: Sequence[CreditedLine] | None
    reason: str | None
    notes: str | None
    issue_date: Day | None
    external_id: str | None
    metadata: Mapping[str, str]
    refund_minor: int
    out_of_band_minor: int


class NewDispute(TypedDict, total=False):
    """What the payer's bank takes back."""

    amount_minor: int | None
    reason: str


class _NewEndpoint(TypedDict):
    url: str
    event_types: Sequence[str]


class NewEndpoint(_NewEndpoint, total=False):
    """Where events are to be sent, and which."""

    description: str | None
    headers: Mapping[str, str]
    timeout_seconds: int
    max_concurrency: int
    rate_limit: int | None
    ordering: Literal["none", "fifo"]


class _NewInvoice(TypedDict):
    contact_id: Id


class NewInvoice(_NewInvoice, total=False):
    """An invoice to create; with `status: open` it is issued in the same request."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    due_date: Day | None
    tax_conversion: TaxConversionFields | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    number: str | None
    metadata: Mapping[str, str]
    currency: str | None
    status: Literal["draft", "open"]
    payment_terms_days: int | None
    lines: Sequence[LineFields]
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None


class _NewLine(TypedDict):
    invoice_id: Id


class NewLine(_NewLine, total=False):
    """A line to add at the end of a draft."""

    description: str | None
    quantity: Number | None
    unit: str | None
    unit_price: Number | None
    tax_rate: Number | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_behavior: Literal["exclusive", "inclusive"] | None
    tax_exemption_reason: str | None
    discount: DiscountFields | None
    product_id: Id | None
    type: Literal["item", "text"]
    taxes: Sequence[TaxFields] | None
    id: Id | None
    parent_line_id: Id | None
    classification_number: str | None
    project: str | None
    supply_start: Day | None
    supply_end: Day | None


class _NewMailServer(TypedDict):
    kind: Literal["smtp"]
    mode: Literal["live", "test"]
    host: str
    sender_email: str


class NewMailServer(_NewMailServer, total=False):
    """A mail server (SMTP) that the workspace's e-mails go through, and whom they come from."""

    port: Literal[25, 465, 587, 2525]
    security: Literal["starttls", "tls", "none"]
    username: str | None
    secret: str | None
    sender_name: str | None
    reply_to: str | None
    description: str | None


class NewMembership(TypedDict):
    """A person to let in."""

    issuer: str
    subject: str
    role: str


class _NewMessage(TypedDict):
    event_type: str
    data: Mapping[str, Any]


class NewMessage(_NewMessage, total=False):
    """An event of the integrator's own."""

    event_id: str | None


class _NewMeter(TypedDict):
    key: str
    name: str
    type: str
    aggregation: Literal["count", "sum", "max", "min", "latest", "unique_count"]


class NewMeter(_NewMeter, total=False):
    """A meter to make. Its definition never changes: another one is another meter."""

    filter: Mapping[str, Any]
    value: str | None
    dimensions: Sequence[str]
    scale: Number
    rounding: Literal["none", "up"]
    clamp_minimum: Number | None
    clamp_maximum: Number | None
    counts_from: Instant | None


class NewPayment(TypedDict, total=False):
    """Money that came in: for one invoice, for several, or for a contact's credit balance."""

    invoice_id: Id | None
    allocations: Sequence[AllocationFields] | None
    contact_id: Id | None
    amount_minor: int | None
    amount: Number | None
    currency: str | None
    method: str
    external_reference: str | None
    paid_on: Day | None
    note: str | None
    allocate: Literal["oldest_first"] | None


class _NewProduct(TypedDict):
    name: str
    unit_price: Number


class NewProduct(_NewProduct, total=False):
    """A product to create."""

    description: str | None
    sku: str | None
    unit: str | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_exemption_reason: str | None
    taxes: Sequence[TaxFields]
    metadata: Mapping[str, str]
    currency: str | None
    tax_rate: Number
    tax_behavior: Literal["exclusive", "inclusive"]


class _NewQuote(TypedDict):
    contact_id: Id


class NewQuote(_NewQuote, total=False):
    """A quote to create, as a draft."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    valid_until: Day | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    metadata: Mapping[str, str]
    lines: Sequence[LineFields]
    currency: str | None


class NewRefund(TypedDict, total=False):
    """Money of a payment that is to go back to the payer."""

    amount_minor: int | None
    reason: str | None
    method: str | None
    external_reference: str | None


class _NewReports(TypedDict):
    kind: Literal["mail", "postmark", "mailgun"]
    mode: Literal["live", "test"]
    secret: str


class NewReports(_NewReports, total=False):
    """Reports of what became of mails: by a mail server (`mail`), or a provider's webhooks."""

    description: str | None


class NewSandboxStatement(TypedDict):
    """What the bank booked on an account of the sandbox."""

    account_id: Id
    lines: Sequence[SandboxLine]


class _NewSesReports(TypedDict):
    kind: Literal["ses"]
    mode: Literal["live", "test"]


class NewSesReports(_NewSesReports, total=False):
    """Reports of Amazon SES through a topic of SNS, whose messages Amazon signs."""

    topic_arn: str | None
    secret: str | None
    description: str | None


class NewSetupIntent(TypedDict, total=False):
    """For whom a method is to be kept."""

    contact_id: Id | None
    test_card: (
        Literal[
            "success",
            "declined",
            "insufficient",
            "expired",
            "requires_action",
            "slow",
            "timeout_then_success",
            "timeout_then_declined",
            "processing",
            "flaky_500",
            "stored500_charged",
            "stored500_not_charged",
            "rate_limited",
            "disputed",
            "refund_fails",
        ]
        | None
    )


class _NewSmsAccount(TypedDict):
    kind: Literal["twilio"]
    mode: Literal["live", "test"]
    account_sid: str
    secret: str
    sender: str


class NewSmsAccount(_NewSmsAccount, total=False):
    """A Twilio account that the workspace's text messages go through."""

    description: str | None


class _NewSubscription(TypedDict):
    contact_id: Id
    interval: Literal["day", "week", "month", "year"]


class NewSubscription(_NewSubscription, total=False):
    """A subscription to create, with lines, or with one product and its quantity."""

    currency: str | None
    lines: Sequence[SubscriptionLineFields] | None
    product_id: Id | None
    quantity: Number | None
    charges: Sequence[ChargeFields]
    usage_subjects: Sequence[str] | None
    interval_count: int
    start_at: Instant | None
    timezone: str | None
    trial_days: int
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None
    payment_terms_days: int | None
    catch_up: Literal["all", "latest", "forgive"]
    external_id: str | None
    metadata: Mapping[str, str]


class _NewTemplate(TypedDict):
    kind: Literal["invoice", "reminder_1", "reminder_2", "reminder_3", "quote", "credit_note"]
    locale: Literal["en", "fr", "nl", "nb", "sv", "da", "de"]
    body: str


class NewTemplate(_NewTemplate, total=False):
    """A wording of one kind of message in one language; instead of ours."""

    channel: Literal["email", "sms"]
    subject: str | None
    html: str | None


class _PackageFields(TypedDict):
    model: Literal["package"]
    package_size: Number
    package_price: Number


class PackageFields(_PackageFields, total=False):
    """Units are sold by the package; one that is begun costs as much as a full one."""

    minimum: Number | None
    maximum: Number | None
    is_prorated: bool
    included: Number


class Pause(TypedDict, total=False):
    """What happens to the calendar."""

    keep_anchor: bool


class PauseRun(TypedDict, total=False):
    """Why it is paused."""

    reason: str


class _PerUnitFields(TypedDict):
    model: Literal["per_unit"]
    unit_price: Number


class PerUnitFields(_PerUnitFields, total=False):
    """Every unit beyond those included costs the same."""

    minimum: Number | None
    maximum: Number | None
    is_prorated: bool
    included: Number


class _PercentageFields(TypedDict):
    model: Literal["percentage"]
    percent: Number


class PercentageFields(_PercentageFields, total=False):
    """A part of an amount, and so much more for each event that is in it."""

    minimum: Number | None
    maximum: Number | None
    is_prorated: bool
    fixed_per_event: Number


class Preview(TypedDict, total=False):
    """What to show: texts, or without them the workspace's wording, or else ours."""

    kind: Literal["invoice", "reminder_1", "reminder_2", "reminder_3", "quote", "credit_note"]
    channel: Literal["email", "sms"]
    locale: Literal["en", "fr", "nl", "nb", "sv", "da", "de"]
    subject: str | None
    html: str | None
    body: str | None
    message: str | None


class PreviewRun(TypedDict, total=False):
    """Until when, and what is strange."""

    as_of: Instant | None
    first_bill_above_minor: int | None
    change_above_percent: int | None
    limit: int


class ProductChanges(TypedDict, total=False):
    """The fields to change; null clears one that may be empty."""

    description: str | None
    sku: str | None
    unit: str | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_exemption_reason: str | None
    taxes: Sequence[TaxFields]
    metadata: Mapping[str, str]
    name: str
    unit_price: Number
    currency: str
    tax_rate: Number
    tax_behavior: Literal["exclusive", "inclusive"]


QuietHours = TypedDict(
    "QuietHours",
    {
        "from": "str",
        "until": "str",
    },
    total=True,
)


class QuoteChanges(TypedDict, total=False):
    """The fields to change of a draft; `lines` replaces all of them."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    valid_until: Day | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    metadata: Mapping[str, str]
    lines: Sequence[LineFields]
    contact_id: Id
    currency: str


class QuoteSending(TypedDict, total=False):
    """How to send a quote besides offering it; without channels it is not sent anywhere."""

    channels: Sequence[Literal["email"]]
    email: str | None
    message: str | None
    force: bool


class Receiver(TypedDict):
    """An electronic address: a scheme of ISO 6523 or Peppol's EAS list, and the receiver's id in it."""

    scheme: str
    id: str


class _Recovery(TypedDict):
    since: Instant


class Recovery(_Recovery, total=False):
    """Which deliveries that did not arrive are to be sent again."""

    until: Instant | None
    states: Sequence[Literal["pending", "delivered", "exhausted", "gone", "cancelled", "expired", "held"]]


class ReminderSettingsChanges(TypedDict, total=False):
    """The settings to change. Another schedule does not catch up on what would have been due before."""

    enabled: bool
    preset: Literal["standard", "early", "gentle", "firm"]
    levels: Sequence[LevelFields]
    quiet_hours: QuietHours | None
    business_days_only: bool
    minimum_days_between: int
    pause_on_partial_payment: bool
    pause_on_dispute: bool


class RemindersChange(TypedDict):
    """What a person says of this invoice's reminders."""

    paused: bool | None


class _Replay(TypedDict):
    since: Instant


class Replay(_Replay, total=False):
    """Which messages are to be sent again, by the endpoint's filters of now."""

    until: Instant | None
    only_missing: bool


class ResolveFields(TypedDict):
    """A person's decision: `look_up` asks the provider once more, `failed` says that no money came."""

    outcome: Literal["look_up", "failed"]


class Retry(TypedDict, total=False):
    """Whom another try goes to."""

    to: Literal["present", "original"] | None


class _RetryParked(TypedDict):
    subscription_id: Id


class RetryParked(_RetryParked, total=False):
    """Which parked subscription is renewed now, and what is billed of what it missed."""

    catch_up: Literal["all", "latest", "forgive"] | None


class Rotation(TypedDict, total=False):
    """How a key is to be replaced."""

    grace_seconds: int
    expires_at: Instant | None


class _SandboxLine(TypedDict):
    amount_minor: int


class SandboxLine(_SandboxLine, total=False):
    """A movement; above 0 came in."""

    booked_on: Day | None
    text: str
    structured_reference: str | None
    counterparty_name: str | None
    counterparty_iban: str | None
    end_to_end_id: str | None


class Sending(TypedDict, total=False):
    """How to send a document: by e-mail where nothing is said."""

    channels: Sequence[Literal["email"]]
    email: str | None
    message: str | None
    force: bool


class _StairstepFields(TypedDict):
    model: Literal["stairstep"]
    tiers: Sequence[StepFields]


class StairstepFields(_StairstepFields, total=False):
    """The tier of the total says what everything costs together."""

    minimum: Number | None
    maximum: Number | None
    is_prorated: bool


class StatementLine(TypedDict, total=False):
    """Money that came in, as a bank tells it."""

    reference: str | None
    invoice_id: Id | None
    contact_id: Id | None
    amount_minor: int | None
    amount: Number | None
    currency: str | None
    method: str
    external_reference: str | None
    paid_on: Day | None
    note: str | None


class StepFields(TypedDict):
    """What everything costs where the total is in this tier."""

    up_to: Number | None
    flat: Number


class SubscriptionChanges(TypedDict, total=False):
    """The fields to change. Lines are changed by `/change`."""

    status: Literal["active", "paused", "canceled"]
    cancel_at_period_end: bool
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None
    payment_terms_days: int | None
    catch_up: Literal["all", "latest", "forgive"]
    external_id: str | None
    metadata: Mapping[str, str]


class SubscriptionLineFields(TypedDict, total=False):
    """What is charged each period; what is not given is the product's of today, and stays so."""

    description: str | None
    quantity: Number | None
    unit: str | None
    unit_price: Number | None
    tax_rate: Number | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_behavior: Literal["exclusive", "inclusive"] | None
    tax_exemption_reason: str | None
    discount: DiscountFields | None
    product_id: Id | None


class SubscriptionRetry(TypedDict, total=False):
    """What is billed of what it missed."""

    catch_up: Literal["all", "latest", "forgive"] | None


class Target(TypedDict):
    """The instant to move the clock to."""

    to: Instant


class _TaxConversionFields(TypedDict):
    currency: str
    exchange_rate: Number
    exchange_rate_source: str


class TaxConversionFields(_TaxConversionFields, total=False):
    """The rate at which the tax is told in the currency of the seller's accounts (BT-6 and BT-111)."""

    exchange_rate_date: Day | None


class _TaxFields(TypedDict):
    tax_rate: Number


class TaxFields(_TaxFields, total=False):
    """One of several taxes on the same thing, each on the price without any of them."""

    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_exemption_reason: str | None
    name: str | None


class TemplateChanges(TypedDict, total=False):
    """The texts to change."""

    subject: str
    html: str | None
    body: str


class _TierFields(TypedDict):
    up_to: Number | None


class TierFields(_TierFields, total=False):
    """The units up to a bound."""

    unit_price: Number
    flat: Number


class Undo(TypedDict):
    """Why a decision is taken back."""

    reason: str


class VoidEvents(TypedDict):
    """Events to take back."""

    events: Sequence[VoidedEvent]


class VoidFields(TypedDict):
    """Why the payment is undone."""

    reason: str


class VoidedEvent(TypedDict):
    """What names an event."""

    source: str
    id: str
    time: Instant


class _VolumeFields(TypedDict):
    model: Literal["volume"]
    tiers: Sequence[TierFields]


class VolumeFields(_VolumeFields, total=False):
    """All units cost what the tier of their total says."""

    minimum: Number | None
    maximum: Number | None
    is_prorated: bool


class WebhookRotation(TypedDict, total=False):
    """A change to a new random secret."""

    overlap_seconds: int


class Why(TypedDict):
    """Why it is done; kept with it."""

    reason: str


class WorkspaceChanges(TypedDict, total=False):
    """The fields to change."""

    name: str | None
    zone: str | None
    currency: str | None
    allowed_origins: Sequence[str] | None


class _WorkspaceFields(TypedDict):
    slug: str
    name: str
    mode: Literal["live", "sandbox"]


class WorkspaceFields(_WorkspaceFields, total=False):
    """A workspace to create."""

    zone: str
    currency: str


class WriteOff(TypedDict, total=False):
    """What is given up on, and why."""

    amount_minor: int | None
    reason: str | None


class _AllocationsCreate(TypedDict):
    payment_id: Id
    invoice_id: Id


class AllocationsCreate(_AllocationsCreate, Options, total=False):
    """What `allocations.create` takes."""

    amount_minor: int | None
    idempotency_key: str


class AllocationsGet(Options, total=False):
    """What `allocations.get` takes."""


class AllocationsList(Options, total=False):
    """What `allocations.list` takes."""

    invoice_id: Id
    payment_id: Id
    reversed: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class AllocationsReverse(Options, total=False):
    """What `allocations.reverse` takes."""


class _AllocationsUpdate(TypedDict):
    amount_minor: int


class AllocationsUpdate(_AllocationsUpdate, Options, total=False):
    """What `allocations.update` takes."""


class _ApiKeysCreate(TypedDict):
    name: str


class ApiKeysCreate(_ApiKeysCreate, Options, total=False):
    """What `api_keys.create` takes."""

    scopes: Sequence[str] | None
    expires_at: Instant | None
    idempotency_key: str


class ApiKeysGet(Options, total=False):
    """What `api_keys.get` takes."""


class ApiKeysList(Options, total=False):
    """What `api_keys.list` takes."""

    revoked: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class ApiKeysRevoke(Options, total=False):
    """What `api_keys.revoke` takes."""


class ApiKeysRotate(Options, total=False):
    """What `api_keys.rotate` takes."""

    grace_seconds: int
    expires_at: Instant | None
    idempotency_key: str


class AuditLogList(Options, total=False):
    """What `audit_log.list` takes."""

    resource: str
    resource_id: Id
    actor: str
    action: str
    since: Instant
    until: Instant
    before: int
    limit: int


class _BankAccountsCreate(TypedDict):
    name: str


class BankAccountsCreate(_BankAccountsCreate, Options, total=False):
    """What `bank_accounts.create` takes."""

    iban: str | None
    number: str | None
    currency: str | None
    idempotency_key: str


class BankAccountsGet(Options, total=False):
    """What `bank_accounts.get` takes."""


class BankAccountsList(Options, total=False):
    """What `bank_accounts.list` takes."""

    currency: str
    is_archived: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class BankAccountsUpdate(Options, total=False):
    """What `bank_accounts.update` takes."""

    name: str
    is_archived: bool
    if_match: int | str


class _BankImportsCreate(TypedDict):
    content: bytes
    content_type: str


class BankImportsCreate(_BankImportsCreate, Options, total=False):
    """What `bank_imports.create` takes."""

    account_id: Id
    file_name: str
    idempotency_key: str


class BankImportsGet(Options, total=False):
    """What `bank_imports.get` takes."""


class BankImportsList(Options, total=False):
    """What `bank_imports.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class BankLinesGet(Options, total=False):
    """What `bank_lines.get` takes."""


class _BankLinesIgnore(TypedDict):
    reason: str


class BankLinesIgnore(_BankLinesIgnore, Options, total=False):
    """What `bank_lines.ignore` takes."""

    ignored_as: Literal["bank_charges", "unrelated"]
    idempotency_key: str


class BankLinesList(Options, total=False):
    """What `bank_lines.list` takes."""

    state: Literal["imported", "matched", "proposed", "unknown", "ignored"]
    account_id: Id
    import_id: Id
    statement_id: Id
    payment_id: Id
    amount_minor: int
    booked_from: Day
    booked_to: Day
    q: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class BankLinesMatch(Options, total=False):
    """What `bank_lines.match` takes."""

    allocations: Sequence[LineAllocation]
    contact_id: Id | None
    payment_id: Id | None
    idempotency_key: str


class _BankLinesUndo(TypedDict):
    reason: str


class BankLinesUndo(_BankLinesUndo, Options, total=False):
    """What `bank_lines.undo` takes."""

    idempotency_key: str


class BankStatementsList(Options, total=False):
    """What `bank_statements.list` takes."""

    account_id: Id
    import_id: Id
    is_balanced: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class BusinessGet(Options, total=False):
    """What `business.get` takes."""


class BusinessLogoDelete(Options, total=False):
    """What `business.logo.delete` takes."""

    if_match: int | str


class BusinessLogoGet(Options, total=False):
    """What `business.logo.get` takes."""


class _BusinessLogoReplace(TypedDict):
    content: bytes
    content_type: str


class BusinessLogoReplace(_BusinessLogoReplace, Options, total=False):
    """What `business.logo.replace` takes."""

    if_match: int | str


class BusinessUpdate(Options, total=False):
    """What `business.update` takes."""

    name: str
    address: AddressFields | None
    country: str | None
    email: str | None
    phone: str | None
    vat_id: str | None
    tax_number: str | None
    registration_number: str | None
    iban: str | None
    bic: str | None
    logo_url: str | None
    currency: str
    payment_terms_days: int
    rounding_level: Literal["total", "line"]
    rounding_mode: Literal["half_up", "half_even"]
    number_formats: Mapping[str, str]
    if_match: int | str


class _ChannelSettingsCreate(TypedDict):
    kind: Literal["smtp", "twilio", "storecove", "mail", "postmark", "mailgun", "ses"]


class ChannelSettingsCreate(_ChannelSettingsCreate, Options, total=False):
    """What `channel_settings.create` takes."""

    mode: Literal["live", "test"]
    host: str
    port: Literal[25, 465, 587, 2525]
    security: Literal["starttls", "tls", "none"]
    username: str | None
    secret: str | None
    sender_email: str
    sender_name: str | None
    reply_to: str | None
    description: str | None
    account_sid: str
    sender: str
    legal_entity_id: int
    topic_arn: str | None
    idempotency_key: str


class ChannelSettingsDelete(Options, total=False):
    """What `channel_settings.delete` takes."""


class ChannelSettingsGet(Options, total=False):
    """What `channel_settings.get` takes."""


class ChannelSettingsList(Options, total=False):
    """What `channel_settings.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class ChannelSettingsUpdate(Options, total=False):
    """What `channel_settings.update` takes."""

    host: str
    port: Literal[25, 465, 587, 2525]
    security: Literal["starttls", "tls", "none"]
    username: str | None
    secret: str | None
    sender_email: str
    sender_name: str | None
    reply_to: str | None
    account_sid: str
    sender: str
    legal_entity_id: int
    topic_arn: str | None
    description: str | None
    if_match: int | str


class ClientPortalGet(Options, total=False):
    """What `client_portal.get` takes."""


class ContactsArchive(Options, total=False):
    """What `contacts.archive` takes."""


class _ContactsCreate(TypedDict):
    name: str


class ContactsCreate(_ContactsCreate, Options, total=False):
    """What `contacts.create` takes."""

    email: str | None
    phone: str | None
    address: AddressFields | None
    country: str | None
    locale: str | None
    vat_id: str | None
    e_invoice_address: str | None
    external_id: str | None
    tags: Sequence[str]
    metadata: Mapping[str, str]
    idempotency_key: str


class ContactsGet(Options, total=False):
    """What `contacts.get` takes."""


class ContactsList(Options, total=False):
    """What `contacts.list` takes."""

    q: str
    external_id: str
    tag: str
    archived: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class ContactsUpdate(Options, total=False):
    """What `contacts.update` takes."""

    email: str | None
    phone: str | None
    address: AddressFields | None
    country: str | None
    locale: str | None
    vat_id: str | None
    e_invoice_address: str | None
    external_id: str | None
    tags: Sequence[str]
    metadata: Mapping[str, str]
    name: str
    if_match: int | str


class CreditBalancesList(Options, total=False):
    """What `credit_balances.list` takes."""

    contact_id: Id
    currency: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class CreditNotesDeliveriesList(Options, total=False):
    """What `credit_notes.deliveries.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class CreditNotesDocuments(Options, total=False):
    """What `credit_notes.documents` takes."""


class CreditNotesGet(Options, total=False):
    """What `credit_notes.get` takes."""


class CreditNotesList(Options, total=False):
    """What `credit_notes.list` takes."""

    invoice_id: Id
    contact_id: Id
    external_id: str
    issued_from: Day
    issued_to: Day
    q: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class CreditNotesNextNumber(Options, total=False):
    """What `credit_notes.next_number` takes."""

    date: Day


class CreditNotesPdf(Options, total=False):
    """What `credit_notes.pdf` takes."""


class CreditNotesSend(Options, total=False):
    """What `credit_notes.send` takes."""

    channels: Sequence[Literal["email"]]
    email: str | None
    message: str | None
    force: bool
    idempotency_key: str


class CreditNotesUbl(Options, total=False):
    """What `credit_notes.ubl` takes."""


class _DeadLettersDrop(TypedDict):
    reason: str


class DeadLettersDrop(_DeadLettersDrop, Options, total=False):
    """What `dead_letters.drop` takes."""


class DeadLettersGet(Options, total=False):
    """What `dead_letters.get` takes."""


class DeadLettersList(Options, total=False):
    """What `dead_letters.list` takes."""

    service: Literal["invoice", "payment", "subscription_renewal", "webhook_delivery"]
    status: Literal["waiting", "replaying", "applied", "dropped"]
    workspace_id: Id
    limit: int


class DeadLettersReplay(Options, total=False):
    """What `dead_letters.replay` takes."""


class DeliveriesAttemptsList(Options, total=False):
    """What `deliveries.attempts.list` takes."""

    limit: int
    cursor: str


class DeliveriesGet(Options, total=False):
    """What `deliveries.get` takes."""


class DeliveriesList(Options, total=False):
    """What `deliveries.list` takes."""

    state: Literal["pending", "delivered", "exhausted", "gone", "cancelled", "expired", "held"]
    endpoint_id: Id
    since: Instant
    until: Instant
    event_type: str
    subject: str
    resource_id: str
    message_id: str
    limit: int
    cursor: str


class DeliveriesResend(Options, total=False):
    """What `deliveries.resend` takes."""

    idempotency_key: str


class DocumentDeliveriesGet(Options, total=False):
    """What `document_deliveries.get` takes."""


class DocumentDeliveriesList(Options, total=False):
    """What `document_deliveries.list` takes."""

    status: Sequence[str]
    channel: Literal["email", "sms", "link"]
    contact_id: Id
    document_type: Literal["invoice", "credit_note", "quote"]
    document_id: Id
    since: Instant
    until: Instant
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class DocumentDeliveriesRetry(Options, total=False):
    """What `document_deliveries.retry` takes."""

    to: Literal["present", "original"] | None
    idempotency_key: str


class DunningGet(Options, total=False):
    """What `dunning.get` takes."""


class DunningList(Options, total=False):
    """What `dunning.list` takes."""

    status: Sequence[str]
    invoice_id: Id
    subscription_id: Id
    contact_id: Id
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class DunningSettingsGet(Options, total=False):
    """What `dunning.settings.get` takes."""


class DunningSettingsUpdate(Options, total=False):
    """What `dunning.settings.update` takes."""

    preset: Literal["default", "stripe_like", "direct_debit"]
    intervals_days: Sequence[int]
    terminal_action: Literal["cancel", "uncollectible", "leave"]
    if_match: int | str


class DunningStop(Options, total=False):
    """What `dunning.stop` takes."""

    idempotency_key: str


class EInvoicesDocument(Options, total=False):
    """What `e_invoices.document` takes."""


class EInvoicesGet(Options, total=False):
    """What `e_invoices.get` takes."""


class EInvoicesList(Options, total=False):
    """What `e_invoices.list` takes."""

    status: Sequence[str]
    invoice_id: Id
    credit_note_id: Id
    receiver: str
    created_from: Day
    created_to: Day
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class EInvoicesSend(Options, total=False):
    """What `e_invoices.send` takes."""

    invoice_id: Id | None
    credit_note_id: Id | None
    receiver: Receiver | str | None
    syntax: Literal["ubl", "cii", "factur_x"]
    idempotency_key: str


class EventLanesList(Options, total=False):
    """What `event_lanes.list` takes."""

    service: Literal["invoice", "payment", "subscription_renewal", "webhook_delivery"]


class EventLanesResume(Options, total=False):
    """What `event_lanes.resume` takes."""


class _EventLanesSetAside(TypedDict):
    reason: str


class EventLanesSetAside(_EventLanesSetAside, Options, total=False):
    """What `event_lanes.set_aside` takes."""


class EventTypesGet(Options, total=False):
    """What `event_types.get` takes."""


class EventTypesList(Options, total=False):
    """What `event_types.list` takes."""


class EventsList(Options, total=False):
    """What `events.list` takes."""

    after: str
    since: Instant
    types: Sequence[str]
    resends: bool
    wait: int
    limit: int


class ExplainGet(Options, total=False):
    """What `explain.get` takes."""


class _InvoiceLinesCreate(TypedDict):
    invoice_id: Id


class InvoiceLinesCreate(_InvoiceLinesCreate, Options, total=False):
    """What `invoice_lines.create` takes."""

    description: str | None
    quantity: Number | None
    unit: str | None
    unit_price: Number | None
    tax_rate: Number | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_behavior: Literal["exclusive", "inclusive"] | None
    tax_exemption_reason: str | None
    discount: DiscountFields | None
    product_id: Id | None
    type: Literal["item", "text"]
    taxes: Sequence[TaxFields] | None
    id: Id | None
    parent_line_id: Id | None
    classification_number: str | None
    project: str | None
    supply_start: Day | None
    supply_end: Day | None
    idempotency_key: str


class InvoiceLinesDelete(Options, total=False):
    """What `invoice_lines.delete` takes."""


class InvoiceLinesGet(Options, total=False):
    """What `invoice_lines.get` takes."""


class InvoiceLinesList(Options, total=False):
    """What `invoice_lines.list` takes."""

    invoice_id: Id
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class InvoiceLinesUpdate(Options, total=False):
    """What `invoice_lines.update` takes."""

    description: str | None
    quantity: Number | None
    unit: str | None
    unit_price: Number | None
    tax_rate: Number | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_behavior: Literal["exclusive", "inclusive"] | None
    tax_exemption_reason: str | None
    discount: DiscountFields | None
    product_id: Id | None
    type: Literal["item", "text"]
    taxes: Sequence[TaxFields] | None
    id: Id | None
    parent_line_id: Id | None
    classification_number: str | None
    project: str | None
    supply_start: Day | None
    supply_end: Day | None


class _InvoicesCreate(TypedDict):
    contact_id: Id


class InvoicesCreate(_InvoicesCreate, Options, total=False):
    """What `invoices.create` takes."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    due_date: Day | None
    tax_conversion: TaxConversionFields | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    number: str | None
    metadata: Mapping[str, str]
    currency: str | None
    status: Literal["draft", "open"]
    payment_terms_days: int | None
    lines: Sequence[LineFields]
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None
    idempotency_key: str


class _InvoicesCreateBatch(TypedDict):
    invoices: Sequence[NewInvoice]


class InvoicesCreateBatch(_InvoicesCreateBatch, Options, total=False):
    """What `invoices.create_batch` takes."""

    idempotency_key: str


class InvoicesCreditNotesCreate(Options, total=False):
    """What `invoices.credit_notes.create` takes."""

    lines: Sequence[CreditedLine] | None
    reason: str | None
    notes: str | None
    issue_date: Day | None
    external_id: str | None
    metadata: Mapping[str, str]
    refund_minor: int
    out_of_band_minor: int
    idempotency_key: str


class InvoicesCreditNotesList(Options, total=False):
    """What `invoices.credit_notes.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class InvoicesDelete(Options, total=False):
    """What `invoices.delete` takes."""


class InvoicesDeliveriesGet(Options, total=False):
    """What `invoices.deliveries.get` takes."""


class InvoicesDeliveriesList(Options, total=False):
    """What `invoices.deliveries.list` takes."""

    channel: Literal["email", "sms", "link"]
    status: Literal["queued", "sending", "sent", "delivered", "bounced", "failed", "unknown", "canceled"]
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class InvoicesDeliveriesRetry(Options, total=False):
    """What `invoices.deliveries.retry` takes."""

    to: Literal["present", "original"] | None
    idempotency_key: str


class InvoicesDocuments(Options, total=False):
    """What `invoices.documents` takes."""


class InvoicesEvents(Options, total=False):
    """What `invoices.events` takes."""

    include: Literal["webhooks"]


class InvoicesGet(Options, total=False):
    """What `invoices.get` takes."""


class InvoicesIssue(Options, total=False):
    """What `invoices.issue` takes."""

    idempotency_key: str


class InvoicesList(Options, total=False):
    """What `invoices.list` takes."""

    status: Sequence[str]
    payment_status: Literal["unpaid", "partially_paid", "paid"]
    overdue: bool
    contact_id: Id
    external_id: str
    number: str
    q: str
    issued_from: Day
    issued_to: Day
    due_from: Day
    due_to: Day
    reference: str
    subscription_id: Id
    sent: bool
    opened: bool
    reminder_level: int
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class InvoicesNextNumber(Options, total=False):
    """What `invoices.next_number` takes."""

    date: Day


class InvoicesPdf(Options, total=False):
    """What `invoices.pdf` takes."""

    state: Literal["issued", "current"]
    edition: int


class InvoicesRemindersGet(Options, total=False):
    """What `invoices.reminders.get` takes."""


class _InvoicesRemindersUpdate(TypedDict):
    paused: bool | None


class InvoicesRemindersUpdate(_InvoicesRemindersUpdate, Options, total=False):
    """What `invoices.reminders.update` takes."""

    if_match: int | str


class InvoicesRenewPublicLink(Options, total=False):
    """What `invoices.renew_public_link` takes."""

    if_match: int | str
    idempotency_key: str


class InvoicesReverseWriteOff(Options, total=False):
    """What `invoices.reverse_write_off` takes."""

    idempotency_key: str


class InvoicesSend(Options, total=False):
    """What `invoices.send` takes."""

    channels: Sequence[Literal["email", "sms", "link"]]
    email: str | None
    message: str | None
    force: bool
    phone: str | None
    reminder: bool
    level: Literal[1, 2, 3] | None
    idempotency_key: str


class _InvoicesSendMany(TypedDict):
    invoice_ids: Sequence[Id]


class InvoicesSendMany(_InvoicesSendMany, Options, total=False):
    """What `invoices.send_many` takes."""

    channels: Sequence[Literal["email", "sms", "link"]]
    message: str | None
    force: bool
    reminder: bool
    level: Literal[1, 2, 3] | None
    idempotency_key: str


class InvoicesUbl(Options, total=False):
    """What `invoices.ubl` takes."""

    edition: int


class InvoicesUpdate(Options, total=False):
    """What `invoices.update` takes."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    due_date: Day | None
    tax_conversion: TaxConversionFields | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    number: str | None
    metadata: Mapping[str, str]
    contact_id: Id
    currency: str
    status: Literal["draft", "open"]
    payment_terms_days: int
    lines: Sequence[LineFields]
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None
    if_match: int | str


class InvoicesVoid(Options, total=False):
    """What `invoices.void` takes."""

    idempotency_key: str


class InvoicesWriteOff(Options, total=False):
    """What `invoices.write_off` takes."""

    amount_minor: int | None
    reason: str | None
    idempotency_key: str


class LedgerAccountsGet(Options, total=False):
    """What `ledger.accounts.get` takes."""


class LedgerAccountsList(Options, total=False):
    """What `ledger.accounts.list` takes."""

    type: Literal[
        "accounts_receivable",
        "cash",
        "write_off",
        "credit_balance",
        "refunds_payable",
        "revenue",
        "tax_payable",
        "overdrawn",
        "bank",
        "suspense",
        "bank_charges",
        "unrelated",
    ]
    contact_id: Id
    currency: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class LedgerEntriesList(Options, total=False):
    """What `ledger.entries.list` takes."""

    account_id: Id
    contact_id: Id
    source_type: Literal[
        "invoice",
        "void",
        "write_off",
        "reinstatement",
        "credit_note",
        "credit_release",
        "payment",
        "payment_void",
        "payment_move",
        "allocation",
        "reversal",
        "refund",
        "dispute",
        "bank_line",
        "bank_match",
    ]
    source_id: Id
    booked_from: Day
    booked_to: Day
    currency: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class LedgerProofs(Options, total=False):
    """What `ledger.proofs` takes."""

    idempotency_key: str


class _MembershipsCreate(TypedDict):
    issuer: str
    subject: str
    role: str


class MembershipsCreate(_MembershipsCreate, Options, total=False):
    """What `memberships.create` takes."""

    idempotency_key: str


class MembershipsDelete(Options, total=False):
    """What `memberships.delete` takes."""


class MembershipsList(Options, total=False):
    """What `memberships.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class _MessageTemplatesCreate(TypedDict):
    kind: Literal["invoice", "reminder_1", "reminder_2", "reminder_3", "quote", "credit_note"]
    locale: Literal["en", "fr", "nl", "nb", "sv", "da", "de"]
    body: str


class MessageTemplatesCreate(_MessageTemplatesCreate, Options, total=False):
    """What `message_templates.create` takes."""

    channel: Literal["email", "sms"]
    subject: str | None
    html: str | None
    idempotency_key: str


class MessageTemplatesDefault(Options, total=False):
    """What `message_templates.default` takes."""

    kind: Literal["invoice", "reminder_1", "reminder_2", "reminder_3", "quote", "credit_note"]
    channel: Literal["email", "sms"]
    locale: Literal["en", "fr", "nl", "nb", "sv", "da", "de"]


class MessageTemplatesDelete(Options, total=False):
    """What `message_templates.delete` takes."""


class MessageTemplatesGet(Options, total=False):
    """What `message_templates.get` takes."""


class MessageTemplatesList(Options, total=False):
    """What `message_templates.list` takes."""

    kind: Literal["invoice", "reminder_1", "reminder_2", "reminder_3", "quote", "credit_note"]
    channel: Literal["email", "sms"]
    locale: Literal["en", "fr", "nl", "nb", "sv", "da", "de"]
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class MessageTemplatesPreview(Options, total=False):
    """What `message_templates.preview` takes."""

    kind: Literal["invoice", "reminder_1", "reminder_2", "reminder_3", "quote", "credit_note"]
    channel: Literal["email", "sms"]
    locale: Literal["en", "fr", "nl", "nb", "sv", "da", "de"]
    subject: str | None
    html: str | None
    body: str | None
    message: str | None
    idempotency_key: str


class MessageTemplatesUpdate(Options, total=False):
    """What `message_templates.update` takes."""

    subject: str
    html: str | None
    body: str
    if_match: int | str


class MessagesAttemptsList(Options, total=False):
    """What `messages.attempts.list` takes."""

    limit: int
    cursor: str


class _MessagesCreate(TypedDict):
    event_type: str
    data: Mapping[str, Any]


class MessagesCreate(_MessagesCreate, Options, total=False):
    """What `messages.create` takes."""

    event_id: str | None
    idempotency_key: str


class MessagesGet(Options, total=False):
    """What `messages.get` takes."""


class MessagesList(Options, total=False):
    """What `messages.list` takes."""

    limit: int
    cursor: str
    event_type: str
    subject: str
    resource_id: str
    since: Instant
    until: Instant


class _MetersCreate(TypedDict):
    key: str
    name: str
    type: str
    aggregation: Literal["count", "sum", "max", "min", "latest", "unique_count"]


class MetersCreate(_MetersCreate, Options, total=False):
    """What `meters.create` takes."""

    filter: Mapping[str, Any]
    value: str | None
    dimensions: Sequence[str]
    scale: Number
    rounding: Literal["none", "up"]
    clamp_minimum: Number | None
    clamp_maximum: Number | None
    counts_from: Instant | None
    idempotency_key: str


class MetersGet(Options, total=False):
    """What `meters.get` takes."""


class MetersList(Options, total=False):
    """What `meters.list` takes."""

    type: str
    is_archived: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class MetersUpdate(Options, total=False):
    """What `meters.update` takes."""

    name: str
    archived: Literal[True]
    if_match: int | str


class _MetersUsage(TypedDict):
    from_: Instant
    before: Instant


class MetersUsage(_MetersUsage, Options, total=False):
    """What `meters.usage` takes."""

    grain: Literal["hour", "day", "total"]
    subject: Sequence[str]
    contact_id: Id
    group_by: str


class PaymentMethodsDelete(Options, total=False):
    """What `payment_methods.delete` takes."""

    if_match: int | str


class PaymentMethodsGet(Options, total=False):
    """What `payment_methods.get` takes."""


class PaymentMethodsList(Options, total=False):
    """What `payment_methods.list` takes."""

    contact_id: Id
    type: str
    status: Literal["active", "expired", "failed"]
    is_default: bool
    deleted: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class PaymentMethodsSetupIntentsCreate(Options, total=False):
    """What `payment_methods.setup_intents.create` takes."""

    contact_id: Id | None
    test_card: (
        Literal[
            "success",
            "declined",
            "insufficient",
            "expired",
            "requires_action",
            "slow",
            "timeout_then_success",
            "timeout_then_declined",
            "processing",
            "flaky_500",
            "stored500_charged",
            "stored500_not_charged",
            "rate_limited",
            "disputed",
            "refund_fails",
        ]
        | None
    )
    idempotency_key: str


class PaymentMethodsSetupIntentsGet(Options, total=False):
    """What `payment_methods.setup_intents.get` takes."""


class PaymentMethodsUpdate(Options, total=False):
    """What `payment_methods.update` takes."""

    is_default: bool
    metadata: Mapping[str, str]
    exp_month: int
    exp_year: int
    if_match: int | str


class PaymentsCancel(Options, total=False):
    """What `payments.cancel` takes."""

    idempotency_key: str


class _PaymentsCollect(TypedDict):
    invoice_id: Id


class PaymentsCollect(_PaymentsCollect, Options, total=False):
    """What `payments.collect` takes."""

    payment_method_id: Id | None
    idempotency_key: str


class PaymentsCreate(Options, total=False):
    """What `payments.create` takes."""

    invoice_id: Id | None
    allocations: Sequence[AllocationFields] | None
    contact_id: Id | None
    amount_minor: int | None
    amount: Number | None
    currency: str | None
    method: str
    external_reference: str | None
    paid_on: Day | None
    note: str | None
    allocate: Literal["oldest_first"] | None
    idempotency_key: str
    prefer_wait: int


class PaymentsGet(Options, total=False):
    """What `payments.get` takes."""


class _PaymentsImportBatch(TypedDict):
    payments: Sequence[StatementLine]


class PaymentsImportBatch(_PaymentsImportBatch, Options, total=False):
    """What `payments.import_batch` takes."""

    idempotency_key: str


class PaymentsList(Options, total=False):
    """What `payments.list` takes."""

    invoice_id: Id
    contact_id: Id
    state: Literal[
        "pending",
        "processing",
        "requires_action",
        "succeeded",
        "failed",
        "unknown",
        "needs_review",
        "canceled",
        "voided",
    ]
    external_reference: str
    method: str
    paid_from: Day
    paid_to: Day
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class _PaymentsMove(TypedDict):
    contact_id: Id


class PaymentsMove(_PaymentsMove, Options, total=False):
    """What `payments.move` takes."""

    allocations: Sequence[AllocationFields]
    idempotency_key: str


class PaymentsRefundsCreate(Options, total=False):
    """What `payments.refunds.create` takes."""

    amount_minor: int | None
    reason: str | None
    method: str | None
    external_reference: str | None
    idempotency_key: str


class PaymentsRefundsList(Options, total=False):
    """What `payments.refunds.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class _PaymentsResolve(TypedDict):
    outcome: Literal["look_up", "failed"]


class PaymentsResolve(_PaymentsResolve, Options, total=False):
    """What `payments.resolve` takes."""

    idempotency_key: str


class _PaymentsVoid(TypedDict):
    reason: str


class PaymentsVoid(_PaymentsVoid, Options, total=False):
    """What `payments.void` takes."""

    idempotency_key: str


class _PricesEstimate(TypedDict):
    price: (
        PerUnitFields | PackageFields | GraduatedFields | VolumeFields | StairstepFields | PercentageFields | FlatFields
    )
    quantity: Number
    currency: str


class PricesEstimate(_PricesEstimate, Options, total=False):
    """What `prices.estimate` takes."""

    events: int
    share: str
    idempotency_key: str


class ProductsArchive(Options, total=False):
    """What `products.archive` takes."""


class _ProductsCreate(TypedDict):
    name: str
    unit_price: Number


class ProductsCreate(_ProductsCreate, Options, total=False):
    """What `products.create` takes."""

    description: str | None
    sku: str | None
    unit: str | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_exemption_reason: str | None
    taxes: Sequence[TaxFields]
    metadata: Mapping[str, str]
    currency: str | None
    tax_rate: Number
    tax_behavior: Literal["exclusive", "inclusive"]
    idempotency_key: str


class ProductsGet(Options, total=False):
    """What `products.get` takes."""


class ProductsList(Options, total=False):
    """What `products.list` takes."""

    q: str
    sku: str
    archived: bool
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class ProductsUpdate(Options, total=False):
    """What `products.update` takes."""

    description: str | None
    sku: str | None
    unit: str | None
    tax_category: Literal["S", "Z", "E", "AE", "K", "G", "O"] | None
    tax_exemption_reason: str | None
    taxes: Sequence[TaxFields]
    metadata: Mapping[str, str]
    name: str
    unit_price: Number
    currency: str
    tax_rate: Number
    tax_behavior: Literal["exclusive", "inclusive"]
    if_match: int | str


class _ProviderConnectionsCreate(TypedDict):
    mode: Literal["live", "test"]
    secret_key: str


class ProviderConnectionsCreate(_ProviderConnectionsCreate, Options, total=False):
    """What `provider_connections.create` takes."""

    provider: Literal["stripe"]
    publishable_key: str | None
    webhook_secret: str | None
    description: str | None
    idempotency_key: str


class ProviderConnectionsDelete(Options, total=False):
    """What `provider_connections.delete` takes."""


class ProviderConnectionsGet(Options, total=False):
    """What `provider_connections.get` takes."""


class ProviderConnectionsList(Options, total=False):
    """What `provider_connections.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class ProviderConnectionsUpdate(Options, total=False):
    """What `provider_connections.update` takes."""

    secret_key: str
    publishable_key: str | None
    webhook_secret: str | None
    description: str | None
    if_match: int | str


class QuotesAccept(Options, total=False):
    """What `quotes.accept` takes."""

    invoice_status: Literal["draft", "open"]
    idempotency_key: str


class _QuotesCreate(TypedDict):
    contact_id: Id


class QuotesCreate(_QuotesCreate, Options, total=False):
    """What `quotes.create` takes."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    valid_until: Day | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    metadata: Mapping[str, str]
    lines: Sequence[LineFields]
    currency: str | None
    idempotency_key: str


class QuotesDecline(Options, total=False):
    """What `quotes.decline` takes."""

    idempotency_key: str


class QuotesDelete(Options, total=False):
    """What `quotes.delete` takes."""


class QuotesDeliveriesList(Options, total=False):
    """What `quotes.deliveries.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class QuotesGet(Options, total=False):
    """What `quotes.get` takes."""


class QuotesList(Options, total=False):
    """What `quotes.list` takes."""

    status: Sequence[str]
    contact_id: Id
    external_id: str
    q: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class QuotesPdf(Options, total=False):
    """What `quotes.pdf` takes."""


class QuotesSend(Options, total=False):
    """What `quotes.send` takes."""

    channels: Sequence[Literal["email"]]
    email: str | None
    message: str | None
    force: bool
    idempotency_key: str


class QuotesUpdate(Options, total=False):
    """What `quotes.update` takes."""

    supply_date: Day | None
    supply_start: Day | None
    supply_end: Day | None
    issue_date: Day | None
    valid_until: Day | None
    notes: str | None
    reference: str | None
    external_id: str | None
    discount: DiscountFields | None
    metadata: Mapping[str, str]
    lines: Sequence[LineFields]
    contact_id: Id
    currency: str
    if_match: int | str


class ReceivablesGet(Options, total=False):
    """What `receivables.get` takes."""


class ReceivablesList(Options, total=False):
    """What `receivables.list` takes."""

    contact_id: Id
    status: Literal["open", "settled", "written_off", "closed"]
    currency: str
    number: str
    due_from: Day
    due_to: Day
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class RefundsGet(Options, total=False):
    """What `refunds.get` takes."""


class RefundsList(Options, total=False):
    """What `refunds.list` takes."""

    payment_id: Id
    contact_id: Id
    state: Literal["pending", "succeeded", "failed"]
    credit_note_id: Id
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class ReminderSettingsGet(Options, total=False):
    """What `reminder_settings.get` takes."""


class ReminderSettingsUpdate(Options, total=False):
    """What `reminder_settings.update` takes."""

    enabled: bool
    preset: Literal["standard", "early", "gentle", "firm"]
    levels: Sequence[LevelFields]
    quiet_hours: QuietHours | None
    business_days_only: bool
    minimum_days_between: int
    pause_on_partial_payment: bool
    pause_on_dispute: bool
    if_match: int | str


class RenewalRunsGet(Options, total=False):
    """What `renewal_runs.get` takes."""


class RenewalRunsList(Options, total=False):
    """What `renewal_runs.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class RenewalRunsPause(Options, total=False):
    """What `renewal_runs.pause` takes."""

    reason: str
    idempotency_key: str


class RenewalRunsPreview(Options, total=False):
    """What `renewal_runs.preview` takes."""

    as_of: Instant | None
    first_bill_above_minor: int | None
    change_above_percent: int | None
    limit: int
    idempotency_key: str


class RenewalRunsResume(Options, total=False):
    """What `renewal_runs.resume` takes."""

    idempotency_key: str


class _RenewalRunsRetry(TypedDict):
    subscription_id: Id


class RenewalRunsRetry(_RenewalRunsRetry, Options, total=False):
    """What `renewal_runs.retry` takes."""

    catch_up: Literal["all", "latest", "forgive"] | None
    idempotency_key: str


class _SandboxBankStatements(TypedDict):
    account_id: Id
    lines: Sequence[SandboxLine]


class SandboxBankStatements(_SandboxBankStatements, Options, total=False):
    """What `sandbox.bank_statements` takes."""

    idempotency_key: str


class _SandboxClockAdvance(TypedDict):
    to: Instant


class SandboxClockAdvance(_SandboxClockAdvance, Options, total=False):
    """What `sandbox.clock.advance` takes."""

    idempotency_key: str


class SandboxClockGet(Options, total=False):
    """What `sandbox.clock.get` takes."""


class _SandboxPaymentsDecideDispute(TypedDict):
    outcome: Literal["won", "lost"]


class SandboxPaymentsDecideDispute(_SandboxPaymentsDecideDispute, Options, total=False):
    """What `sandbox.payments.decide_dispute` takes."""


class SandboxPaymentsDispute(Options, total=False):
    """What `sandbox.payments.dispute` takes."""

    amount_minor: int | None
    reason: str


class SandboxRefundsFail(Options, total=False):
    """What `sandbox.refunds.fail` takes."""

    reason: str


class SubscriptionsCancel(Options, total=False):
    """What `subscriptions.cancel` takes."""

    at: Literal["now", "period_end"]
    idempotency_key: str


class SubscriptionsChange(Options, total=False):
    """What `subscriptions.change` takes."""

    lines: Sequence[SubscriptionLineFields] | None
    product_id: Id | None
    quantity: Number | None
    policy: Literal["invoice_now", "next_invoice", "next_period", "reset_anchor"]
    proration: Literal["second", "day"]
    proration_at: Instant | None
    interval: Literal["day", "week", "month", "year"] | None
    interval_count: int | None
    if_match: int | str
    idempotency_key: str


class SubscriptionsCharges(Options, total=False):
    """What `subscriptions.charges` takes."""


class _SubscriptionsCreate(TypedDict):
    contact_id: Id
    interval: Literal["day", "week", "month", "year"]


class SubscriptionsCreate(_SubscriptionsCreate, Options, total=False):
    """What `subscriptions.create` takes."""

    currency: str | None
    lines: Sequence[SubscriptionLineFields] | None
    product_id: Id | None
    quantity: Number | None
    charges: Sequence[ChargeFields]
    usage_subjects: Sequence[str] | None
    interval_count: int
    start_at: Instant | None
    timezone: str | None
    trial_days: int
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None
    payment_terms_days: int | None
    catch_up: Literal["all", "latest", "forgive"]
    external_id: str | None
    metadata: Mapping[str, str]
    idempotency_key: str


class SubscriptionsGet(Options, total=False):
    """What `subscriptions.get` takes."""


class SubscriptionsList(Options, total=False):
    """What `subscriptions.list` takes."""

    status: Sequence[str]
    contact_id: Id
    external_id: str
    product_id: Id
    next_billing_before: Instant
    next_billing_from: Instant
    parked: bool
    q: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class SubscriptionsPause(Options, total=False):
    """What `subscriptions.pause` takes."""

    keep_anchor: bool
    idempotency_key: str


class SubscriptionsPeriodsList(Options, total=False):
    """What `subscriptions.periods.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class SubscriptionsPreview(Options, total=False):
    """What `subscriptions.preview` takes."""

    lines: Sequence[SubscriptionLineFields] | None
    product_id: Id | None
    quantity: Number | None
    policy: Literal["invoice_now", "next_invoice", "next_period", "reset_anchor"]
    proration: Literal["second", "day"]
    proration_at: Instant | None
    interval: Literal["day", "week", "month", "year"] | None
    interval_count: int | None
    idempotency_key: str


class SubscriptionsResume(Options, total=False):
    """What `subscriptions.resume` takes."""

    idempotency_key: str


class SubscriptionsRetry(Options, total=False):
    """What `subscriptions.retry` takes."""

    catch_up: Literal["all", "latest", "forgive"] | None
    idempotency_key: str


class SubscriptionsUpdate(Options, total=False):
    """What `subscriptions.update` takes."""

    status: Literal["active", "paused", "canceled"]
    cancel_at_period_end: bool
    collection_method: Literal["send_invoice", "charge_automatically"]
    payment_method_id: Id | None
    payment_terms_days: int | None
    catch_up: Literal["all", "latest", "forgive"]
    external_id: str | None
    metadata: Mapping[str, str]
    if_match: int | str


class SubscriptionsUsage(Options, total=False):
    """What `subscriptions.usage` takes."""


class _UsageExport(TypedDict):
    from_: Instant
    before: Instant


class UsageExport(_UsageExport, Options, total=False):
    """What `usage.export` takes."""

    grain: Literal["event", "hour"]
    gzip: bool


class UsageEventsCreate(Options, total=False):
    """What `usage_events.create` takes."""

    partial: bool
    unmatched: Literal["refuse", "keep"]


class UsageEventsList(Options, total=False):
    """What `usage_events.list` takes."""

    subject: str
    type: str
    id: str
    from_: Instant
    before: Instant
    limit: int
    cursor: str


class _UsageEventsVoid(TypedDict):
    events: Sequence[VoidedEvent]


class UsageEventsVoid(_UsageEventsVoid, Options, total=False):
    """What `usage_events.void` takes."""

    idempotency_key: str


class UsageRejectionsList(Options, total=False):
    """What `usage_rejections.list` takes."""

    code: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class WaitingBillingsList(Options, total=False):
    """What `waiting_billings.list` takes."""

    subscription_id: Id
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class WaitingBillingsRetry(Options, total=False):
    """What `waiting_billings.retry` takes."""

    idempotency_key: str


class _WebhookEndpointsCreate(TypedDict):
    url: str
    event_types: Sequence[str]


class WebhookEndpointsCreate(_WebhookEndpointsCreate, Options, total=False):
    """What `webhook_endpoints.create` takes."""

    description: str | None
    headers: Mapping[str, str]
    timeout_seconds: int
    max_concurrency: int
    rate_limit: int | None
    ordering: Literal["none", "fifo"]
    idempotency_key: str


class WebhookEndpointsDelete(Options, total=False):
    """What `webhook_endpoints.delete` takes."""


class WebhookEndpointsDisable(Options, total=False):
    """What `webhook_endpoints.disable` takes."""

    reason: str
    idempotency_key: str


class WebhookEndpointsEnable(Options, total=False):
    """What `webhook_endpoints.enable` takes."""

    idempotency_key: str


class WebhookEndpointsGet(Options, total=False):
    """What `webhook_endpoints.get` takes."""


class WebhookEndpointsJobsCancel(Options, total=False):
    """What `webhook_endpoints.jobs.cancel` takes."""

    idempotency_key: str


class WebhookEndpointsJobsGet(Options, total=False):
    """What `webhook_endpoints.jobs.get` takes."""


class WebhookEndpointsJobsList(Options, total=False):
    """What `webhook_endpoints.jobs.list` takes."""

    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class WebhookEndpointsList(Options, total=False):
    """What `webhook_endpoints.list` takes."""

    status: Literal["enabled", "paused", "disabled"]
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class WebhookEndpointsPause(Options, total=False):
    """What `webhook_endpoints.pause` takes."""

    idempotency_key: str


class _WebhookEndpointsRecover(TypedDict):
    since: Instant


class WebhookEndpointsRecover(_WebhookEndpointsRecover, Options, total=False):
    """What `webhook_endpoints.recover` takes."""

    until: Instant | None
    states: Sequence[Literal["pending", "delivered", "exhausted", "gone", "cancelled", "expired", "held"]]
    idempotency_key: str


class _WebhookEndpointsReplay(TypedDict):
    since: Instant


class WebhookEndpointsReplay(_WebhookEndpointsReplay, Options, total=False):
    """What `webhook_endpoints.replay` takes."""

    until: Instant | None
    only_missing: bool
    idempotency_key: str


class WebhookEndpointsSecretGet(Options, total=False):
    """What `webhook_endpoints.secret.get` takes."""


class _WebhookEndpointsSecretReplace(TypedDict):
    secret: str


class WebhookEndpointsSecretReplace(_WebhookEndpointsSecretReplace, Options, total=False):
    """What `webhook_endpoints.secret.replace` takes."""

    overlap_seconds: int
    idempotency_key: str


class WebhookEndpointsSecretRotate(Options, total=False):
    """What `webhook_endpoints.secret.rotate` takes."""

    overlap_seconds: int
    idempotency_key: str


class WebhookEndpointsStats(Options, total=False):
    """What `webhook_endpoints.stats` takes."""

    hours: int


class WebhookEndpointsTest(Options, total=False):
    """What `webhook_endpoints.test` takes."""


class WebhookEndpointsUpdate(Options, total=False):
    """What `webhook_endpoints.update` takes."""

    url: str
    event_types: Sequence[str]
    description: str | None
    headers: Mapping[str, str]
    timeout_seconds: int
    max_concurrency: int
    rate_limit: int | None
    ordering: Literal["none", "fifo"]


class _WorkspacesCreate(TypedDict):
    slug: str
    name: str
    mode: Literal["live", "sandbox"]


class WorkspacesCreate(_WorkspacesCreate, Options, total=False):
    """What `workspaces.create` takes."""

    zone: str
    currency: str
    idempotency_key: str


class WorkspacesGet(Options, total=False):
    """What `workspaces.get` takes."""


class WorkspacesList(Options, total=False):
    """What `workspaces.list` takes."""

    slug: str
    limit: int
    offset: int
    cursor: str
    include: Literal["total", "exact_total"]


class WorkspacesUpdate(Options, total=False):
    """What `workspaces.update` takes."""

    name: str | None
    zone: str | None
    currency: str | None
    allowed_origins: Sequence[str] | None
    if_match: int | str
