"""An error for each code of the API."""

from __future__ import annotations

from billing_sdk.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    RateLimited,
    ServerError,
    Unauthorized,
    Unavailable,
)

__all__ = [
    "AllocationReversed",
    "AllocationsExceedAmount",
    "AlreadyMember",
    "AmountNotSupported",
    "AmountTooLarge",
    "BankAccountArchived",
    "BankAccountExists",
    "BankLineGoesOut",
    "BankLineIsMatched",
    "BankLineNotDecided",
    "BilledMeanwhile",
    "BodyTooLarge",
    "ChannelNotConfigured",
    "ChannelNotOffered",
    "ChannelSettingExists",
    "ClockMovesBackwards",
    "ClockTargetMovesBackwards",
    "ClockTooFarAhead",
    "CollectionInFlight",
    "ContactArchived",
    "ContactExternalIdTaken",
    "ContactMismatch",
    "CreditExceedsInvoice",
    "CreditExceedsLine",
    "CreditNoteExternalIdTaken",
    "CreditUnknown",
    "CurrencyMismatch",
    "CurrencyNotSupported",
    "DeliveryNotRetryable",
    "DisputeState",
    "DisputeUndecided",
    "DuplicateExternalReference",
    "EInvoiceAlreadySent",
    "EInvoiceInvalid",
    "EInvoiceSyntaxNotSupported",
    "EventIdTaken",
    "ExceedsDue",
    "ExceedsUnallocated",
    "IdempotencyKeyInFlight",
    "IdempotencyKeyReused",
    "IllegalMove",
    "InvalidEventTypes",
    "InvalidHeaders",
    "InvalidJson",
    "InvalidSecret",
    "InvalidTemplate",
    "InvalidUrl",
    "InvoiceExternalIdTaken",
    "InvoiceHasNoLines",
    "InvoiceHasPayments",
    "InvoiceIsIssued",
    "InvoiceIsVoid",
    "InvoiceNamedTwice",
    "InvoiceNotCreditable",
    "JobRunning",
    "KeyAlreadyRotated",
    "KeyExpiresInThePast",
    "KeyNotUsable",
    "KeyOutlivesItsMaker",
    "LineIdTaken",
    "LogoTooLarge",
    "MessageTemplateExists",
    "MessageTooLarge",
    "MeterArchived",
    "MeterKeyTaken",
    "NoLogo",
    "NoPaymentMethod",
    "NoPublicLink",
    "NoStatement",
    "NoSuchEInvoiceAddress",
    "NotALogo",
    "NotASandbox",
    "NotAnEInvoice",
    "NotCancelable",
    "NotInReview",
    "NotOfTheSandboxProvider",
    "NothingDue",
    "NothingToAllocate",
    "NothingToCredit",
    "NothingToRefund",
    "NothingToRemindOf",
    "NothingWrittenOff",
    "NumberNotFree",
    "NumberTaken",
    "NumberTakenMeanwhile",
    "PaymentHasBankLine",
    "PaymentIsReleasedCredit",
    "PaymentIsTheContacts",
    "PaymentIsTheProviders",
    "PaymentMethodDeleted",
    "PaymentMethodOfAnotherContact",
    "PaymentNotSucceeded",
    "PaymentWasDisputed",
    "PaymentWasRefunded",
    "PeriodBilledBefore",
    "ProductArchived",
    "ProductSkuTaken",
    "ProofTooLong",
    "ProvedJustNow",
    "ProviderConnectionExists",
    "ProviderKeyOfOtherMode",
    "ProviderRefused",
    "QuoteExternalIdTaken",
    "QuoteIsSent",
    "ReceivableClosed",
    "RecipientMissing",
    "RecipientRefused",
    "RefundExceedsPayment",
    "RefundOnItsWay",
    "RenewalIsDue",
    "RenewalRunIsNotPaused",
    "RenewalRunIsOver",
    "RenewalRunIsPaused",
    "ReservedEventType",
    "SecretUnreadable",
    "SellerMissing",
    "SlugTaken",
    "StatementNotFinal",
    "SubscriptionEndsWithItsPeriod",
    "SubscriptionExternalIdTaken",
    "SubscriptionIsOver",
    "SubscriptionIsParked",
    "SubscriptionIsPaused",
    "SubscriptionRuns",
    "TiersMustAscend",
    "TooManyDecimals",
    "TooManyLines",
    "TooManySecrets",
    "TooManyWebhookEndpoints",
    "UnknownBankAccount",
    "UnknownCurrency",
    "UnknownEventType",
    "UnknownIssuer",
    "UnknownRole",
    "UnknownTimeZone",
    "UnknownZone",
    "UnreadableBankFile",
    "UnsupportedMediaType",
    "UsageAlreadyClaimed",
    "WebhookEndpointDisabled",
]


