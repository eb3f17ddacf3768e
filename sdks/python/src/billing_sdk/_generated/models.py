"""What the API answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Union

from billing_sdk._models import Model

if TYPE_CHECKING:
    from decimal import Decimal


class AcceptedUsage(Model):
    """Every event is safe, and will be counted once."""

    __slots__ = ()
    _parts = {"rejected": "RejectedEvent"}
    if TYPE_CHECKING:
        accepted: int
        rejected: list[RejectedEvent]


class Account(Model):
    """Where money stands: a contact's, a method's or the workspace's own, in one currency."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        type: str
        currency: str
        contact_id: str | None
        method: str | None
        debits_minor: int
        credits_minor: int
        balance_minor: int


class AccountPage(Model):
    """AccountPage."""

    __slots__ = ()
    _parts = {"data": "Account", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Account]
        meta: Meta


class Address(Model):
    """A postal address."""

    __slots__ = ()
    if TYPE_CHECKING:
        line1: str | None
        line2: str | None
        postal_code: str | None
        city: str | None
        region: str | None


class Allocation(Model):
    """An allocation standing by itself, with the payment that it is a part of."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        serial: int
        invoice_id: str
        amount_minor: int
        amount_due_minor: int
        invoice_amount_paid_minor: int
        invoice_payment_status: str
        receivable_version: int
        invoice_amount_written_off_minor: int | None
        write_off_version: int
        payment_id: str


class AllocationData(Model):
    """The part of a payment that settles one invoice, and what the invoice's receivable shows after it."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        serial: int
        invoice_id: str
        amount_minor: int
        amount_due_minor: int
        invoice_amount_paid_minor: int
        invoice_payment_status: str
        receivable_version: int
        invoice_amount_written_off_minor: int | None
        write_off_version: int


class AllocationPage(Model):
    """AllocationPage."""

    __slots__ = ()
    _parts = {"data": "Allocation", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Allocation]
        meta: Meta


class ApiKey(Model):
    """A key without its secret."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        name: str
        prefix: str
        last4: str
        scopes: list[str]
        created_by: str
        created_at: str
        expires_at: str | None
        last_used_at: str | None
        revoked_at: str | None
        replaces_id: str | None


class ApiKeyPage(Model):
    """ApiKeyPage."""

    __slots__ = ()
    _parts = {"data": "ApiKey", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[ApiKey]
        meta: Meta


class AtProvider(Model):
    """What the sandbox provider says now; the payment follows within seconds, as after a webhook."""

    __slots__ = ()
    if TYPE_CHECKING:
        reference: str
        status: str
        amount_minor: int


class Attempt(Model):
    """One request to one endpoint, and its answer."""

    __slots__ = ()
    if TYPE_CHECKING:
        delivery_id: str
        endpoint_id: str
        number: int
        kind: str
        at: str
        duration_ms: int
        status: int | None
        error: str | None
        reason: str | None
        state: str
        request_headers: dict[str, str]
        response_headers: dict[str, str]
        response_body: str


class AttemptPage(Model):
    """AttemptPage."""

    __slots__ = ()
    _parts = {"data": "Attempt", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Attempt]
        meta: Meta


class AuditEntry(Model):
    """One change that a person or a key made: who, what, when, and what it changed, without secrets."""

    __slots__ = ()
    if TYPE_CHECKING:
        position: int
        resource: str
        resource_id: str
        sequence: int
        types: list[str]
        actor: str
        request_id: str | None
        occurred_at: str
        recorded_at: str
        before: dict[str, Any] | None
        after: dict[str, Any] | None
        data_sha256: str


class AuditLog(Model):
    """One page of changes, newest first."""

    __slots__ = ()
    _parts = {"data": "AuditEntry", "meta": "AuditMeta"}
    if TYPE_CHECKING:
        data: list[AuditEntry]
        meta: AuditMeta


class AuditMeta(Model):
    """Where this page stands."""

    __slots__ = ()
    if TYPE_CHECKING:
        limit: int
        next_before: int | None


class BankAccount(Model):
    """A bank account."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        name: str
        currency: str
        iban: str | None
        number: str | None
        archived_at: str | None