class AllocationReversed(Conflict):
    """The allocation was reversed: make a new one."""


class AllocationsExceedAmount(Invalid):
    """The allocations sum to more than the payment."""


class AlreadyMember(Conflict):
    """This subject of this issuer is a member of the workspace already; delete that membership first."""


class AmountNotSupported(Invalid):
    """The payment provider cannot take or send exactly this amount of its currency."""


class AmountTooLarge(Invalid):
    """An amount is larger than the platform can hold."""


class BankAccountArchived(Conflict):
    """The bank account is archived: it takes no more files."""


class BankAccountExists(Conflict):
    """The workspace has a bank account with this IBAN or number and currency."""


class BankLineGoesOut(Conflict):
    """The money of this line went out: it settles no invoice."""


class BankLineIsMatched(Conflict):
    """The line is matched already: undo that first."""


class BankLineNotDecided(Conflict):
    """Nothing was decided of the line that could be undone."""


class BilledMeanwhile(Unavailable):
    """Another transaction billed this while ours did: done again, ours will see it."""


class BodyTooLarge(ApiError):
    """The body is larger than allowed."""


class ChannelNotConfigured(Conflict):
    """There is no way to send over this channel: create a channel setting for it first."""


class ChannelNotOffered(Invalid):
    """This document is not sent over this channel."""


class ChannelSettingExists(Conflict):
    """The workspace has a setting of this kind in this mode: change or delete it."""


class ClockMovesBackwards(Invalid):
    """A sandbox clock only moves forward."""


class ClockTargetMovesBackwards(Invalid):
    """The clock is being moved further than that already; only a later target can follow."""


class ClockTooFarAhead(Invalid):
    """A sandbox's clock stays below the year 2200."""


class CollectionInFlight(Conflict):
    """A collection of this invoice is on its way: its outcome comes first."""


class ContactArchived(Conflict):
    """The contact is archived: nothing new is billed to it."""


class ContactExternalIdTaken(Conflict):
    """Another contact of the workspace has this external_id."""


class ContactMismatch(Invalid):
    """One payment settles invoices of one contact only."""


class CreditExceedsInvoice(Conflict):
    """More would be credited than the invoice's total."""


class CreditExceedsLine(Conflict):
    """More would be credited than remains of this line."""


class CreditNoteExternalIdTaken(Conflict):
    """Another credit note of the workspace has this external_id."""


class CreditUnknown(Unavailable):
    """It is not known yet what the contact's credit settled of this invoice: ask again in a moment."""


class CurrencyMismatch(Invalid):
    """The invoice is in another currency."""


class CurrencyNotSupported(Invalid):
    """The payment provider takes no money in this currency."""


class DeliveryNotRetryable(Conflict):
    """The delivery is under way, or arrived: only a failed or unknown one is tried again."""


class DisputeState(Conflict):
    """There is no dispute that waits for a decision, or there is one already."""


class DisputeUndecided(Conflict):
    """The payer's bank has taken back money of this invoice and has not decided: its decision comes first."""


class DuplicateExternalReference(Conflict):
    """A payment with this method and external_reference was registered before."""


class EInvoiceAlreadySent(Conflict):
    """This document is with this receiver, or on its way there."""


class EInvoiceInvalid(Invalid):
    """The document breaks rules of EN 16931, Peppol or its schema, so nothing was queued."""


class EInvoiceSyntaxNotSupported(Invalid):
    """The workspace's access point does not take this syntax."""


class EventIdTaken(Conflict):
    """Another message was published with this event_id."""


class ExceedsDue(Invalid):
    """The invoice does not ask for so much."""


class ExceedsUnallocated(Invalid):
    """The payment does not have so much unallocated money."""


class IdempotencyKeyInFlight(Conflict):
    """A request with this Idempotency-Key is being worked on; try again shortly."""


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used for another request."""


class IllegalMove(Conflict):
    """The resource's status does not allow this."""


class InvalidEventTypes(Invalid):
    """Event types are names such as invoice.paid, whole leading segments such as invoice.*, or *."""


class InvalidHeaders(Invalid):
    """A header's name or value cannot be sent."""


class InvalidJson(Invalid):
    """The body is not valid JSON."""


class InvalidSecret(Invalid):
    """A secret is whsec_ and base64 of 24 to 64 bytes."""


class InvalidTemplate(Invalid):
    """The template cannot be used."""


class InvalidUrl(Invalid):
    """The URL cannot be an endpoint."""


class InvoiceExternalIdTaken(Conflict):
    """Another invoice of the workspace has this external_id."""


class InvoiceHasNoLines(Invalid):
    """An invoice needs at least one item before it is issued."""


class InvoiceHasPayments(Conflict):
    """Money has been paid on this invoice: credit it instead of voiding it."""


class InvoiceIsIssued(Conflict):
    """An issued invoice does not change: void or credit it."""


class InvoiceIsVoid(Conflict):
    """A void invoice is neither sent nor written as an e-invoice."""


class InvoiceNamedTwice(Invalid):
    """The invoice is named twice."""


class InvoiceNotCreditable(Conflict):
    """Only an issued invoice that is not void can be credited."""


class JobRunning(Conflict):
    """A job of this webhook endpoint is running; wait for it or cancel it."""


class KeyAlreadyRotated(Conflict):
    """Another key has taken this one's place already: rotate that one."""


class KeyExpiresInThePast(Invalid):
    """The key would have expired already."""


class KeyNotUsable(Conflict):
    """The key is revoked or has expired: make a new one."""


class KeyOutlivesItsMaker(Invalid):
    """A key that expires cannot make one that lives longer."""


class LineIdTaken(Invalid):
    """A line of another document has this id."""


class LogoTooLarge(ApiError):
    """A logo has at most 512 KiB."""


class MessageTemplateExists(Conflict):
    """There is a template for this kind, channel and locale: change or delete it."""


class MessageTooLarge(Invalid):
    """A message has at most 256 KB."""


class MeterArchived(Conflict):
    """The meter is archived: it counts nothing any more, and does not change."""


class MeterKeyTaken(Conflict):
    """Another meter has this key."""


class NoLogo(NotFound):
    """The business has no logo of its own."""


class NoPaymentMethod(Conflict):
    """There is no payment method to collect from."""


class NoPublicLink(Conflict):
    """A draft has no public link: it gets one when it is issued."""


class NoStatement(Invalid):
    """The file has no statement in it."""


class NoSuchEInvoiceAddress(Invalid):
    """This is not an electronic address: a scheme and an id that has the scheme's form."""


class NotALogo(Invalid):
    """A logo is a PNG, JPEG or WebP picture, at most 4,000 pixels wide and high, and 4 million in all."""


class NotASandbox(Conflict):
    """Only in a sandbox workspace can a bank be told what to do."""


class NotAnEInvoice(Invalid):
    """The document lacks what an e-invoice must say, or says what it cannot."""


class NotCancelable(Conflict):
    """The payment is not being collected any more."""


class NotInReview(Conflict):
    """The payment does not need a person's decision."""


class NotOfTheSandboxProvider(Conflict):
    """The sandbox provider has no charge or refund of this: another one took the money, or none did yet."""


class NothingDue(Conflict):
    """The invoice asks for no money."""


class NothingToAllocate(Conflict):
    """The payment has no unallocated money, or the invoice asks for none."""


class NothingToCredit(Conflict):
    """The credit note would take nothing back: all of it is credited."""


class NothingToRefund(Conflict):
    """Nothing of the payment is left to go back."""


class NothingToRemindOf(Conflict):
    """Only an open invoice on which something remains to be paid is reminded of."""


class NothingWrittenOff(Conflict):
    """Nothing of the invoice is written off."""


class NumberNotFree(Invalid):
    """This number could be given to a coming document by a gapless series; choose another form."""


class NumberTaken(Conflict):
    """Another document of the workspace has this number."""


class NumberTakenMeanwhile(Unavailable):
    """Another transaction gave this number out while ours did: done again, ours takes the next one."""


class PaymentHasBankLine(Conflict):
    """A bank's file tells of this money: undo the match of its line."""


class PaymentIsReleasedCredit(Conflict):
    """This is credit of a subscription that has stopped, no money that came in: nothing was registered."""


class PaymentIsTheContacts(Conflict):
    """The payment is this contact's already: change its allocations instead."""