class BankAccountPage(Model):
    """BankAccountPage."""

    __slots__ = ()
    _parts = {"data": "BankAccount", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[BankAccount]
        meta: Meta


class Batch(Model):
    """What came of each invoice of a batch."""

    __slots__ = ()
    _parts = {"data": "BatchResult"}
    if TYPE_CHECKING:
        data: list[BatchResult]


class BatchResult(Model):
    """What came of one invoice of a batch: the invoice, or the problem (RFC 9457) against it."""

    __slots__ = ()
    _parts = {"invoice": "Invoice"}
    if TYPE_CHECKING:
        index: int
        status: int
        invoice: Invoice | None
        error: dict[str, Any] | None


class BilledSubscription(Model):
    """A subscription with what is to be invoiced for it."""

    __slots__ = ()
    _parts = {
        "lines": "SubscriptionLine",
        "scheduled_change": "ScheduledChange",
        "pending_lines": "SubscriptionLine",
        "billing": "Billing",
    }
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str
        currency: str
        status: str
        lines: list[SubscriptionLine]
        interval: str
        interval_count: int
        timezone: str
        start_at: str
        anchor_at: str
        trial_end: str | None
        current_period_start: str | None
        current_period_end: str | None
        next_billing_at: str | None
        collection_method: str
        payment_method_id: str | None
        payment_terms_days: int | None
        cancel_at_period_end: bool
        scheduled_change: ScheduledChange | None
        pending_lines: list[SubscriptionLine]
        catch_up: str
        parked_reason: str | None
        parked_at: str | None
        external_id: str | None
        metadata: dict[str, str]
        paused_at: str | None
        canceled_at: str | None
        ended_at: str | None
        billing: Billing


class Billing(Model):
    """What is to be invoiced; one invoice for each subscription, `period_start` and `reason` `cycle`."""

    __slots__ = ()
    _parts = {"lines": "SubscriptionLine"}
    if TYPE_CHECKING:
        reason: str
        period_start: str
        period_end: str
        lines: list[SubscriptionLine]
        billed_at: str


class BillingProblem(Model):
    """What is in the way of the invoice."""

    __slots__ = ()
    if TYPE_CHECKING:
        code: str
        detail: str


class Business(Model):
    """Who sells, and how its documents are made; `id` is the workspace's."""

    __slots__ = ()
    _parts = {"address": "Address"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        name: str
        address: Address | None
        country: str | None
        email: str | None
        phone: str | None
        vat_id: str | None
        tax_number: str | None
        registration_number: str | None
        iban: str | None
        bic: str | None
        logo_url: str | None
        logo_sha256: str | None
        currency: str
        payment_terms_days: int
        rounding_level: str
        rounding_mode: str
        number_formats: dict[str, str]


class BusinessUpdatedEvent(Model):
    """The seller's profile was changed."""

    __slots__ = ()
    _parts = {"data": "Business"}
    if TYPE_CHECKING:
        type: Literal["business.updated"]
        timestamp: str
        sequence: int
        data: Business


class Candidate(Model):
    """An invoice that a line may be for; minor units of `currency`."""

    __slots__ = ()
    if TYPE_CHECKING:
        invoice_id: str
        number: str
        reference: str | None
        contact_id: str
        currency: str
        amount_due_minor: int


class ChangePreview(Model):
    """What a change would do; amounts in minor units, before tax where prices exclude it."""

    __slots__ = ()
    _parts = {
        "invoiced_now": "SubscriptionLine",
        "carried": "SubscriptionLine",
        "next_invoice": "NextInvoice",
        "subscription": "Subscription",
    }
    if TYPE_CHECKING:
        currency: str
        credit_minor: int
        charge_minor: int
        net_minor: int
        invoiced_now: list[SubscriptionLine]
        invoiced_now_minor: int
        carried: list[SubscriptionLine]
        next_invoice: NextInvoice
        subscription: Subscription


class ChannelSetting(Model):
    """A setting as it may be shown; fields of the other kind are null."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        kind: str
        mode: str
        description: str | None
        host: str | None
        port: int | None
        security: str | None
        username: str | None
        sender_email: str | None
        sender_name: str | None
        reply_to: str | None
        account_sid: str | None
        sender: str | None
        legal_entity_id: int | None
        topic_arn: str | None
        has_secret: bool


class ChannelSettingPage(Model):
    """ChannelSettingPage."""

    __slots__ = ()
    _parts = {"data": "ChannelSetting", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[ChannelSetting]
        meta: Meta


class Charge(Model):
    """What is billed of a meter's usage."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        key: str
        meter: str
        description: str
        unit: str | None
        price: dict[str, Any]
        subjects: list[str]
        product_id: str | None
        created_at: str


class Charges(Model):
    """A subscription's charges."""

    __slots__ = ()
    _parts = {"data": "Charge"}
    if TYPE_CHECKING:
        data: list[Charge]


class Clock(Model):
    """What time it is in the workspace."""

    __slots__ = ()
    _parts = {"progress": "Progress"}
    if TYPE_CHECKING:
        now: str
        zone: str
        target: str | None
        progress: Progress | None


class ConflictingEvent(Model):
    """An event whose id was used before on the same day for something else; the first one counts."""

    __slots__ = ()
    if TYPE_CHECKING:
        source: str
        id: str
        time: str


class Connection(Model):
    """A connection as it may be shown."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        provider: str
        mode: str
        description: str | None
        publishable_key: str | None
        secret_key_last4: str
        has_webhook_secret: bool
        webhook_path: str


class ConnectionPage(Model):
    """ConnectionPage."""

    __slots__ = ()
    _parts = {"data": "Connection", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Connection]
        meta: Meta


class Contact(Model):
    """A customer of the workspace."""

    __slots__ = ()
    _parts = {"address": "Address", "credit_balances": "CreditBalance"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        name: str
        email: str | None
        phone: str | None
        address: Address | None
        country: str | None
        locale: str | None
        vat_id: str | None
        e_invoice_address: str | None
        external_id: str | None
        tags: list[str]
        metadata: dict[str, str]
        archived_at: str | None
        credit_balances: list[CreditBalance]


class ContactCreatedEvent(Model):
    """A contact was created."""

    __slots__ = ()
    _parts = {"data": "Contact"}
    if TYPE_CHECKING:
        type: Literal["contact.created"]
        timestamp: str
        sequence: int
        data: Contact


class ContactDeletedEvent(Model):
    """A contact was archived."""

    __slots__ = ()
    _parts = {"data": "Contact"}
    if TYPE_CHECKING:
        type: Literal["contact.deleted"]
        timestamp: str
        sequence: int
        data: Contact


class ContactOnInvoice(Model):
    """The contact as it was when the invoice was issued, or as it is while a draft."""

    __slots__ = ()
    _parts = {"address": "Address"}
    if TYPE_CHECKING:
        id: str
        name: str
        email: str | None
        phone: str | None
        address: Address | None
        country: str | None
        locale: str | None
        vat_id: str | None
        e_invoice_address: str | None
        external_id: str | None


class ContactPage(Model):
    """ContactPage."""

    __slots__ = ()
    _parts = {"data": "Contact", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Contact]
        meta: Meta


class ContactUpdatedEvent(Model):
    """A contact was changed."""

    __slots__ = ()
    _parts = {"data": "Contact"}
    if TYPE_CHECKING:
        type: Literal["contact.updated"]
        timestamp: str
        sequence: int
        data: Contact


class CountedUsage(Model):
    """The usage is counted."""

    __slots__ = ()
    _parts = {"conflicting": "ConflictingEvent", "rejected": "RejectedEvent"}
    if TYPE_CHECKING:
        counted: int
        repeated: int
        conflicting: list[ConflictingEvent]
        rejected: list[RejectedEvent]


class CreatedApiKey(Model):
    """A new key; the secret is null when the request was repeated, because it is shown once."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        name: str
        prefix: str
        last4: str
        scopes: list[str]
        created_by: str
        created_at: str
        expires_at: str | None
        last_used_at: str | None
        revoked_at: str | None
        replaces_id: str | None
        key: str | None


class CreatedEndpoint(Model):
    """A new endpoint with its secret."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        url: str
        event_types: list[str]
        description: str | None
        headers: dict[str, str]
        timeout_seconds: int
        max_concurrency: int
        rate_limit: int | None
        ordering: str
        status: str
        disabled_reason: str | None
        disabled_at: str | None
        paused_until: str | None
        failing_since: str | None
        failure_count: int
        health: str
        disables_at: str | None
        created_at: str
        updated_at: str
        secret: str
        warnings: list[str]


class CreatedWorkspace(Model):
    """The workspace and its first API key, which opens everything in it."""

    __slots__ = ()
    _parts = {"api_key": "FirstKey"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        slug: str
        name: str
        mode: str
        zone: str
        currency: str
        clock_offset_ms: int
        allowed_origins: list[str]
        api_key: FirstKey


class CreditBalance(Model):
    """Money of one currency that the workspace owes the contact, in minor units."""

    __slots__ = ()
    if TYPE_CHECKING:
        currency: str
        amount_minor: int


class CreditBalanceData(Model):
    """What the workspace owes one contact in one currency, in minor units."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str
        currency: str
        amount_minor: int


class CreditBalanceDataPage(Model):
    """CreditBalanceDataPage."""

    __slots__ = ()
    _parts = {"data": "CreditBalanceData", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[CreditBalanceData]
        meta: Meta


class CreditBalanceUpdatedEvent(Model):
    """A contact's credit balance changed."""

    __slots__ = ()
    _parts = {"data": "CreditBalanceData"}
    if TYPE_CHECKING:
        type: Literal["credit_balance.updated"]
        timestamp: str
        sequence: int
        data: CreditBalanceData


class CreditNote(Model):
    """A credit note with its lines and totals, amounts in minor units of `currency`."""

    __slots__ = ()
    _parts = {
        "invoice": "CreditedInvoice",
        "contact": "ContactOnInvoice",
        "seller": "Seller",
        "lines": "CreditNoteLine",
        "tax_breakdown": "TaxBreakdown",
        "tax_conversion": "TaxConversion",
    }
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        invoice_id: str
        invoice: CreditedInvoice
        contact_id: str
        contact: ContactOnInvoice
        seller: Seller | None
        currency: str
        number: str
        issue_date: str
        supply_date: str | None
        supply_start: str | None
        supply_end: str | None
        reason: str | None
        lines: list[CreditNoteLine]
        subtotal_minor: int
        tax_minor: int
        total_minor: int
        tax_breakdown: list[TaxBreakdown]
        tax_conversion: TaxConversion | None
        refund_minor: int
        out_of_band_minor: int
        notes: str | None
        external_id: str | None
        metadata: dict[str, str]


class CreditNoteIssuedEvent(Model):
    """Part or all of an invoice was taken back."""

    __slots__ = ()
    _parts = {"data": "CreditNote"}
    if TYPE_CHECKING:
        type: Literal["credit_note.issued"]
        timestamp: str
        sequence: int
        data: CreditNote


class CreditNoteLine(Model):
    """A row of a credit note; its amounts are positive where they take back money."""

    __slots__ = ()
    _parts = {"taxes": "LineTax", "discount": "Discount"}
    if TYPE_CHECKING:
        id: str
        type: str
        description: str
        quantity: str | None
        unit: str | None
        unit_price: str | None
        tax_rate: str | None
        tax_category: str | None
        tax_behavior: str | None
        tax_exemption_reason: str | None
        taxes: list[LineTax]
        discount: Discount | None
        product_id: str | None
        parent_line_id: str | None
        classification_number: str | None
        project: str | None
        supply_start: str | None
        supply_end: str | None
        discount_share_minor: int
        net_minor: int
        tax_minor: int
        gross_minor: int
        invoice_line_id: str
        credited_quantity: str | None


class CreditNotePage(Model):
    """CreditNotePage."""

    __slots__ = ()
    _parts = {"data": "CreditNote", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[CreditNote]
        meta: Meta


class CreditRelease(Model):
    """Credit of a subscription that has stopped: it goes to the contact's credit balance, once."""

    __slots__ = ()
    _parts = {"lines": "SubscriptionLine"}
    if TYPE_CHECKING:
        amount_minor: int
        tax_minor: int
        lines: list[SubscriptionLine]
        released_at: str


class CreditedInvoice(Model):
    """The invoice that is credited, as it is with this credit note; amounts in minor units."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        number: str
        issue_date: str
        due_date: str | None
        total_minor: int
        amount_credited_minor: int


class DeadLetter(Model):
    """An event that a service could not apply. The same event is one letter, however often it dies."""

    __slots__ = ()
    if TYPE_CHECKING:
        service: str
        id: str
        workspace_id: str
        type: str
        reason: str
        error: str
        status: str
        death_count: int
        topic: str
        record_partition: int
        record_offset: int
        first_at: str
        last_at: str
        ended_at: str | None
        ended_by: str | None
        ended_reason: str | None


class DeadLetters(Model):
    """Dead letters of one service or of all, each service's in the order in which they first died."""

    __slots__ = ()
    _parts = {"data": "DeadLetter"}
    if TYPE_CHECKING:
        data: list[DeadLetter]


class Deliveries(Model):
    """What was queued, one for each channel."""

    __slots__ = ()
    _parts = {"data": "Delivery"}
    if TYPE_CHECKING:
        data: list[Delivery]


class Delivery(Model):
    """A delivery; by link with the link."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        kind: str
        document_id: str
        contact_id: str
        channel: str
        level: int
        status: str
        recipient: str | None
        message: str | None
        attempt_count: int
        failure_code: str | None
        failure_message: str | None
        sent_at: str | None
        next_attempt_at: str | None
        public_url: str | None


class DeliveryData(Model):
    """A document on its way to its contact over one channel."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        kind: str
        document_id: str
        contact_id: str
        channel: str
        level: int
        status: str
        recipient: str | None
        message: str | None
        attempt_count: int
        failure_code: str | None
        failure_message: str | None
        sent_at: str | None
        next_attempt_at: str | None


class DeliveryPage(Model):
    """DeliveryPage."""

    __slots__ = ()
    _parts = {"data": "Delivery", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Delivery]
        meta: Meta


class Discount(Model):
    """A reduction of a line or of a whole invoice, as a percentage or as an amount in minor units."""

    __slots__ = ()
    if TYPE_CHECKING:
        percent: str | None
        amount_minor: int | None


class Dispute(Model):
    """What a payer's bank says of a payment. Until it is won, the bank has the money."""

    __slots__ = ()
    if TYPE_CHECKING:
        reference: str | None
        status: str
        amount_minor: int
        reason: str | None
        opened_at: str
        closed_at: str | None


class Dunning(Model):
    """A campaign of retries for one invoice, scheduled at its first failure."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        invoice_id: str
        contact_id: str
        subscription_id: str | None
        status: str
        attempt_count: int
        next_attempt_at: str | None
        remaining_attempts: list[str]
        last_failure_code: str | None
        terminal_action: str
        ended_at: str | None


class DunningCreatedEvent(Model):
    """A campaign began: an automatic collection failed for the first time."""

    __slots__ = ()
    _parts = {"data": "Dunning"}
    if TYPE_CHECKING:
        type: Literal["dunning.created"]
        timestamp: str
        sequence: int
        data: Dunning


class DunningEndedEvent(Model):
    """A campaign is over: recovered, exhausted (its terminal action is due) or canceled."""

    __slots__ = ()
    _parts = {"data": "Dunning"}
    if TYPE_CHECKING:
        type: Literal["dunning.ended"]
        timestamp: str
        sequence: int
        data: Dunning


class DunningPage(Model):
    """DunningPage."""

    __slots__ = ()
    _parts = {"data": "Dunning", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Dunning]
        meta: Meta


class DunningRetryDueEvent(Model):
    """It is time to collect the invoice once more."""

    __slots__ = ()
    _parts = {"data": "Dunning"}
    if TYPE_CHECKING:
        type: Literal["dunning.retry_due"]
        timestamp: str
        sequence: int
        data: Dunning


class DunningSettings(Model):
    """What is done about invoices whose automatic collection fails."""

    __slots__ = ()
    if TYPE_CHECKING:
        version: int
        updated_at: str | None
        preset: str
        intervals_days: list[int]
        terminal_action: str


class DunningUpdatedEvent(Model):
    """A campaign was changed."""

    __slots__ = ()
    _parts = {"data": "Dunning"}
    if TYPE_CHECKING:
        type: Literal["dunning.updated"]
        timestamp: str
        sequence: int
        data: Dunning


class EInvoice(Model):
    """One document on its way to one receiver. `receiver` and `sender` are `scheme:id` (ISO 6523)."""

    __slots__ = ()
    _parts = {"failure": "EInvoiceFailure", "findings": "EInvoiceFinding", "history": "EInvoiceState"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        invoice_id: str
        credit_note_id: str | None
        number: str
        syntax: str
        sender: str
        receiver: str
        status: str
        failure: EInvoiceFailure | None
        document_sha256: str
        rule_set: str
        findings: list[EInvoiceFinding]
        provider: str
        provider_reference: str | None
        submission_guid: str
        attempt_count: int
        evidence: dict[str, Any] | None
        history: list[EInvoiceState]
        submitted_at: str | None
        delivered_at: str | None


class EInvoiceCreatedEvent(Model):
    """An e-invoice was queued."""

    __slots__ = ()
    _parts = {"data": "EInvoice"}
    if TYPE_CHECKING:
        type: Literal["e_invoice.created"]
        timestamp: str
        sequence: int
        data: EInvoice


class EInvoiceFailure(Model):
    """Why the e-invoice did not arrive, or the receiver does not accept it."""

    __slots__ = ()
    if TYPE_CHECKING:
        code: str
        message: str | None


class EInvoiceFinding(Model):
    """A rule that the document breaks; only fatal ones keep it from being sent."""

    __slots__ = ()
    if TYPE_CHECKING:
        rule: str
        severity: str
        message: str
        location: str


class EInvoicePage(Model):
    """EInvoicePage."""

    __slots__ = ()
    _parts = {"data": "EInvoice", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[EInvoice]
        meta: Meta


class EInvoiceState(Model):
    """One state that the e-invoice was in, and since when on the workspace's clock."""

    __slots__ = ()
    if TYPE_CHECKING:
        status: str
        at: str
        code: str | None
        message: str | None


class EInvoiceUpdatedEvent(Model):
    """An e-invoice's state changed."""

    __slots__ = ()
    _parts = {"data": "EInvoice"}
    if TYPE_CHECKING:
        type: Literal["e_invoice.updated"]
        timestamp: str
        sequence: int
        data: EInvoice


class Endpoint(Model):
    """An endpoint as it is now; while it is paused or disabled, its deliveries are held."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        url: str
        event_types: list[str]
        description: str | None
        headers: dict[str, str]
        timeout_seconds: int
        max_concurrency: int
        rate_limit: int | None
        ordering: str
        status: str
        disabled_reason: str | None
        disabled_at: str | None
        paused_until: str | None
        failing_since: str | None
        failure_count: int
        health: str
        disables_at: str | None
        created_at: str
        updated_at: str
        warnings: list[str]


class EndpointPage(Model):
    """EndpointPage."""

    __slots__ = ()
    _parts = {"data": "Endpoint", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Endpoint]
        meta: Meta


class EndpointStats(Model):
    """Figures of the last hours; at most the newest 100,000 attempts are counted."""

    __slots__ = ()
    if TYPE_CHECKING:
        since: str
        attempt_count: int
        success_count: int
        outcomes: dict[str, int]
        p50_ms: int | None
        p95_ms: int | None
        p99_ms: int | None
        last_success_at: str | None
        last_failure_at: str | None
        pending_count: int
        head_age_seconds: int | None
        exhausted_count: int
        held_count: int


class Entry(Model):
    """A transfer between two accounts: it balances by itself and never changes."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        currency: str
        debit_account_id: str
        credit_account_id: str
        amount_minor: int
        source_type: str
        source_id: str
        booked_on: str
        created_at: str


class EntryPage(Model):
    """EntryPage."""

    __slots__ = ()
    _parts = {"data": "Entry", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Entry]
        meta: Meta


class EstimateReply(Model):
    """What a quantity costs, before tax where prices exclude it."""

    __slots__ = ()
    _parts = {"rows": "PricedRow"}
    if TYPE_CHECKING:
        currency: str
        rows: list[PricedRow]
        amount_minor: int


class EventType(Model):
    """An event type with what its `data` holds."""

    __slots__ = ()
    if TYPE_CHECKING:
        type: str
        description: str
        schema: dict[str, Any]
        example: dict[str, Any]


class EventTypeSummary(Model):
    """One of the platform's event types."""

    __slots__ = ()
    if TYPE_CHECKING:
        type: str
        description: str


class EventTypes(Model):
    """Every event type of the platform."""

    __slots__ = ()
    _parts = {"data": "EventTypeSummary"}
    if TYPE_CHECKING:
        data: list[EventTypeSummary]


class Explanation(Model):
    """Where something stands and why."""

    __slots__ = ()
    _parts = {"subject": "Subject", "findings": "Finding", "unavailable": "Unavailable"}
    if TYPE_CHECKING:
        subject: Subject
        state: str
        findings: list[Finding]
        timeline: list[dict[str, Any]]
        unavailable: list[Unavailable]


class FailureData(Model):
    """Why a collection did not bring money, and what can be done about it."""

    __slots__ = ()
    if TYPE_CHECKING:
        code: str
        advice: str
        message: str | None


class Fault(Model):
    """Why a line was not registered."""

    __slots__ = ()
    if TYPE_CHECKING:
        code: str
        detail: str
        pointer: str | None


class FeeFields(Model):
    """What the message says is asked for besides; it is not added to the invoice."""

    __slots__ = ()
    if TYPE_CHECKING:
        amount_minor: int
        currency: str


class Feed(Model):
    """A piece of the feed, in the order in which its events became visible."""

    __slots__ = ()
    _parts = {"data": "FeedEvent", "meta": "FeedMeta"}
    if TYPE_CHECKING:
        data: list[FeedEvent]
        meta: FeedMeta


class FeedEvent(Model):
    """A message as endpoints hear it, with its webhook-id."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        subject: str | None
        sequence: int | None
        type: str
        timestamp: str
        resend: bool
        data: dict[str, Any] | None
        lacking_scope: str | None


class FeedMeta(Model):
    """Where the feed stands."""

    __slots__ = ()
    if TYPE_CHECKING:
        limit: int
        next_cursor: str
        has_more: bool
        skipped_count: int


class Finding(Model):
    """One thing that explains it; `code` is stable, `text` is for people and may change."""

    __slots__ = ()
    if TYPE_CHECKING:
        code: str
        severity: str
        text: str
        refs: dict[str, str]


class FirstKey(Model):
    """The workspace's first API key; null when the request was repeated, because it is shown once."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        key: str | None


class Forecast(Model):
    """What one subscription would be billed; minor units, before tax where prices exclude it."""

    __slots__ = ()
    if TYPE_CHECKING:
        subscription_id: str
        contact_id: str
        currency: str
        outcome: str
        period_count: int
        amount_minor: int
        last_amount_minor: int | None
        difference_minor: int | None
        anomalies: list[str]


class Identity(Model):
    """One thing that always holds of money, recomputed from every row that it is about."""

    __slots__ = ()
    if TYPE_CHECKING:
        name: str
        holds: bool
        checked_count: int
        fault_count: int
        faults: list[str]


class Import(Model):
    """A file that was imported, and how far its lines are matched."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        created_at: str
        format: str
        file_name: str | None
        sha256: str
        status: str
        statement_count: int
        line_count: int
        new_line_count: int
        progress_percent: int
        line_counts: dict[str, int]


class ImportPage(Model):
    """ImportPage."""

    __slots__ = ()
    _parts = {"data": "Import", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Import]
        meta: Meta


class Instructed(Model):
    """What the payer ordered in another currency."""

    __slots__ = ()
    if TYPE_CHECKING:
        amount_minor: int
        currency: str
        exchange_rate: str | None


class Invoice(Model):
    """An invoice with its lines, totals and what has been paid, amounts in minor units of `currency`."""

    __slots__ = ()
    _parts = {
        "contact": "ContactOnInvoice",
        "seller": "Seller",
        "lines": "LineData",
        "discount": "Discount",
        "tax_breakdown": "TaxBreakdown",
        "tax_conversion": "TaxConversion",
    }
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str
        contact: ContactOnInvoice
        seller: Seller | None
        currency: str
        status: str
        payment_status: str
        number: str | None
        issue_date: str | None
        due_date: str | None
        supply_date: str | None
        supply_start: str | None
        supply_end: str | None
        payment_terms_days: int
        is_overdue: bool
        lines: list[LineData]
        discount: Discount | None
        subtotal_minor: int
        tax_minor: int
        total_minor: int
        amount_paid_minor: int
        amount_credited_minor: int
        amount_due_minor: int
        amount_written_off_minor: int
        write_off_reason: str | None
        write_off_version: int
        tax_breakdown: list[TaxBreakdown]
        tax_conversion: TaxConversion | None
        notes: str | None
        reference: str | None
        external_id: str | None
        collection_method: str
        payment_method_id: str | None
        metadata: dict[str, str]
        sent_at: str | None
        opened_at: str | None
        issued_at: str | None
        paid_at: str | None
        voided_at: str | None
        written_off_at: str | None
        quote_id: str | None
        subscription_id: str | None
        period_start: str | None
        period_end: str | None
        billing_reason: str | None
        public_url: str | None
        edition: int
        edited_at: str | None
        reminder_level: int
        reminded_at: str | None
        reminders_paused: bool | None


class InvoiceCreatedEvent(Model):
    """An invoice was created."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.created"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceDeletedEvent(Model):
    """A draft was deleted."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.deleted"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceDeliveryFailedEvent(Model):
    """An invoice, or a reminder of it, bounced, failed, or never told how it went; nobody tries again."""

    __slots__ = ()
    _parts = {"data": "DeliveryData"}
    if TYPE_CHECKING:
        type: Literal["invoice.delivery_failed"]
        timestamp: str
        sequence: int
        data: DeliveryData


class InvoiceIssuedEvent(Model):
    """An invoice got its number and is to be paid."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.issued"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceLine(Model):
    """A line, and the invoice that it belongs to."""

    __slots__ = ()
    _parts = {"taxes": "LineTax", "discount": "Discount"}
    if TYPE_CHECKING:
        id: str
        type: str
        description: str
        quantity: str | None
        unit: str | None
        unit_price: str | None
        tax_rate: str | None
        tax_category: str | None
        tax_behavior: str | None
        tax_exemption_reason: str | None
        taxes: list[LineTax]
        discount: Discount | None
        product_id: str | None
        parent_line_id: str | None
        classification_number: str | None
        project: str | None
        supply_start: str | None
        supply_end: str | None
        discount_share_minor: int
        net_minor: int
        tax_minor: int
        gross_minor: int
        invoice_id: str


class InvoiceLinePage(Model):
    """InvoiceLinePage."""

    __slots__ = ()
    _parts = {"data": "InvoiceLine", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[InvoiceLine]
        meta: Meta


class InvoiceOpenedEvent(Model):
    """An invoice was looked at through its public link for the first time."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.opened"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceOverdueEvent(Model):
    """An invoice's due date passed while money is due on it."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.overdue"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoicePage(Model):
    """InvoicePage."""

    __slots__ = ()
    _parts = {"data": "Invoice", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Invoice]
        meta: Meta


class InvoicePaidEvent(Model):
    """Nothing of the invoice remains to be paid."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.paid"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceRemindedEvent(Model):
    """A reminder of an open invoice goes out, or its reminders end: `reminder_level` says which."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.reminded"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceReminders(Model):
    """An invoice's schedule, and what became of it so far."""

    __slots__ = ()
    _parts = {"data": "ReminderRow"}
    if TYPE_CHECKING:
        invoice_id: str
        state: str
        obstacles: list[str]
        paused: bool | None
        level: int
        reminded_at: str | None
        next_level: int | None
        next_due_at: str | None
        data: list[ReminderRow]


class InvoiceSentEvent(Model):
    """An invoice went out to its contact for the first time."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.sent"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceUpdatedEvent(Model):
    """An invoice was changed."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.updated"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceVoidedEvent(Model):
    """An issued invoice was cancelled; it keeps its number."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.voided"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceWriteOffReversedEvent(Model):
    """What had been written off of an invoice is expected again."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.write_off_reversed"]
        timestamp: str
        sequence: int
        data: Invoice


class InvoiceWrittenOffEvent(Model):
    """Part of an invoice is not expected any more, or now that is all that remains: it is `uncollectible`."""

    __slots__ = ()
    _parts = {"data": "Invoice"}
    if TYPE_CHECKING:
        type: Literal["invoice.written_off"]
        timestamp: str
        sequence: int
        data: Invoice


class Job(Model):
    """A job that sends again in bulk, behind everything that is fresh."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        endpoint_id: str
        kind: str
        status: str
        since: str
        until: str
        states: list[str]
        only_missing: bool
        total_count: int
        seen_count: int
        queued_count: int
        created_at: str
        updated_at: str
        finished_at: str | None


class JobPage(Model):
    """JobPage."""

    __slots__ = ()
    _parts = {"data": "Job", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Job]
        meta: Meta


class Lane(Model):
    """A workspace whose events a service sets aside."""

    __slots__ = ()
    if TYPE_CHECKING:
        service: str
        workspace_id: str
        reason: str
        set_aside_by: str
        set_aside_at: str
        is_resuming: bool
        waiting_count: int


class Lanes(Model):
    """The lanes that are set aside."""

    __slots__ = ()
    _parts = {"data": "Lane"}
    if TYPE_CHECKING:
        data: list[Lane]


class LastAttempt(Model):
    """How the newest attempt went."""

    __slots__ = ()
    if TYPE_CHECKING:
        at: str
        endpoint_id: str
        status: int | None
        error: str | None
        reason: str | None


class LevelFields(Model):
    """A level: 1 friendly, 2 reminder, 3 formal notice, 4 the hand-over, which sends nothing."""

    __slots__ = ()
    _parts = {"fee": "FeeFields"}
    if TYPE_CHECKING:
        level: int
        days_after_due: int
        channels: list[str]
        fee: FeeFields | None


class Line(Model):
    """A movement of a bank account; `amount_minor` above 0 came in, in minor units of `currency`."""

    __slots__ = ()
    _parts = {"instructed": "Instructed", "candidates": "LineCandidate"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        bank_account_id: str
        import_id: str
        statement_id: str
        booked_on: str
        value_on: str | None
        amount_minor: int
        currency: str
        counterparty_name: str | None
        counterparty_iban: str | None
        text: str
        structured_references: list[str]
        bank_reference: str | None
        end_to_end_id: str | None
        mandate_id: str | None
        transaction_code: str | None
        return_code: str | None
        is_reversal: bool
        charges_minor: int
        instructed: Instructed | None
        notices: list[str]
        state: str
        rule: str | None
        evidence: list[str]
        candidates: list[LineCandidate]
        payment_id: str | None
        has_made_payment: bool
        ignored_as: str | None
        reason: str | None
        decided_by: str | None
        decided_at: str | None


class LineCandidate(Model):
    """An invoice that a line may be for."""

    __slots__ = ()
    if TYPE_CHECKING:
        invoice_id: str
        number: str
        reference: str | None
        contact_id: str
        currency: str
        amount_due_minor: int


class LineData(Model):
    """One row of an invoice; a text row has a description and no amounts."""

    __slots__ = ()
    _parts = {"taxes": "LineTax", "discount": "Discount"}
    if TYPE_CHECKING:
        id: str
        type: str
        description: str
        quantity: str | None
        unit: str | None
        unit_price: str | None
        tax_rate: str | None
        tax_category: str | None
        tax_behavior: str | None
        tax_exemption_reason: str | None
        taxes: list[LineTax]
        discount: Discount | None
        product_id: str | None
        parent_line_id: str | None
        classification_number: str | None
        project: str | None
        supply_start: str | None
        supply_end: str | None
        discount_share_minor: int
        net_minor: int
        tax_minor: int
        gross_minor: int


class LinePage(Model):
    """LinePage."""

    __slots__ = ()
    _parts = {"data": "Line", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Line]
        meta: Meta


class LineResult(Model):
    """What became of one line."""

    __slots__ = ()
    _parts = {"candidates": "Candidate", "payment": "Payment", "fault": "Fault"}
    if TYPE_CHECKING:
        status: str
        candidates: list[Candidate] | None
        payment: Payment | None
        payment_id: str | None
        fault: Fault | None


class LineTax(Model):
    """One of a line's several taxes, with its amount in minor units."""

    __slots__ = ()
    if TYPE_CHECKING:
        tax_rate: str
        tax_category: str | None
        tax_exemption_reason: str | None
        name: str | None
        tax_minor: int


class Membership(Model):
    """Who may enter this workspace, and as what."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        issuer: str
        subject: str
        role: str
        scopes: list[str]
        created_by: str
        created_at: str


class MembershipPage(Model):
    """MembershipPage."""

    __slots__ = ()
    _parts = {"data": "Membership", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Membership]
        meta: Meta


class Message(Model):
    """A message with its body as it is sent, byte for byte."""

    __slots__ = ()
    _parts = {"last_attempt": "LastAttempt"}
    if TYPE_CHECKING:
        id: str
        webhook_id: str
        event_type: str
        event_id: str
        subject: str | None
        resource_id: str | None
        created_at: str
        last_attempt: LastAttempt | None
        body: dict[str, Any]


class MessageExhausted(Model):
    """A delivery that was given up after its last attempt; its id is the delivery's."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        message_id: str
        webhook_id: str
        endpoint_id: str
        event_type: str
        attempt_count: int
        last_status: int | None
        last_error: str | None


class MessageExhaustedEvent(Model):
    """A message was not delivered to an endpoint, and will not be tried again by itself."""

    __slots__ = ()
    _parts = {"data": "MessageExhausted"}
    if TYPE_CHECKING:
        type: Literal["message.exhausted"]
        timestamp: str
        sequence: int
        data: MessageExhausted


class MessageSummary(Model):
    """A message without its body."""

    __slots__ = ()
    _parts = {"last_attempt": "LastAttempt"}
    if TYPE_CHECKING:
        id: str
        webhook_id: str
        event_type: str
        event_id: str
        subject: str | None
        resource_id: str | None
        created_at: str
        last_attempt: LastAttempt | None


class MessageSummaryPage(Model):
    """MessageSummaryPage."""

    __slots__ = ()
    _parts = {"data": "MessageSummary", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[MessageSummary]
        meta: Meta


class Meta(Model):
    """Where this page stands."""

    __slots__ = ()
    if TYPE_CHECKING:
        limit: int
        next_cursor: str | None
        total: int | None
        total_is_estimate: bool | None


class Meter(Model):
    """Which usage events count, and how they become a quantity."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        key: str
        name: str
        type: str
        filter: dict[str, list[str]]
        aggregation: str
        value: str | None
        dimensions: list[str]
        scale: str
        rounding: str
        clamp_minimum: str | None
        clamp_maximum: str | None
        counts_from: str
        archived_at: str | None


class MeterCreatedEvent(Model):
    """A meter was created."""

    __slots__ = ()
    _parts = {"data": "Meter"}
    if TYPE_CHECKING:
        type: Literal["meter.created"]
        timestamp: str
        sequence: int
        data: Meter


class MeterPage(Model):
    """MeterPage."""

    __slots__ = ()
    _parts = {"data": "Meter", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Meter]
        meta: Meta


class MeterUpdatedEvent(Model):
    """A meter was renamed or archived."""

    __slots__ = ()
    _parts = {"data": "Meter"}
    if TYPE_CHECKING:
        type: Literal["meter.updated"]
        timestamp: str
        sequence: int
        data: Meter


class NextInvoice(Model):
    """What the next period's invoice would hold."""

    __slots__ = ()
    _parts = {"lines": "SubscriptionLine"}
    if TYPE_CHECKING:
        billed_at: str | None
        lines: list[SubscriptionLine]
        amount_minor: int


class NextNumber(Model):
    """A number that is free now."""

    __slots__ = ()
    if TYPE_CHECKING:
        number: str


class OldSecret(Model):
    """A secret that signs until it expires."""

    __slots__ = ()
    if TYPE_CHECKING:
        secret: str
        expires_at: str | None


class OpenAmount(Model):
    """What is still to be paid in one currency, in minor units."""

    __slots__ = ()
    if TYPE_CHECKING:
        currency: str
        amount_minor: int


class Parked(Model):
    """A subscription that waits for somebody to look at it."""

    __slots__ = ()
    if TYPE_CHECKING:
        subscription_id: str
        contact_id: str
        reason: str | None
        parked_at: str | None
        next_billing_at: str | None


class Payment(Model):
    """Money that came in or is being collected, and the invoices it settles; minor units of `currency`."""

    __slots__ = ()
    _parts = {"allocations": "AllocationData", "refunds": "RefundData", "disputes": "Dispute", "failure": "FailureData"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str
        state: str
        amount_minor: int
        currency: str
        method: str
        external_reference: str | None
        paid_on: str
        note: str | None
        allocations: list[AllocationData]
        unallocated_minor: int
        amount_refunded_minor: int
        amount_disputed_minor: int
        amount_overdrawn_minor: int
        refunds: list[RefundData]
        disputes: list[Dispute]
        invoice_id: str | None
        subscription_id: str | None
        is_automatic: bool
        provider: str | None
        provider_reference: str | None
        payment_method_id: str | None
        failure: FailureData | None
        voided_at: str | None
        void_reason: str | None
        moved_from_contact_id: str | None


class PaymentBatch(Model):
    """What became of each line, in their order, and how many of each there are."""

    __slots__ = ()
    _parts = {"data": "LineResult"}
    if TYPE_CHECKING:
        counts: dict[str, int]
        data: list[LineResult]


class PaymentCreatedEvent(Model):
    """A payment was registered."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.created"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentDisputeClosedEvent(Model):
    """A dispute is decided: won, so its money is back and settles what it had settled, or lost."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.dispute_closed"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentDisputedEvent(Model):
    """The payer's bank took the money back; invoices that it settled ask for it again."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.disputed"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentFailedEvent(Model):
    """An invoice could not be collected."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.failed"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentMethod(Model):
    """A card, mandate or wallet kept by the provider, as far as it may be shown."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str | None
        provider: str
        type: str
        brand: str | None
        last4: str | None
        exp_month: int | None
        exp_year: int | None
        status: str
        is_default: bool
        external_id: str | None
        metadata: dict[str, str]
        deleted_at: str | None


class PaymentMethodCreatedEvent(Model):
    """A payment method was attached."""

    __slots__ = ()
    _parts = {"data": "PaymentMethod"}
    if TYPE_CHECKING:
        type: Literal["payment_method.created"]
        timestamp: str
        sequence: int
        data: PaymentMethod


class PaymentMethodDeletedEvent(Model):
    """A payment method was detached; it is kept for what it paid."""

    __slots__ = ()
    _parts = {"data": "PaymentMethod"}
    if TYPE_CHECKING:
        type: Literal["payment_method.deleted"]
        timestamp: str
        sequence: int
        data: PaymentMethod


class PaymentMethodExpiringEvent(Model):
    """A payment method will expire soon."""

    __slots__ = ()
    _parts = {"data": "PaymentMethod"}
    if TYPE_CHECKING:
        type: Literal["payment_method.expiring"]
        timestamp: str
        sequence: int
        data: PaymentMethod


class PaymentMethodPage(Model):
    """PaymentMethodPage."""

    __slots__ = ()
    _parts = {"data": "PaymentMethod", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[PaymentMethod]
        meta: Meta


class PaymentMethodUpdatedEvent(Model):
    """A payment method was changed: its expiry, whether it is the default."""

    __slots__ = ()
    _parts = {"data": "PaymentMethod"}
    if TYPE_CHECKING:
        type: Literal["payment_method.updated"]
        timestamp: str
        sequence: int
        data: PaymentMethod


class PaymentMovedEvent(Model):
    """A payment was another contact's: it left the invoices of the one for the other."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.moved"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentPage(Model):
    """PaymentPage."""

    __slots__ = ()
    _parts = {"data": "Payment", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Payment]
        meta: Meta


class PaymentRefundFailedEvent(Model):
    """A refund did not reach the payer, perhaps days after it had succeeded: its money is here again."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.refund_failed"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentRefundedEvent(Model):
    """Money of a payment went back to the payer; invoices that it settled ask for it again."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.refunded"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentUpdatedEvent(Model):
    """A payment was changed: its state, or the invoices that it settles."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.updated"]
        timestamp: str
        sequence: int
        data: Payment


class PaymentVoidedEvent(Model):
    """A payment was registered by mistake and is undone; invoices that it settled ask for it again."""

    __slots__ = ()
    _parts = {"data": "Payment"}
    if TYPE_CHECKING:
        type: Literal["payment.voided"]
        timestamp: str
        sequence: int
        data: Payment


class Period(Model):
    """What was handed to the invoice service; the amount is before tax where prices exclude it."""

    __slots__ = ()
    if TYPE_CHECKING:
        sequence: int
        reason: str
        period_start: str
        period_end: str
        billed_at: str
        currency: str
        amount_minor: int
        run_id: str | None


class Periods(Model):
    """What was billed of a subscription."""

    __slots__ = ()
    _parts = {"data": "Period", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Period]
        meta: Meta


class Portal(Model):
    """Everything about one customer; a list is null where its service did not answer."""

    __slots__ = ()
    _parts = {"contact": "Contact", "summary": "Summary", "invoices": "Invoice", "recent_payments": "Payment"}
    if TYPE_CHECKING:
        contact: Contact
        summary: Summary
        invoices: list[Invoice] | None
        quotes: list[dict[str, Any]] | None
        subscriptions: list[dict[str, Any]] | None
        recent_payments: list[Payment] | None
        unavailable: list[str]


class PreviewReply(Model):
    """What a made-up customer would read."""

    __slots__ = ()
    if TYPE_CHECKING:
        subject: str | None
        html: str | None
        body: str
        segment_count: int | None


class PricedRow(Model):
    """Quantity × unit price, rounded once."""

    __slots__ = ()
    if TYPE_CHECKING:
        what: str
        kind: str
        tier: int | None
        quantity: str
        unit_price: str
        amount_minor: int


class PrintedDocument(Model):
    """One edition of an issued document: bytes that were given out, and how they were checked before."""

    __slots__ = ()
    _parts = {"findings": "EInvoiceFinding"}
    if TYPE_CHECKING:
        sha256: str
        template_version: int
        is_archival: bool
        is_factur_x: bool
        rule_set: str | None
        findings: list[EInvoiceFinding]
        printed_at: str


class PrintedDocuments(Model):
    """Every edition that was given out, the newest first."""

    __slots__ = ()
    _parts = {"data": "PrintedDocument"}
    if TYPE_CHECKING:
        data: list[PrintedDocument]


class Product(Model):
    """Something that the workspace sells, with its price of today."""

    __slots__ = ()
    _parts = {"taxes": "Tax"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        name: str
        description: str | None
        sku: str | None
        unit: str | None
        unit_price: str
        currency: str
        tax_rate: str
        tax_category: str | None
        tax_exemption_reason: str | None
        tax_behavior: str
        taxes: list[Tax]
        metadata: dict[str, str]
        archived_at: str | None


class ProductCreatedEvent(Model):
    """A product was created."""

    __slots__ = ()
    _parts = {"data": "Product"}
    if TYPE_CHECKING:
        type: Literal["product.created"]
        timestamp: str
        sequence: int
        data: Product


class ProductDeletedEvent(Model):
    """A product was archived."""

    __slots__ = ()
    _parts = {"data": "Product"}
    if TYPE_CHECKING:
        type: Literal["product.deleted"]
        timestamp: str
        sequence: int
        data: Product


class ProductPage(Model):
    """ProductPage."""

    __slots__ = ()
    _parts = {"data": "Product", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Product]
        meta: Meta


class ProductUpdatedEvent(Model):
    """A product was changed."""

    __slots__ = ()
    _parts = {"data": "Product"}
    if TYPE_CHECKING:
        type: Literal["product.updated"]
        timestamp: str
        sequence: int
        data: Product


class Progress(Model):
    """How far the clock has come."""

    __slots__ = ()
    _parts = {"waits_for": "Waiting"}
    if TYPE_CHECKING:
        began_at: str
        step_count: int
        waits_for: list[Waiting]


class Proof(Model):
    """How the workspace's money stands."""

    __slots__ = ()
    _parts = {"identities": "Identity"}
    if TYPE_CHECKING:
        proved_at: str
        holds: bool
        identities: list[Identity]


class QuietHours(Model):
    """HH:MM in the workspace's zone; until the morning after where `from` is the later of both."""

    __slots__ = ()
    if TYPE_CHECKING:
        from_: str
        until: str


class Quote(Model):
    """An offer with its lines and totals, amounts in minor units of `currency`."""

    __slots__ = ()
    _parts = {
        "contact": "ContactOnInvoice",
        "seller": "Seller",
        "lines": "LineData",
        "discount": "Discount",
        "tax_breakdown": "TaxBreakdown",
    }
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str
        contact: ContactOnInvoice
        seller: Seller | None
        currency: str
        status: str
        number: str | None
        issue_date: str | None
        valid_until: str | None
        supply_date: str | None
        supply_start: str | None
        supply_end: str | None
        lines: list[LineData]
        discount: Discount | None
        subtotal_minor: int
        tax_minor: int
        total_minor: int
        tax_breakdown: list[TaxBreakdown]
        notes: str | None
        reference: str | None
        external_id: str | None
        metadata: dict[str, str]
        invoice_id: str | None
        sent_at: str | None
        accepted_at: str | None
        declined_at: str | None


class QuoteAcceptedEvent(Model):
    """A quote was accepted, and its invoice made."""

    __slots__ = ()
    _parts = {"data": "Quote"}
    if TYPE_CHECKING:
        type: Literal["quote.accepted"]
        timestamp: str
        sequence: int
        data: Quote


class QuoteCreatedEvent(Model):
    """A quote was created."""

    __slots__ = ()
    _parts = {"data": "Quote"}
    if TYPE_CHECKING:
        type: Literal["quote.created"]
        timestamp: str
        sequence: int
        data: Quote


class QuoteDeletedEvent(Model):
    """A draft of a quote was deleted."""

    __slots__ = ()
    _parts = {"data": "Quote"}
    if TYPE_CHECKING:
        type: Literal["quote.deleted"]
        timestamp: str
        sequence: int
        data: Quote


class QuotePage(Model):
    """QuotePage."""

    __slots__ = ()
    _parts = {"data": "Quote", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Quote]
        meta: Meta


class QuoteUpdatedEvent(Model):
    """A quote was changed."""

    __slots__ = ()
    _parts = {"data": "Quote"}
    if TYPE_CHECKING:
        type: Literal["quote.updated"]
        timestamp: str
        sequence: int
        data: Quote


class Receivable(Model):
    """What an issued invoice asks for; amounts in minor units of `currency`."""

    __slots__ = ()
    if TYPE_CHECKING:
        invoice_id: str
        version: int
        contact_id: str
        number: str
        reference: str | None
        currency: str
        status: str
        payment_status: str
        total_minor: int
        amount_paid_minor: int
        amount_credited_minor: int
        amount_written_off_minor: int
        amount_due_minor: int
        issue_date: str
        due_date: str | None


class ReceivablePage(Model):
    """ReceivablePage."""

    __slots__ = ()
    _parts = {"data": "Receivable", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Receivable]
        meta: Meta


class Refund(Model):
    """A refund standing by itself; amounts in minor units of `currency`."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        state: str
        amount_minor: int
        reason: str | None
        credit_note_id: str | None
        created_at: str
        failure_reason: str | None
        version: int
        updated_at: str
        payment_id: str
        contact_id: str
        currency: str
        method: str
        external_reference: str | None


class RefundData(Model):
    """Money of a payment that goes back to the payer."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        state: str
        amount_minor: int
        reason: str | None
        credit_note_id: str | None
        created_at: str
        failure_reason: str | None


class RefundPage(Model):
    """RefundPage."""

    __slots__ = ()
    _parts = {"data": "Refund", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Refund]
        meta: Meta


class RejectedEvent(Model):
    """An event of the request that was not taken."""

    __slots__ = ()
    if TYPE_CHECKING:
        pointer: str
        code: str
        message: str


class Rejection(Model):
    """An event that was refused while others of its request were taken."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        code: str
        pointer: str
        message: str
        event: str
        received_at: str


class RejectionPage(Model):
    """RejectionPage."""

    __slots__ = ()
    _parts = {"data": "Rejection", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Rejection]
        meta: Meta


class ReleasedSubscription(Model):
    """A subscription that has stopped, with the credit that was left of it."""

    __slots__ = ()
    _parts = {
        "lines": "SubscriptionLine",
        "scheduled_change": "ScheduledChange",
        "pending_lines": "SubscriptionLine",
        "release": "CreditRelease",
    }
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str
        currency: str
        status: str
        lines: list[SubscriptionLine]
        interval: str
        interval_count: int
        timezone: str
        start_at: str
        anchor_at: str
        trial_end: str | None
        current_period_start: str | None
        current_period_end: str | None
        next_billing_at: str | None
        collection_method: str
        payment_method_id: str | None
        payment_terms_days: int | None
        cancel_at_period_end: bool
        scheduled_change: ScheduledChange | None
        pending_lines: list[SubscriptionLine]
        catch_up: str
        parked_reason: str | None
        parked_at: str | None
        external_id: str | None
        metadata: dict[str, str]
        paused_at: str | None
        canceled_at: str | None
        ended_at: str | None
        release: CreditRelease


class ReminderRow(Model):
    """One level of an invoice's reminders."""

    __slots__ = ()
    _parts = {"fee": "FeeFields"}
    if TYPE_CHECKING:
        level: int
        state: str
        days_after_due: int | None
        channels: list[str]
        fee: FeeFields | None
        due_at: str | None
        decided_at: str | None
        is_by_hand: bool
        reason: str | None


class ReminderSettings(Model):
    """How the workspace reminds."""

    __slots__ = ()
    _parts = {"levels": "LevelFields", "quiet_hours": "QuietHours"}
    if TYPE_CHECKING:
        version: int
        updated_at: str | None
        enabled: bool
        preset: str
        levels: list[LevelFields]
        counts_from: str
        quiet_hours: QuietHours | None
        business_days_only: bool
        minimum_days_between: int
        pause_on_partial_payment: bool
        pause_on_dispute: bool


class RetryReply(Model):
    """A delivery that is tried again."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        kind: str
        document_id: str
        contact_id: str
        channel: str
        level: int
        status: str
        recipient: str | None
        message: str | None
        attempt_count: int
        failure_code: str | None
        failure_message: str | None
        sent_at: str | None
        next_attempt_at: str | None
        public_url: str | None
        previous_recipient: str | None


class Run(Model):
    """The renewals of one day on the workspace's calendar."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        run_on: str
        status: str
        opened_at: str
        as_of: str | None
        finished_at: str | None
        renewed_count: int
        ended_count: int
        parked_count: int
        due_count: int
        progress_percent: int
        per_minute: int | None
        seconds_left: int | None
        paused_at: str | None
        paused_reason: str | None


class RunPage(Model):
    """RunPage."""

    __slots__ = ()
    _parts = {"data": "Run", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Run]
        meta: Meta


class ScheduledChange(Model):
    """Other lines, taking effect before the period that starts then is billed."""

    __slots__ = ()
    _parts = {"lines": "SubscriptionLine"}
    if TYPE_CHECKING:
        effective_at: str
        lines: list[SubscriptionLine]


class Secret(Model):
    """The current secret, and older ones that still sign."""

    __slots__ = ()
    _parts = {"previous": "OldSecret"}
    if TYPE_CHECKING:
        secret: str
        created_at: str
        previous: list[OldSecret]


class Seller(Model):
    """The workspace's business as it was when the invoice was issued, or as it is while a draft."""

    __slots__ = ()
    _parts = {"address": "Address"}
    if TYPE_CHECKING:
        name: str
        address: Address | None
        country: str | None
        email: str | None
        phone: str | None
        vat_id: str | None
        tax_number: str | None
        registration_number: str | None
        iban: str | None
        bic: str | None
        logo_url: str | None
        logo_sha256: str | None


class SendResult(Model):
    """What came of one invoice of many: its deliveries, or the problem (RFC 9457) against it."""

    __slots__ = ()
    _parts = {"deliveries": "Delivery"}
    if TYPE_CHECKING:
        index: int
        invoice_id: str
        status: int
        deliveries: list[Delivery] | None
        error: dict[str, Any] | None


class SendResults(Model):
    """What came of each invoice."""

    __slots__ = ()
    _parts = {"data": "SendResult"}
    if TYPE_CHECKING:
        data: list[SendResult]


class SetupIntent(Model):
    """What the payer's form needs, and the method once there is one."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        created_at: str
        contact_id: str | None
        provider: str
        mode: str
        external_id: str
        status: str
        usage: str
        client_secret: str | None
        publishable_key: str | None
        payment_method_id: str | None


class Statement(Model):
    """A statement of a bank account; balances in minor units of `currency`."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        created_at: str
        import_id: str
        bank_account_id: str
        number: str | None
        currency: str
        from_on: str | None
        until_on: str | None
        opening_minor: int | None
        closing_minor: int | None
        is_balanced: bool | None
        line_count: int
        new_line_count: int


class StatementPage(Model):
    """StatementPage."""

    __slots__ = ()
    _parts = {"data": "Statement", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Statement]
        meta: Meta


class Subject(Model):
    """What is explained."""

    __slots__ = ()
    if TYPE_CHECKING:
        type: str
        id: str
        number: str | None


class Subscription(Model):
    """An agreement to bill a contact for every period of a calendar."""

    __slots__ = ()
    _parts = {"lines": "SubscriptionLine", "scheduled_change": "ScheduledChange", "pending_lines": "SubscriptionLine"}
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        contact_id: str
        currency: str
        status: str
        lines: list[SubscriptionLine]
        interval: str
        interval_count: int
        timezone: str
        start_at: str
        anchor_at: str
        trial_end: str | None
        current_period_start: str | None
        current_period_end: str | None
        next_billing_at: str | None
        collection_method: str
        payment_method_id: str | None
        payment_terms_days: int | None
        cancel_at_period_end: bool
        scheduled_change: ScheduledChange | None
        pending_lines: list[SubscriptionLine]
        catch_up: str
        parked_reason: str | None
        parked_at: str | None
        external_id: str | None
        metadata: dict[str, str]
        paused_at: str | None
        canceled_at: str | None
        ended_at: str | None


class SubscriptionCreatedEvent(Model):
    """A subscription was created."""

    __slots__ = ()
    _parts = {"data": "Subscription"}
    if TYPE_CHECKING:
        type: Literal["subscription.created"]
        timestamp: str
        sequence: int
        data: Subscription


class SubscriptionCreditReleasedEvent(Model):
    """A subscription has stopped, and the credit that no invoice took goes to the contact's balance."""

    __slots__ = ()
    _parts = {"data": "ReleasedSubscription"}
    if TYPE_CHECKING:
        type: Literal["subscription.credit_released"]
        timestamp: str
        sequence: int
        data: ReleasedSubscription


class SubscriptionLine(Model):
    """What is billed each period; one line becomes one row of the invoice."""

    __slots__ = ()
    _parts = {"discount": "Discount"}
    if TYPE_CHECKING:
        description: str
        quantity: str
        unit: str | None
        unit_price: str
        tax_rate: str
        tax_category: str | None
        tax_behavior: str
        tax_exemption_reason: str | None
        discount: Discount | None
        product_id: str | None
        supply_start: str | None
        supply_end: str | None


class SubscriptionPage(Model):
    """SubscriptionPage."""

    __slots__ = ()
    _parts = {"data": "Subscription", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Subscription]
        meta: Meta


class SubscriptionPreviewReply(Model):
    """The run of an instant, computed without effect."""

    __slots__ = ()
    _parts = {"totals": "Total", "anomalies": "Forecast", "subscriptions": "Forecast"}
    if TYPE_CHECKING:
        as_of: str
        is_complete: bool
        subscription_count: int
        ended_count: int
        parked_count: int
        anomaly_count: int
        totals: list[Total]
        anomalies: list[Forecast]
        subscriptions: list[Forecast]


class SubscriptionProratedEvent(Model):
    """A change within a period is to be invoiced at once."""

    __slots__ = ()
    _parts = {"data": "BilledSubscription"}
    if TYPE_CHECKING:
        type: Literal["subscription.prorated"]
        timestamp: str
        sequence: int
        data: BilledSubscription


class SubscriptionRenewedEvent(Model):
    """A period began and is to be invoiced."""

    __slots__ = ()
    _parts = {"data": "BilledSubscription"}
    if TYPE_CHECKING:
        type: Literal["subscription.renewed"]
        timestamp: str
        sequence: int
        data: BilledSubscription


class SubscriptionUpdatedEvent(Model):
    """A subscription was changed."""

    __slots__ = ()
    _parts = {"data": "Subscription"}
    if TYPE_CHECKING:
        type: Literal["subscription.updated"]
        timestamp: str
        sequence: int
        data: Subscription


class SubscriptionUsage(Model):
    """What a subscription's usage comes to."""

    __slots__ = ()
    _parts = {"periods": "UsageOfPeriod"}
    if TYPE_CHECKING:
        currency: str
        as_of: str
        periods: list[UsageOfPeriod]


class Summary(Model):
    """The customer in a few figures; null where the service that knows did not answer."""

    __slots__ = ()
    _parts = {"open_amounts": "OpenAmount", "credit_balances": "CreditBalance"}
    if TYPE_CHECKING:
        open_invoice_count: int | None
        open_amounts: list[OpenAmount] | None
        active_subscriptions: int | None
        credit_balances: list[CreditBalance] | None


class Tax(Model):
    """One of several taxes on the same thing, each on the price without any of them."""

    __slots__ = ()
    if TYPE_CHECKING:
        tax_rate: str
        tax_category: str | None
        tax_exemption_reason: str | None
        name: str | None


class TaxBreakdown(Model):
    """One tax of all lines that have it: of one rate, category and name."""

    __slots__ = ()
    if TYPE_CHECKING:
        tax_rate: str
        tax_category: str | None
        tax_exemption_reason: str | None
        name: str | None
        taxable_minor: int
        tax_minor: int


class TaxConversion(Model):
    """A document's VAT in the currency of the seller's accounts besides its own (EN 16931 BT-6, BT-111)."""

    __slots__ = ()
    if TYPE_CHECKING:
        currency: str
        exchange_rate: str
        exchange_rate_source: str
        exchange_rate_date: str | None
        tax_minor: int


class Template(Model):
    """A wording of the workspace's own."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        kind: str
        channel: str
        locale: str
        subject: str | None
        html: str | None
        body: str


class TemplatePage(Model):
    """TemplatePage."""

    __slots__ = ()
    _parts = {"data": "Template", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Template]
        meta: Meta


class Texts(Model):
    """Finished or unfinished texts."""

    __slots__ = ()
    if TYPE_CHECKING:
        subject: str | None
        html: str | None
        body: str


class Timeline(Model):
    """The facts about an invoice, oldest first."""

    __slots__ = ()
    _parts = {"data": "TimelineEntry"}
    if TYPE_CHECKING:
        data: list[TimelineEntry]
        webhooks: str


class TimelineEntry(Model):
    """One fact about an invoice; facts of one change share its sequence."""

    __slots__ = ()
    _parts = {"webhook": "WebhookAttempt"}
    if TYPE_CHECKING:
        sequence: int
        type: str
        actor: str
        occurred_at: str
        channel: str | None
        level: int | None
        recipient: str | None
        detail: str | None
        payment_id: str | None
        amount_minor: int | None
        currency: str | None
        webhook: WebhookAttempt | None


class Total(Model):
    """What one currency comes to."""

    __slots__ = ()
    if TYPE_CHECKING:
        currency: str
        subscription_count: int
        period_count: int
        amount_minor: int


class Unavailable(Model):
    """A part that could not be asked: findings about it may lack."""

    __slots__ = ()
    if TYPE_CHECKING:
        part: str
        service: str
        reason: str
        detail: str


class Usage(Model):
    """What a meter has."""

    __slots__ = ()
    _parts = {"rows": "UsageRow"}
    if TYPE_CHECKING:
        meter: str
        from_at: str
        until_at: str
        rows: list[UsageRow]


class UsageEvent(Model):
    """A usage event as it is kept."""

    __slots__ = ()
    if TYPE_CHECKING:
        source: str
        id: str
        type: str
        subject: str
        time: str
        data: dict[str, Any]
        received_at: str
        voided_at: str | None


class UsageEventPage(Model):
    """UsageEventPage."""

    __slots__ = ()
    _parts = {"data": "UsageEvent", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[UsageEvent]
        meta: Meta


class UsageOfPeriod(Model):
    """A charge's period, and what it comes to with the usage that is counted."""

    __slots__ = ()
    _parts = {"rows": "PricedRow"}
    if TYPE_CHECKING:
        charge: str
        meter: str
        state: str
        from_at: str
        until_at: str
        quantity: str
        rows: list[PricedRow]
        amount_minor: int
        billed_quantity: str
        billed_minor: int


class UsageRow(Model):
    """What was used within an hour, a day, or the whole time; where nothing was, there is no row."""

    __slots__ = ()
    if TYPE_CHECKING:
        from_at: str
        until_at: str
        subject: str | None
        group: dict[str, str]
        value: str
        quantity: str
        events: int


class Void(Model):
    """What became of them."""

    __slots__ = ()
    _parts = {"unknown": "ConflictingEvent"}
    if TYPE_CHECKING:
        voided: int
        repeated: int
        unknown: list[ConflictingEvent]


class Waiting(Model):
    """A service that is not done yet with what fell due."""

    __slots__ = ()
    if TYPE_CHECKING:
        service: str
        due_at: str | None
        published_count: int
        unheard_count: int


class WaitingBilling(Model):
    """A period, or a change within one, that has no invoice yet."""

    __slots__ = ()
    _parts = {"problem": "BillingProblem"}
    if TYPE_CHECKING:
        id: str
        subscription_id: str
        contact_id: str
        reason: str
        period_start: str
        period_end: str
        problem: BillingProblem
        attempt_count: int
        waiting_since: str
        next_attempt_at: str


class WaitingBillingPage(Model):
    """WaitingBillingPage."""

    __slots__ = ()
    _parts = {"data": "WaitingBilling", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[WaitingBilling]
        meta: Meta


class WatchedRun(Model):
    """A run with the workspace's parked subscriptions, up to 100 of them."""

    __slots__ = ()
    _parts = {"parked": "Parked"}
    if TYPE_CHECKING:
        id: str
        run_on: str
        status: str
        opened_at: str
        as_of: str | None
        finished_at: str | None
        renewed_count: int
        ended_count: int
        parked_count: int
        due_count: int
        progress_percent: int
        per_minute: int | None
        seconds_left: int | None
        paused_at: str | None
        paused_reason: str | None
        parked: list[Parked]


class WebhookAttempt(Model):
    """One request to one webhook endpoint about the invoice."""

    __slots__ = ()
    if TYPE_CHECKING:
        webhook_id: str
        event_type: str
        delivery_id: str
        endpoint_id: str
        number: int
        status: int | None
        error: str | None
        reason: str | None
        state: str


class WebhookDelivery(Model):
    """One message on its way to one endpoint."""

    __slots__ = ()
    _parts = {"last_attempt": "LastAttempt"}
    if TYPE_CHECKING:
        id: str
        message_id: str
        webhook_id: str
        event_type: str | None
        subject: str | None
        resource_id: str | None
        endpoint_id: str
        state: str
        attempt_count: int
        next_attempt_at: str | None
        finished_at: str | None
        last_attempt: LastAttempt | None


class WebhookDeliveryPage(Model):
    """WebhookDeliveryPage."""

    __slots__ = ()
    _parts = {"data": "WebhookDelivery", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[WebhookDelivery]
        meta: Meta


class WebhookEndpoint(Model):
    """An endpoint whose health has changed; without its headers, which may hold secrets."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        url: str
        event_types: list[str]
        description: str | None
        status: str
        disabled_reason: str | None
        disabled_at: str | None
        failing_since: str | None
        failure_count: int
        disables_at: str | None


class WebhookEndpointDisableWarningEvent(Model):
    """Half of the time is over after which a failing endpoint is disabled."""

    __slots__ = ()
    _parts = {"data": "WebhookEndpoint"}
    if TYPE_CHECKING:
        type: Literal["webhook_endpoint.disable_warning"]
        timestamp: str
        sequence: int
        data: WebhookEndpoint


class WebhookEndpointDisabledEvent(Model):
    """An endpoint was disabled because it failed for too long or answered 410; deliveries are held."""

    __slots__ = ()
    _parts = {"data": "WebhookEndpoint"}
    if TYPE_CHECKING:
        type: Literal["webhook_endpoint.disabled"]
        timestamp: str
        sequence: int
        data: WebhookEndpoint


class WebhookEndpointFailingEvent(Model):
    """Nothing has arrived at an endpoint for a day, although it was tried."""

    __slots__ = ()
    _parts = {"data": "WebhookEndpoint"}
    if TYPE_CHECKING:
        type: Literal["webhook_endpoint.failing"]
        timestamp: str
        sequence: int
        data: WebhookEndpoint


class WebhookEndpointRecoveredEvent(Model):
    """Something arrived again at an endpoint that was said to fail."""

    __slots__ = ()
    _parts = {"data": "WebhookEndpoint"}
    if TYPE_CHECKING:
        type: Literal["webhook_endpoint.recovered"]
        timestamp: str
        sequence: int
        data: WebhookEndpoint


class WholeLetter(Model):
    """A dead letter with the record in it, without card numbers."""

    __slots__ = ()
    if TYPE_CHECKING:
        service: str
        id: str
        workspace_id: str
        type: str
        reason: str
        error: str
        status: str
        death_count: int
        topic: str
        record_partition: int
        record_offset: int
        first_at: str
        last_at: str
        ended_at: str | None
        ended_by: str | None
        ended_reason: str | None
        headers: dict[str, str]
        value: str
        value_base64: str


class Workspace(Model):
    """A tenant: everything else belongs to exactly one."""

    __slots__ = ()
    if TYPE_CHECKING:
        id: str
        version: int
        created_at: str
        updated_at: str
        slug: str
        name: str
        mode: str
        zone: str
        currency: str
        clock_offset_ms: int
        allowed_origins: list[str]


class WorkspaceClockAdvancedEvent(Model):
    """A sandbox's clock was moved forward."""

    __slots__ = ()
    _parts = {"data": "Workspace"}
    if TYPE_CHECKING:
        type: Literal["workspace.clock_advanced"]
        timestamp: str
        sequence: int
        data: Workspace


class WorkspaceCreatedEvent(Model):
    """A workspace was created."""

    __slots__ = ()
    _parts = {"data": "Workspace"}
    if TYPE_CHECKING:
        type: Literal["workspace.created"]
        timestamp: str
        sequence: int
        data: Workspace


class WorkspacePage(Model):
    """WorkspacePage."""

    __slots__ = ()
    _parts = {"data": "Workspace", "meta": "Meta"}
    if TYPE_CHECKING:
        data: list[Workspace]
        meta: Meta


class WorkspaceUpdatedEvent(Model):
    """A workspace was changed."""

    __slots__ = ()
    _parts = {"data": "Workspace"}
    if TYPE_CHECKING:
        type: Literal["workspace.updated"]
        timestamp: str
        sequence: int
        data: Workspace


class UnknownEvent(Model):
    """An event of a type that this version does not know."""

    __slots__ = ()
    if TYPE_CHECKING:
        type: str
        timestamp: str
        sequence: int
        data: dict[str, Any]


EVENTS: dict[str, type[Model]] = {
    "business.updated": BusinessUpdatedEvent,
    "contact.created": ContactCreatedEvent,
    "contact.deleted": ContactDeletedEvent,
    "contact.updated": ContactUpdatedEvent,
    "credit_balance.updated": CreditBalanceUpdatedEvent,
    "credit_note.issued": CreditNoteIssuedEvent,
    "dunning.created": DunningCreatedEvent,
    "dunning.ended": DunningEndedEvent,
    "dunning.retry_due": DunningRetryDueEvent,
    "dunning.updated": DunningUpdatedEvent,
    "e_invoice.created": EInvoiceCreatedEvent,
    "e_invoice.updated": EInvoiceUpdatedEvent,
    "invoice.created": InvoiceCreatedEvent,
    "invoice.deleted": InvoiceDeletedEvent,
    "invoice.delivery_failed": InvoiceDeliveryFailedEvent,
    "invoice.issued": InvoiceIssuedEvent,
    "invoice.opened": InvoiceOpenedEvent,
    "invoice.overdue": InvoiceOverdueEvent,
    "invoice.paid": InvoicePaidEvent,
    "invoice.reminded": InvoiceRemindedEvent,
    "invoice.sent": InvoiceSentEvent,
    "invoice.updated": InvoiceUpdatedEvent,
    "invoice.voided": InvoiceVoidedEvent,
    "invoice.write_off_reversed": InvoiceWriteOffReversedEvent,
    "invoice.written_off": InvoiceWrittenOffEvent,
    "message.exhausted": MessageExhaustedEvent,
    "meter.created": MeterCreatedEvent,
    "meter.updated": MeterUpdatedEvent,
    "payment.created": PaymentCreatedEvent,
    "payment.dispute_closed": PaymentDisputeClosedEvent,
    "payment.disputed": PaymentDisputedEvent,
    "payment.failed": PaymentFailedEvent,
    "payment.moved": PaymentMovedEvent,
    "payment.refund_failed": PaymentRefundFailedEvent,
    "payment.refunded": PaymentRefundedEvent,
    "payment.updated": PaymentUpdatedEvent,
    "payment.voided": PaymentVoidedEvent,
    "payment_method.created": PaymentMethodCreatedEvent,
    "payment_method.deleted": PaymentMethodDeletedEvent,
    "payment_method.expiring": PaymentMethodExpiringEvent,
    "payment_method.updated": PaymentMethodUpdatedEvent,
    "product.created": ProductCreatedEvent,
    "product.deleted": ProductDeletedEvent,
    "product.updated": ProductUpdatedEvent,
    "quote.accepted": QuoteAcceptedEvent,
    "quote.created": QuoteCreatedEvent,
    "quote.deleted": QuoteDeletedEvent,
    "quote.updated": QuoteUpdatedEvent,
    "subscription.created": SubscriptionCreatedEvent,
    "subscription.credit_released": SubscriptionCreditReleasedEvent,
    "subscription.prorated": SubscriptionProratedEvent,
    "subscription.renewed": SubscriptionRenewedEvent,
    "subscription.updated": SubscriptionUpdatedEvent,
    "webhook_endpoint.disable_warning": WebhookEndpointDisableWarningEvent,
    "webhook_endpoint.disabled": WebhookEndpointDisabledEvent,
    "webhook_endpoint.failing": WebhookEndpointFailingEvent,
    "webhook_endpoint.recovered": WebhookEndpointRecoveredEvent,
    "workspace.clock_advanced": WorkspaceClockAdvancedEvent,
    "workspace.created": WorkspaceCreatedEvent,
    "workspace.updated": WorkspaceUpdatedEvent,
}
"""The class of each type of event."""

if TYPE_CHECKING:
    AnyEvent = Union[
        BusinessUpdatedEvent,
        ContactCreatedEvent,
        ContactDeletedEvent,
        ContactUpdatedEvent,
        CreditBalanceUpdatedEvent,
        CreditNoteIssuedEvent,
        DunningCreatedEvent,
        DunningEndedEvent,
        DunningRetryDueEvent,
        DunningUpdatedEvent,
        EInvoiceCreatedEvent,
        EInvoiceUpdatedEvent,
        InvoiceCreatedEvent,
        InvoiceDeletedEvent,
        InvoiceDeliveryFailedEvent,
        InvoiceIssuedEvent,
        InvoiceOpenedEvent,
        InvoiceOverdueEvent,
        InvoicePaidEvent,
        InvoiceRemindedEvent,
        InvoiceSentEvent,
        InvoiceUpdatedEvent,
        InvoiceVoidedEvent,
        InvoiceWriteOffReversedEvent,
        InvoiceWrittenOffEvent,
        MessageExhaustedEvent,
        MeterCreatedEvent,
        MeterUpdatedEvent,
        PaymentCreatedEvent,
        PaymentDisputeClosedEvent,
        PaymentDisputedEvent,
        PaymentFailedEvent,
        PaymentMovedEvent,
        PaymentRefundFailedEvent,
        PaymentRefundedEvent,
        PaymentUpdatedEvent,
        PaymentVoidedEvent,
        PaymentMethodCreatedEvent,
        PaymentMethodDeletedEvent,
        PaymentMethodExpiringEvent,
        PaymentMethodUpdatedEvent,
        ProductCreatedEvent,
        ProductDeletedEvent,
        ProductUpdatedEvent,
        QuoteAcceptedEvent,
        QuoteCreatedEvent,
        QuoteDeletedEvent,
        QuoteUpdatedEvent,
        SubscriptionCreatedEvent,
        SubscriptionCreditReleasedEvent,
        SubscriptionProratedEvent,
        SubscriptionRenewedEvent,
        SubscriptionUpdatedEvent,
        WebhookEndpointDisableWarningEvent,
        WebhookEndpointDisabledEvent,
        WebhookEndpointFailingEvent,
        WebhookEndpointRecoveredEvent,
        WorkspaceClockAdvancedEvent,
        WorkspaceCreatedEvent,
        WorkspaceUpdatedEvent,
    ]