class PaymentIsTheProviders(Conflict):
    """A provider took this money: what goes back goes back as a refund."""


class PaymentMethodDeleted(Invalid):
    """The payment method was deleted."""


class PaymentMethodOfAnotherContact(Invalid):
    """The payment method belongs to another contact."""


class PaymentNotSucceeded(Conflict):
    """The payment has not succeeded: it holds no money."""


class PaymentWasDisputed(Conflict):
    """The payer's bank took money of this payment back, so it did come in."""


class PaymentWasRefunded(Conflict):
    """Money of this payment went back to its payer, so it did come in: refund the rest instead."""


class PeriodBilledBefore(Conflict):
    """This period of the subscription was billed before."""


class ProductArchived(Invalid):
    """The product is archived: nothing new is sold of it."""


class ProductSkuTaken(Conflict):
    """Another product of the workspace has this sku."""


class ProofTooLong(Unavailable):
    """So much money takes longer to prove than a request may; the operator proves it by command."""


class ProvedJustNow(RateLimited):
    """A workspace's money is proved once a minute; the last proof says how it stood."""


class ProviderConnectionExists(Conflict):
    """The workspace has a connection to this provider in this mode: change or delete it."""


class ProviderKeyOfOtherMode(Invalid):
    """The key is of the other mode."""


class ProviderRefused(Conflict):
    """The payment provider refused the workspace's credentials or the request."""


class QuoteExternalIdTaken(Conflict):
    """Another quote of the workspace has this external_id."""


class QuoteIsSent(Conflict):
    """A quote that was sent does not change: decline it and make another."""


class ReceivableClosed(Conflict):
    """The invoice is void: it asks for no money."""


class RecipientMissing(Invalid):
    """The contact has no address for this channel, and none was given."""


class RecipientRefused(Conflict):
    """This address refused what was sent there before: correct it, or send with `force`."""


class RefundExceedsPayment(Invalid):
    """More cannot go back than the payment still holds."""


class RefundOnItsWay(Conflict):
    """Money of this payment is on its way back to its payer: wait for the refund to end."""


class RenewalIsDue(Conflict):
    """A period of the subscription has begun and is not billed yet: try again once it is."""


class RenewalRunIsNotPaused(Conflict):
    """The run is not paused."""


class RenewalRunIsOver(Conflict):
    """A newer run has taken over: pause that one."""


class RenewalRunIsPaused(Conflict):
    """The workspace's renewals are paused: resume the run first."""


class ReservedEventType(Invalid):
    """Event types of the platform's own resources cannot be published: nobody could tell them from facts."""


class SecretUnreadable(Unavailable):
    """A stored secret cannot be decrypted: its key is not among ENCRYPTION_KEYS, or it was moved."""


class SellerMissing(Conflict):
    """The business has no name yet: an invoice says who sells (directive 2006/112/EC, art. 226(5))."""


class SlugTaken(Conflict):
    """Another workspace has this slug."""


class StatementNotFinal(Invalid):
    """The file tells of movements before they are final (camt.052, camt.054, MT942): import the statement."""


class SubscriptionEndsWithItsPeriod(Conflict):
    """The subscription ends with its period: take that back first, or cancel it now."""


class SubscriptionExternalIdTaken(Conflict):
    """Another subscription of the workspace has this external_id."""


class SubscriptionIsOver(Conflict):
    """A canceled or ended subscription does not change any more: create another."""


class SubscriptionIsParked(Conflict):
    """The subscription is parked: its renewal waits for somebody to look at it."""


class SubscriptionIsPaused(Conflict):
    """The subscription is paused: resume it first, or cancel it now."""


class SubscriptionRuns(Conflict):
    """The subscription is neither paused nor about to be canceled: there is nothing to resume."""


class TiersMustAscend(Invalid):
    """Each tier ends above the one before it; the last one alone has no end."""


class TooManyDecimals(Invalid):
    """The amount has more decimals than its currency."""


class TooManyLines(Conflict):
    """An invoice has at most 1,000 lines."""


class TooManySecrets(Conflict):
    """Three secrets sign: wait until the oldest has expired, or rotate with an overlap of 0 seconds."""


class TooManyWebhookEndpoints(Conflict):
    """The workspace has as many webhook endpoints as it may have."""


class UnknownBankAccount(Invalid):
    """The file is of a bank account that the workspace does not have."""


class UnknownCurrency(Invalid):
    """The currency is not one of ISO 4217's codes."""


class UnknownEventType(Invalid):
    """No event of this platform has this type, so that waiting for it would never end."""


class UnknownIssuer(Invalid):
    """Tokens of this issuer are not accepted here."""


class UnknownRole(Invalid):
    """There is no such role; ROLES in the gateway's settings names them."""


class UnknownTimeZone(Invalid):
    """The time zone is not one of the IANA database."""


class UnknownZone(Invalid):
    """The zone is not one of the IANA time zone database."""


class UnreadableBankFile(Invalid):
    """The file is none that a bank gives."""


class UnsupportedMediaType(Invalid):
    """Usage is told as JSON (one CloudEvent or an array) or NDJSON, plain or gzipped."""


class UsageAlreadyClaimed(Conflict):
    """Another subscription bills this subject's usage of the meter."""


class WebhookEndpointDisabled(Conflict):
    """The webhook endpoint is disabled or deleted: nothing can be sent to it."""


BY_CODE: dict[str, type[ApiError]] = {
    "allocation_reversed": AllocationReversed,
    "allocations_exceed_amount": AllocationsExceedAmount,
    "already_member": AlreadyMember,
    "amount_not_supported": AmountNotSupported,
    "amount_too_large": AmountTooLarge,
    "bank_account_archived": BankAccountArchived,
    "bank_account_exists": BankAccountExists,
    "bank_line_goes_out": BankLineGoesOut,
    "bank_line_is_matched": BankLineIsMatched,
    "bank_line_not_decided": BankLineNotDecided,
    "billed_meanwhile": BilledMeanwhile,
    "body_too_large": BodyTooLarge,
    "channel_not_configured": ChannelNotConfigured,
    "channel_not_offered": ChannelNotOffered,
    "channel_setting_exists": ChannelSettingExists,
    "clock_moves_backwards": ClockMovesBackwards,
    "clock_target_moves_backwards": ClockTargetMovesBackwards,
    "clock_too_far_ahead": ClockTooFarAhead,
    "collection_in_flight": CollectionInFlight,
    "contact_archived": ContactArchived,
    "contact_external_id_taken": ContactExternalIdTaken,
    "contact_mismatch": ContactMismatch,
    "credit_exceeds_invoice": CreditExceedsInvoice,
    "credit_exceeds_line": CreditExceedsLine,
    "credit_note_external_id_taken": CreditNoteExternalIdTaken,
    "credit_unknown": CreditUnknown,
    "currency_mismatch": CurrencyMismatch,
    "currency_not_supported": CurrencyNotSupported,
    "delivery_not_retryable": DeliveryNotRetryable,
    "dispute_state": DisputeState,
    "dispute_undecided": DisputeUndecided,
    "duplicate_external_reference": DuplicateExternalReference,
    "e_invoice_already_sent": EInvoiceAlreadySent,
    "e_invoice_invalid": EInvoiceInvalid,
    "e_invoice_syntax_not_supported": EInvoiceSyntaxNotSupported,
    "event_id_taken": EventIdTaken,
    "exceeds_due": ExceedsDue,
    "exceeds_unallocated": ExceedsUnallocated,
    "idempotency_key_in_flight": IdempotencyKeyInFlight,
    "idempotency_key_reused": IdempotencyKeyReused,
    "illegal_move": IllegalMove,
    "invalid_event_types": InvalidEventTypes,
    "invalid_headers": InvalidHeaders,
    "invalid_json": InvalidJson,
    "invalid_secret": InvalidSecret,
    "invalid_template": InvalidTemplate,
    "invalid_url": InvalidUrl,
    "invoice_external_id_taken": InvoiceExternalIdTaken,
    "invoice_has_no_lines": InvoiceHasNoLines,
    "invoice_has_payments": InvoiceHasPayments,
    "invoice_is_issued": InvoiceIsIssued,
    "invoice_is_void": InvoiceIsVoid,
    "invoice_named_twice": InvoiceNamedTwice,
    "invoice_not_creditable": InvoiceNotCreditable,
    "job_running": JobRunning,
    "key_already_rotated": KeyAlreadyRotated,
    "key_expires_in_the_past": KeyExpiresInThePast,
    "key_not_usable": KeyNotUsable,
    "key_outlives_its_maker": KeyOutlivesItsMaker,
    "line_id_taken": LineIdTaken,
    "logo_too_large": LogoTooLarge,
    "message_template_exists": MessageTemplateExists,
    "message_too_large": MessageTooLarge,
    "meter_archived": MeterArchived,
    "meter_key_taken": MeterKeyTaken,
    "no_logo": NoLogo,
    "no_payment_method": NoPaymentMethod,
    "no_public_link": NoPublicLink,
    "no_statement": NoStatement,
    "no_such_e_invoice_address": NoSuchEInvoiceAddress,
    "not_a_logo": NotALogo,
    "not_a_sandbox": NotASandbox,
    "not_an_e_invoice": NotAnEInvoice,
    "not_cancelable": NotCancelable,
    "not_in_review": NotInReview,
    "not_of_the_sandbox_provider": NotOfTheSandboxProvider,
    "nothing_due": NothingDue,
    "nothing_to_allocate": NothingToAllocate,
    "nothing_to_credit": NothingToCredit,
    "nothing_to_refund": NothingToRefund,
    "nothing_to_remind_of": NothingToRemindOf,
    "nothing_written_off": NothingWrittenOff,
    "number_not_free": NumberNotFree,
    "number_taken": NumberTaken,
    "number_taken_meanwhile": NumberTakenMeanwhile,
    "payment_has_bank_line": PaymentHasBankLine,
    "payment_is_released_credit": PaymentIsReleasedCredit,
    "payment_is_the_contacts": PaymentIsTheContacts,
    "payment_is_the_providers": PaymentIsTheProviders,
    "payment_method_deleted": PaymentMethodDeleted,
    "payment_method_of_another_contact": PaymentMethodOfAnotherContact,
    "payment_not_succeeded": PaymentNotSucceeded,
    "payment_was_disputed": PaymentWasDisputed,
    "payment_was_refunded": PaymentWasRefunded,
    "period_billed_before": PeriodBilledBefore,
    "product_archived": ProductArchived,
    "product_sku_taken": ProductSkuTaken,
    "proof_too_long": ProofTooLong,
    "proved_just_now": ProvedJustNow,
    "provider_connection_exists": ProviderConnectionExists,
    "provider_key_of_other_mode": ProviderKeyOfOtherMode,
    "provider_refused": ProviderRefused,
    "quote_external_id_taken": QuoteExternalIdTaken,
    "quote_is_sent": QuoteIsSent,
    "receivable_closed": ReceivableClosed,
    "recipient_missing": RecipientMissing,
    "recipient_refused": RecipientRefused,
    "refund_exceeds_payment": RefundExceedsPayment,
    "refund_on_its_way": RefundOnItsWay,
    "renewal_is_due": RenewalIsDue,
    "renewal_run_is_not_paused": RenewalRunIsNotPaused,
    "renewal_run_is_over": RenewalRunIsOver,
    "renewal_run_is_paused": RenewalRunIsPaused,
    "reserved_event_type": ReservedEventType,
    "secret_unreadable": SecretUnreadable,
    "seller_missing": SellerMissing,
    "slug_taken": SlugTaken,
    "statement_not_final": StatementNotFinal,
    "subscription_ends_with_its_period": SubscriptionEndsWithItsPeriod,
    "subscription_external_id_taken": SubscriptionExternalIdTaken,
    "subscription_is_over": SubscriptionIsOver,
    "subscription_is_parked": SubscriptionIsParked,
    "subscription_is_paused": SubscriptionIsPaused,
    "subscription_runs": SubscriptionRuns,
    "tiers_must_ascend": TiersMustAscend,
    "too_many_decimals": TooManyDecimals,
    "too_many_lines": TooManyLines,
    "too_many_secrets": TooManySecrets,
    "too_many_webhook_endpoints": TooManyWebhookEndpoints,
    "unknown_bank_account": UnknownBankAccount,
    "unknown_currency": UnknownCurrency,
    "unknown_event_type": UnknownEventType,
    "unknown_issuer": UnknownIssuer,
    "unknown_role": UnknownRole,
    "unknown_time_zone": UnknownTimeZone,
    "unknown_zone": UnknownZone,
    "unreadable_bank_file": UnreadableBankFile,
    "unsupported_media_type": UnsupportedMediaType,
    "usage_already_claimed": UsageAlreadyClaimed,
    "webhook_endpoint_disabled": WebhookEndpointDisabled,
}
"""The class of each code; others have that of their status."""
