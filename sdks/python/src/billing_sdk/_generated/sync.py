"""The resources of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing_sdk import _extras as extras
from billing_sdk._lazy import Lazy
from billing_sdk._resources import Resource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from billing_sdk._files import File
    from billing_sdk._generated import models as m
    from billing_sdk._generated import operations as ops
    from billing_sdk._generated import params as p
    from billing_sdk._generated.params import Id
    from billing_sdk._paging import Listing
else:
    m = Lazy("billing_sdk._generated.models")
    ops = Lazy("billing_sdk._generated.operations")


class Workspaces(Resource):
    """`client.workspaces`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.WorkspacesCreate]) -> m.CreatedWorkspace:
        """Create a workspace.

        Create a workspace and its first API key, which is shown only here."""
        return self._get(ops.WORKSPACES_CREATE, (), given, m.CreatedWorkspace)

    def get(self, workspace_id: Id, /, **given: Unpack[p.WorkspacesGet]) -> m.Workspace:
        """Get a workspace."""
        return self._get(ops.WORKSPACES_GET, (workspace_id,), given, m.Workspace)

    def list(self, **given: Unpack[p.WorkspacesList]) -> Listing[m.Workspace]:
        """List workspaces.

        List workspaces, newest first."""
        return self._list(ops.WORKSPACES_LIST, (), given, m.Workspace)

    def update(self, workspace_id: Id, /, **given: Unpack[p.WorkspacesUpdate]) -> m.Workspace:
        """Change a workspace.

        Change name, zone, currency or allowed origins; what exists already keeps its currency."""
        return self._get(ops.WORKSPACES_UPDATE, (workspace_id,), given, m.Workspace)


class WebhookEndpointsSecret(Resource):
    """`client.webhook_endpoints.secret`."""

    __slots__ = ()

    def get(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsSecretGet]) -> m.Secret:
        """Get the secret of a webhook endpoint.

        The secrets that sign now."""
        return self._get(ops.WEBHOOK_ENDPOINTS_SECRET_GET, (endpoint_id,), given, m.Secret)

    def replace(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsSecretReplace]) -> m.Secret:
        """Replace the secret of a webhook endpoint by one's own.

        Sign with a secret of the receiver's."""
        return self._get(ops.WEBHOOK_ENDPOINTS_SECRET_REPLACE, (endpoint_id,), given, m.Secret)

    def rotate(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsSecretRotate]) -> m.Secret:
        """Rotate the secret of a webhook endpoint.

        Sign with a new random secret; at most three sign at once."""
        return self._get(ops.WEBHOOK_ENDPOINTS_SECRET_ROTATE, (endpoint_id,), given, m.Secret)


class WebhookEndpointsJobs(Resource):
    """`client.webhook_endpoints.jobs`."""

    __slots__ = ()

    def cancel(self, endpoint_id: Id, job_id: Id, /, **given: Unpack[p.WebhookEndpointsJobsCancel]) -> m.Job:
        """Cancel a job of a webhook endpoint.

        Queue nothing more; what was queued already is sent."""
        return self._get(ops.WEBHOOK_ENDPOINTS_JOBS_CANCEL, (endpoint_id, job_id), given, m.Job)

    def get(self, endpoint_id: Id, job_id: Id, /, **given: Unpack[p.WebhookEndpointsJobsGet]) -> m.Job:
        """Get a job of a webhook endpoint.

        One job."""
        return self._get(ops.WEBHOOK_ENDPOINTS_JOBS_GET, (endpoint_id, job_id), given, m.Job)

    def list(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsJobsList]) -> Listing[m.Job]:
        """List jobs of a webhook endpoint.

        The endpoint's jobs, newest first."""
        return self._list(ops.WEBHOOK_ENDPOINTS_JOBS_LIST, (endpoint_id,), given, m.Job)


class WebhookEndpoints(Resource):
    """`client.webhook_endpoints`."""

    __slots__ = ()

    @property
    def jobs(self) -> WebhookEndpointsJobs:
        return WebhookEndpointsJobs(self._transport)

    @property
    def secret(self) -> WebhookEndpointsSecret:
        return WebhookEndpointsSecret(self._transport)

    def create(self, **given: Unpack[p.WebhookEndpointsCreate]) -> m.CreatedEndpoint:
        """Create a webhook endpoint.

        Create an endpoint; the reply holds its secret."""
        return self._get(ops.WEBHOOK_ENDPOINTS_CREATE, (), given, m.CreatedEndpoint)

    def delete(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsDelete]) -> None:
        """Delete a webhook endpoint.

        Cancel what waits, forget the secrets, keep the log."""
        self._do(ops.WEBHOOK_ENDPOINTS_DELETE, (endpoint_id,), given)

    def disable(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsDisable]) -> m.Endpoint:
        """Disable a webhook endpoint.

        Deliver no more; what waits and what comes is held."""
        return self._get(ops.WEBHOOK_ENDPOINTS_DISABLE, (endpoint_id,), given, m.Endpoint)

    def enable(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsEnable]) -> m.Endpoint:
        """Enable a webhook endpoint.

        Deliver again; what was held meanwhile stays held."""
        return self._get(ops.WEBHOOK_ENDPOINTS_ENABLE, (endpoint_id,), given, m.Endpoint)

    def get(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsGet]) -> m.Endpoint:
        """Get a webhook endpoint.

        One endpoint."""
        return self._get(ops.WEBHOOK_ENDPOINTS_GET, (endpoint_id,), given, m.Endpoint)

    def list(self, **given: Unpack[p.WebhookEndpointsList]) -> Listing[m.Endpoint]:
        """List webhook endpoints.

        The workspace's endpoints, newest first."""
        return self._list(ops.WEBHOOK_ENDPOINTS_LIST, (), given, m.Endpoint)

    def pause(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsPause]) -> m.Endpoint:
        """Pause a webhook endpoint.

        Deliver nothing for a while; what waits and what comes is held until it is recovered."""
        return self._get(ops.WEBHOOK_ENDPOINTS_PAUSE, (endpoint_id,), given, m.Endpoint)

    def recover(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsRecover]) -> m.Job:
        """Send again what a webhook endpoint missed.

        Send again what was not delivered; the reply is a job that tells how far that is."""
        return self._get(ops.WEBHOOK_ENDPOINTS_RECOVER, (endpoint_id,), given, m.Job)

    def replay(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsReplay]) -> m.Job:
        """Send messages anew to a webhook endpoint.

        Send messages anew, each with its webhook-id; the reply is a job that tells how far that is."""
        return self._get(ops.WEBHOOK_ENDPOINTS_REPLAY, (endpoint_id,), given, m.Job)

    def stats(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsStats]) -> m.EndpointStats:
        """Get the stats of a webhook endpoint.

        How the endpoint did in the last hours."""
        return self._get(ops.WEBHOOK_ENDPOINTS_STATS, (endpoint_id,), given, m.EndpointStats)

    def test(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsTest]) -> m.Attempt:
        """Send a test event to a webhook endpoint.

        Send `webhook_endpoint.test` now and wait for the answer, also to a disabled endpoint."""
        return self._get(ops.WEBHOOK_ENDPOINTS_TEST, (endpoint_id,), given, m.Attempt)

    def update(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsUpdate]) -> m.Endpoint:
        """Change a webhook endpoint.

        Change settings; what waits already is sent with the new ones."""
        return self._get(ops.WEBHOOK_ENDPOINTS_UPDATE, (endpoint_id,), given, m.Endpoint)


class WaitingBillings(Resource):
    """`client.waiting_billings`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.WaitingBillingsList]) -> Listing[m.WaitingBilling]:
        """List waiting billings.

        List what subscriptions bill and no invoice could be made of yet, newest first, with the reason."""
        return self._list(ops.WAITING_BILLINGS_LIST, (), given, m.WaitingBilling)

    def retry(self, billing_id: Id, /, **given: Unpack[p.WaitingBillingsRetry]) -> None:
        """Retry a waiting billing.

        Try it again now, instead of when its turn comes; the invoice is there within a second or two."""
        self._do(ops.WAITING_BILLINGS_RETRY, (billing_id,), given)


class UsageRejections(Resource):
    """`client.usage_rejections`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.UsageRejectionsList]) -> Listing[m.Rejection]:
        """List usage rejections.

        What was refused of requests whose other events were taken, newest first; kept for 30 days."""
        return self._list(ops.USAGE_REJECTIONS_LIST, (), given, m.Rejection)


class UsageEvents(Resource):
    """`client.usage_events`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.UsageEventsCreate]) -> m.AcceptedUsage:
        """Create an usage event.

        Tell usage: an event, an array, or one a line, gzipped or not; all of it is taken, or nothing."""
        return self._get(ops.USAGE_EVENTS_CREATE, (), given, m.AcceptedUsage)

    def list(self, **given: Unpack[p.UsageEventsList]) -> Listing[m.UsageEvent]:
        """List usage events.

        Look at what was told, newest first."""
        return self._list(ops.USAGE_EVENTS_LIST, (), given, m.UsageEvent)

    def void(self, **given: Unpack[p.UsageEventsVoid]) -> m.Void:
        """Void an usage event.

        Take events back. Their ids stay used: what is told in their place has ids of its own."""
        return self._get(ops.USAGE_EVENTS_VOID, (), given, m.Void)


class Usage(Resource):
    """`client.usage`."""

    __slots__ = ()

    def export(self, **given: Unpack[p.UsageExport]) -> File:
        """Get the export of the usage.

        All usage between two instants as CSV, however much it is."""
        return self._file(ops.USAGE_EXPORT, (), given)


class SubscriptionsPeriods(Resource):
    """`client.subscriptions.periods`."""

    __slots__ = ()

    def list(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsPeriodsList]) -> Listing[m.Period]:
        """List periods of a subscription.

        What was billed of it: periods and changes, newest first; goes on by `offset`."""
        return self._list(ops.SUBSCRIPTIONS_PERIODS_LIST, (subscription_id,), given, m.Period)


class Subscriptions(Resource):
    """`client.subscriptions`."""

    __slots__ = ()

    @property
    def periods(self) -> SubscriptionsPeriods:
        return SubscriptionsPeriods(self._transport)

    def cancel(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsCancel]) -> m.Subscription:
        """Cancel a subscription.

        Stop it at once, or at the end of the period, until when that can be taken back."""
        return self._get(ops.SUBSCRIPTIONS_CANCEL, (subscription_id,), given, m.Subscription)

    def change(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsChange]) -> m.Subscription:
        """Change the plan or quantity of a subscription.

        Go on with another plan or quantity; what is so already is answered as it is, and nothing is billed."""
        return self._get(ops.SUBSCRIPTIONS_CHANGE, (subscription_id,), given, m.Subscription)

    def charges(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsCharges]) -> m.Charges:
        """Get the charges of a subscription.

        What the subscription bills of usage."""
        return self._get(ops.SUBSCRIPTIONS_CHARGES, (subscription_id,), given, m.Charges)

    def create(self, **given: Unpack[p.SubscriptionsCreate]) -> m.Subscription:
        """Create a subscription.

        Create a subscription; the period that runs is billed at once, in advance."""
        return self._get(ops.SUBSCRIPTIONS_CREATE, (), given, m.Subscription)

    def get(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsGet]) -> m.Subscription:
        """Get a subscription.

        Get a subscription with its lines."""
        return self._get(ops.SUBSCRIPTIONS_GET, (subscription_id,), given, m.Subscription)

    def list(self, **given: Unpack[p.SubscriptionsList]) -> Listing[m.Subscription]:
        """List subscriptions.

        List subscriptions with their lines, newest first."""
        return self._list(ops.SUBSCRIPTIONS_LIST, (), given, m.Subscription)

    def pause(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsPause]) -> m.Subscription:
        """Pause a subscription.

        Bill nothing until it is resumed; what ends with its period is refused (409)."""
        return self._get(ops.SUBSCRIPTIONS_PAUSE, (subscription_id,), given, m.Subscription)

    def preview(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsPreview]) -> m.ChangePreview:
        """Preview a change of a subscription.

        What the same change would bill now and next; nothing is charged or stored."""
        return self._get(ops.SUBSCRIPTIONS_PREVIEW, (subscription_id,), given, m.ChangePreview)

    def resume(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsResume]) -> m.Subscription:
        """Resume a subscription.

        End a pause, or take a cancellation at the period's end back, until that has come."""
        return self._get(ops.SUBSCRIPTIONS_RESUME, (subscription_id,), given, m.Subscription)

    def retry(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsRetry]) -> m.Subscription:
        """Retry a subscription.

        Renew it now, though it is parked, without a cap: somebody has looked at it."""
        return self._get(ops.SUBSCRIPTIONS_RETRY, (subscription_id,), given, m.Subscription)

    def update(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsUpdate]) -> m.Subscription:
        """Change a subscription.

        Change fields; `status` pauses, resumes or cancels, `cancel_at_period_end` can be taken back."""
        return self._get(ops.SUBSCRIPTIONS_UPDATE, (subscription_id,), given, m.Subscription)

    def usage(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsUsage]) -> m.SubscriptionUsage:
        """Get the usage of a subscription.

        What was used of each charge and period, what it comes to, and what of that was billed."""
        return self._get(ops.SUBSCRIPTIONS_USAGE, (subscription_id,), given, m.SubscriptionUsage)


class SandboxRefunds(Resource):
    """`client.sandbox.refunds`."""

    __slots__ = ()

    def fail(self, refund_id: Id, /, **given: Unpack[p.SandboxRefundsFail]) -> m.AtProvider:
        """Let a refund of the sandbox fail.

        Let a refund that the sandbox provider has sent come back from the payer's bank."""
        return self._get(ops.SANDBOX_REFUNDS_FAIL, (refund_id,), given, m.AtProvider)


class SandboxPayments(Resource):
    """`client.sandbox.payments`."""

    __slots__ = ()

    def decide_dispute(self, payment_id: Id, /, **given: Unpack[p.SandboxPaymentsDecideDispute]) -> m.AtProvider:
        """Decide the dispute of a payment of the sandbox.

        Let the payer's bank decide the dispute of a payment; when it is won, the money comes back."""
        return self._get(ops.SANDBOX_PAYMENTS_DECIDE_DISPUTE, (payment_id,), given, m.AtProvider)

    def dispute(self, payment_id: Id, /, **given: Unpack[p.SandboxPaymentsDispute]) -> m.AtProvider:
        """Dispute a payment of the sandbox.

        Let the payer's bank dispute a payment that the sandbox provider collected: it takes the money back."""
        return self._get(ops.SANDBOX_PAYMENTS_DISPUTE, (payment_id,), given, m.AtProvider)


class SandboxClock(extras.ClockExtras):
    """`client.sandbox.clock`."""

    __slots__ = ()

    def advance(self, **given: Unpack[p.SandboxClockAdvance]) -> m.Clock:
        """Advance the clock of the sandbox.

        Set this sandbox's clock going: what falls due on the way is done in the order of its time."""
        return self._get(ops.SANDBOX_CLOCK_ADVANCE, (), given, m.Clock)

    def get(self, **given: Unpack[p.SandboxClockGet]) -> m.Clock:
        """Get the clock of the sandbox.

        What time it is in this sandbox, and how far it is on its way."""
        return self._get(ops.SANDBOX_CLOCK_GET, (), given, m.Clock)


class Sandbox(Resource):
    """`client.sandbox`."""

    __slots__ = ()

    @property
    def clock(self) -> SandboxClock:
        return SandboxClock(self._transport)

    @property
    def payments(self) -> SandboxPayments:
        return SandboxPayments(self._transport)

    @property
    def refunds(self) -> SandboxRefunds:
        return SandboxRefunds(self._transport)

    def bank_statements(self, **given: Unpack[p.SandboxBankStatements]) -> m.Import:
        """Bank statements the sandbox.

        Let the sandbox's bank book movements, and import the file (camt.053) that it gives of them."""
        return self._get(ops.SANDBOX_BANK_STATEMENTS, (), given, m.Import)


class RenewalRuns(Resource):
    """`client.renewal_runs`."""

    __slots__ = ()

    def get(self, run_id: Id, /, **given: Unpack[p.RenewalRunsGet]) -> m.WatchedRun:
        """Get a renewal run.

        A run as it stands: progress, rate, time left, parked subscriptions with their reasons."""
        return self._get(ops.RENEWAL_RUNS_GET, (run_id,), given, m.WatchedRun)

    def list(self, **given: Unpack[p.RenewalRunsList]) -> Listing[m.Run]:
        """List renewal runs.

        List runs, newest first: one for each day on which something fell due."""
        return self._list(ops.RENEWAL_RUNS_LIST, (), given, m.Run)

    def pause(self, run_id: Id, /, **given: Unpack[p.RenewalRunsPause]) -> m.WatchedRun:
        """Pause a renewal run.

        Stop the workspace's renewals after the batch in hand, until the run is resumed."""
        return self._get(ops.RENEWAL_RUNS_PAUSE, (run_id,), given, m.WatchedRun)

    def preview(self, **given: Unpack[p.RenewalRunsPreview]) -> m.SubscriptionPreviewReply:
        """Preview a renewal run.

        What would be billed until an instant: totals, differences, anomalies. Without effect."""
        return self._get(ops.RENEWAL_RUNS_PREVIEW, (), given, m.SubscriptionPreviewReply)

    def resume(self, run_id: Id, /, **given: Unpack[p.RenewalRunsResume]) -> m.WatchedRun:
        """Resume a renewal run.

        Let the workspace's renewals go on; the run's size is not doubted again."""
        return self._get(ops.RENEWAL_RUNS_RESUME, (run_id,), given, m.WatchedRun)

    def retry(self, run_id: Id, /, **given: Unpack[p.RenewalRunsRetry]) -> m.Subscription:
        """Renew a parked subscription of a run.

        Renew one parked subscription now, without a cap."""
        return self._get(ops.RENEWAL_RUNS_RETRY, (run_id,), given, m.Subscription)


class ReminderSettings(Resource):
    """`client.reminder_settings`."""

    __slots__ = ()

    def get(self, **given: Unpack[p.ReminderSettingsGet]) -> m.ReminderSettings:
        """Get how reminders are sent.

        How customers are reminded of open invoices; not at all until the workspace enables it."""
        return self._get(ops.REMINDER_SETTINGS_GET, (), given, m.ReminderSettings)

    def update(self, **given: Unpack[p.ReminderSettingsUpdate]) -> m.ReminderSettings:
        """Change how reminders are sent.

        Change the fields that are given. Levels count from now on; what was due before is passed over."""
        return self._get(ops.REMINDER_SETTINGS_UPDATE, (), given, m.ReminderSettings)


class Refunds(Resource):
    """`client.refunds`."""

    __slots__ = ()

    def get(self, refund_id: Id, /, **given: Unpack[p.RefundsGet]) -> m.Refund:
        """Get a refund."""
        return self._get(ops.REFUNDS_GET, (refund_id,), given, m.Refund)

    def list(self, **given: Unpack[p.RefundsList]) -> Listing[m.Refund]:
        """List refunds.

        List refunds, newest first."""
        return self._list(ops.REFUNDS_LIST, (), given, m.Refund)


class Receivables(Resource):
    """`client.receivables`."""

    __slots__ = ()

    def get(self, invoice_id: Id, /, **given: Unpack[p.ReceivablesGet]) -> m.Receivable:
        """Get a receivable.

        Get what an invoice asks for."""
        return self._get(ops.RECEIVABLES_GET, (invoice_id,), given, m.Receivable)

    def list(self, **given: Unpack[p.ReceivablesList]) -> Listing[m.Receivable]:
        """List receivables.

        List receivables, that of the newest invoice first."""
        return self._list(ops.RECEIVABLES_LIST, (), given, m.Receivable)


class QuotesDeliveries(Resource):
    """`client.quotes.deliveries`."""

    __slots__ = ()

    def list(self, quote_id: Id, /, **given: Unpack[p.QuotesDeliveriesList]) -> Listing[m.Delivery]:
        """List a quote's deliveries.

        List how the quote was sent, newest first."""
        return self._list(ops.QUOTES_DELIVERIES_LIST, (quote_id,), given, m.Delivery)


class Quotes(Resource):
    """`client.quotes`."""

    __slots__ = ()

    @property
    def deliveries(self) -> QuotesDeliveries:
        return QuotesDeliveries(self._transport)

    def accept(self, quote_id: Id, /, **given: Unpack[p.QuotesAccept]) -> m.Quote:
        """Accept a quote.

        The customer said yes: the invoice is made in the same transaction, as a draft or issued."""
        return self._get(ops.QUOTES_ACCEPT, (quote_id,), given, m.Quote)

    def create(self, **given: Unpack[p.QuotesCreate]) -> m.Quote:
        """Create a quote.

        Create a draft; totals are computed."""
        return self._get(ops.QUOTES_CREATE, (), given, m.Quote)

    def decline(self, quote_id: Id, /, **given: Unpack[p.QuotesDecline]) -> m.Quote:
        """Decline a quote.

        The customer said no."""
        return self._get(ops.QUOTES_DECLINE, (quote_id,), given, m.Quote)

    def delete(self, quote_id: Id, /, **given: Unpack[p.QuotesDelete]) -> None:
        """Delete a quote.

        Delete a draft."""
        self._do(ops.QUOTES_DELETE, (quote_id,), given)

    def get(self, quote_id: Id, /, **given: Unpack[p.QuotesGet]) -> m.Quote:
        """Get a quote.

        Get a quote with its lines."""
        return self._get(ops.QUOTES_GET, (quote_id,), given, m.Quote)

    def list(self, **given: Unpack[p.QuotesList]) -> Listing[m.Quote]:
        """List quotes.

        List quotes with their lines, newest first."""
        return self._list(ops.QUOTES_LIST, (), given, m.Quote)

    def pdf(self, quote_id: Id, /, **given: Unpack[p.QuotesPdf]) -> File:
        """Get the PDF of a quote.

        The quote as PDF, in the language of its contact."""
        return self._file(ops.QUOTES_PDF, (quote_id,), given)

    def send(self, quote_id: Id, /, **given: Unpack[p.QuotesSend]) -> m.Quote:
        """Send a quote.

        Offer it to the customer: it gets its number and is fixed; with `channels` it is sent there too."""
        return self._get(ops.QUOTES_SEND, (quote_id,), given, m.Quote)

    def update(self, quote_id: Id, /, **given: Unpack[p.QuotesUpdate]) -> m.Quote:
        """Change a quote.

        Change a draft; a quote that was sent stays as it is."""
        return self._get(ops.QUOTES_UPDATE, (quote_id,), given, m.Quote)


class ProviderConnections(Resource):
    """`client.provider_connections`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.ProviderConnectionsCreate]) -> m.Connection:
        """Create a provider connection.

        Connect an account; one for each provider and mode. Secrets are encrypted and never shown again."""
        return self._get(ops.PROVIDER_CONNECTIONS_CREATE, (), given, m.Connection)

    def delete(self, connection_id: Id, /, **given: Unpack[p.ProviderConnectionsDelete]) -> None:
        """Delete a provider connection.

        Forget the credentials; methods kept there can no longer be collected from."""
        self._do(ops.PROVIDER_CONNECTIONS_DELETE, (connection_id,), given)

    def get(self, connection_id: Id, /, **given: Unpack[p.ProviderConnectionsGet]) -> m.Connection:
        """Get a provider connection.

        Get a connection."""
        return self._get(ops.PROVIDER_CONNECTIONS_GET, (connection_id,), given, m.Connection)

    def list(self, **given: Unpack[p.ProviderConnectionsList]) -> Listing[m.Connection]:
        """List provider connections.

        List connections, newest first."""
        return self._list(ops.PROVIDER_CONNECTIONS_LIST, (), given, m.Connection)

    def update(self, connection_id: Id, /, **given: Unpack[p.ProviderConnectionsUpdate]) -> m.Connection:
        """Change a provider connection.

        Change a connection, its keys for instance when they were rolled."""
        return self._get(ops.PROVIDER_CONNECTIONS_UPDATE, (connection_id,), given, m.Connection)


class Products(Resource):
    """`client.products`."""

    __slots__ = ()

    def archive(self, product_id: Id, /, **given: Unpack[p.ProductsArchive]) -> None:
        """Archive a product.

        Archive a product; documents that name it stay."""
        self._do(ops.PRODUCTS_ARCHIVE, (product_id,), given)

    def create(self, **given: Unpack[p.ProductsCreate]) -> m.Product:
        """Create a product."""
        return self._get(ops.PRODUCTS_CREATE, (), given, m.Product)

    def get(self, product_id: Id, /, **given: Unpack[p.ProductsGet]) -> m.Product:
        """Get a product."""
        return self._get(ops.PRODUCTS_GET, (product_id,), given, m.Product)

    def list(self, **given: Unpack[p.ProductsList]) -> Listing[m.Product]:
        """List products.

        List products, newest first."""
        return self._list(ops.PRODUCTS_LIST, (), given, m.Product)

    def update(self, product_id: Id, /, **given: Unpack[p.ProductsUpdate]) -> m.Product:
        """Change a product.

        Change the fields that are given; invoices that name the product stay as they are."""
        return self._get(ops.PRODUCTS_UPDATE, (product_id,), given, m.Product)


class Prices(Resource):
    """`client.prices`."""

    __slots__ = ()

    def estimate(self, **given: Unpack[p.PricesEstimate]) -> m.EstimateReply:
        """Estimate a price.

        What a quantity costs at a price: the rows that an invoice would have, rounded as its business does."""
        return self._get(ops.PRICES_ESTIMATE, (), given, m.EstimateReply)


class PaymentsRefunds(Resource):
    """`client.payments.refunds`."""

    __slots__ = ()

    def create(self, payment_id: Id, /, **given: Unpack[p.PaymentsRefundsCreate]) -> m.Refund:
        """Create a refund of a payment.

        Give money of a payment back: unallocated money first, then that of the newest allocations."""
        return self._get(ops.PAYMENTS_REFUNDS_CREATE, (payment_id,), given, m.Refund)

    def list(self, payment_id: Id, /, **given: Unpack[p.PaymentsRefundsList]) -> Listing[m.Refund]:
        """List refunds of a payment.

        List the refunds of a payment, newest first."""
        return self._list(ops.PAYMENTS_REFUNDS_LIST, (payment_id,), given, m.Refund)


class Payments(Resource):
    """`client.payments`."""

    __slots__ = ()

    @property
    def refunds(self) -> PaymentsRefunds:
        return PaymentsRefunds(self._transport)

    def cancel(self, payment_id: Id, /, **given: Unpack[p.PaymentsCancel]) -> m.Payment:
        """Cancel a payment.

        Cancel a collection on its way; where the provider was asked already, it is canceled there soon."""
        return self._get(ops.PAYMENTS_CANCEL, (payment_id,), given, m.Payment)

    def collect(self, **given: Unpack[p.PaymentsCollect]) -> m.Payment:
        """Collect a payment.

        Collect what an invoice asks for now; the outcome comes as events and in the payment's `state`."""
        return self._get(ops.PAYMENTS_COLLECT, (), given, m.Payment)

    def create(self, **given: Unpack[p.PaymentsCreate]) -> m.Payment:
        """Create a payment.

        Register money that came in; what the invoices do not ask for becomes credit balance."""
        return self._get(ops.PAYMENTS_CREATE, (), given, m.Payment)

    def get(self, payment_id: Id, /, **given: Unpack[p.PaymentsGet]) -> m.Payment:
        """Get a payment.

        Get a payment with its allocations."""
        return self._get(ops.PAYMENTS_GET, (payment_id,), given, m.Payment)

    def import_batch(self, **given: Unpack[p.PaymentsImportBatch]) -> m.PaymentBatch:
        """Import the payments of a bank statement.

        Register the payments of a bank statement, each with a result of its own."""
        return self._get(ops.PAYMENTS_IMPORT_BATCH, (), given, m.PaymentBatch)

    def list(self, **given: Unpack[p.PaymentsList]) -> Listing[m.Payment]:
        """List payments.

        List payments with their allocations, newest first."""
        return self._list(ops.PAYMENTS_LIST, (), given, m.Payment)

    def move(self, payment_id: Id, /, **given: Unpack[p.PaymentsMove]) -> m.Payment:
        """Move a payment.

        Give a payment that was registered by hand to the contact whose money it is."""
        return self._get(ops.PAYMENTS_MOVE, (payment_id,), given, m.Payment)

    def resolve(self, payment_id: Id, /, **given: Unpack[p.PaymentsResolve]) -> m.Payment:
        """Resolve a payment.

        Decide about a payment in state `needs_review`; money that comes after all is never lost."""
        return self._get(ops.PAYMENTS_RESOLVE, (payment_id,), given, m.Payment)

    def void(self, payment_id: Id, /, **given: Unpack[p.PaymentsVoid]) -> m.Payment:
        """Void a payment.

        Undo a payment that was registered by hand by mistake: its money never came in."""
        return self._get(ops.PAYMENTS_VOID, (payment_id,), given, m.Payment)


class PaymentMethodsSetupIntents(Resource):
    """`client.payment_methods.setup_intents`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.PaymentMethodsSetupIntentsCreate]) -> m.SetupIntent:
        """Create a setup intent of a payment method.

        Begin to keep a method for collecting without the payer; the payer finishes it with the secret."""
        return self._get(ops.PAYMENT_METHODS_SETUP_INTENTS_CREATE, (), given, m.SetupIntent)

    def get(self, setup_intent_id: Id, /, **given: Unpack[p.PaymentMethodsSetupIntentsGet]) -> m.SetupIntent:
        """Get a setup intent of a payment method.

        Get a setup intent: whether the payer has finished it. Its secret is not shown again."""
        return self._get(ops.PAYMENT_METHODS_SETUP_INTENTS_GET, (setup_intent_id,), given, m.SetupIntent)


class PaymentMethods(Resource):
    """`client.payment_methods`."""

    __slots__ = ()

    @property
    def setup_intents(self) -> PaymentMethodsSetupIntents:
        return PaymentMethodsSetupIntents(self._transport)

    def delete(self, method_id: Id, /, **given: Unpack[p.PaymentMethodsDelete]) -> None:
        """Delete a payment method.

        Delete it softly; it is detached at the provider soon after."""
        self._do(ops.PAYMENT_METHODS_DELETE, (method_id,), given)

    def get(self, method_id: Id, /, **given: Unpack[p.PaymentMethodsGet]) -> m.PaymentMethod:
        """Get a payment method.

        Get a payment method, deleted or not."""
        return self._get(ops.PAYMENT_METHODS_GET, (method_id,), given, m.PaymentMethod)

    def list(self, **given: Unpack[p.PaymentMethodsList]) -> Listing[m.PaymentMethod]:
        """List payment methods.

        List payment methods, newest first."""
        return self._list(ops.PAYMENT_METHODS_LIST, (), given, m.PaymentMethod)

    def update(self, method_id: Id, /, **given: Unpack[p.PaymentMethodsUpdate]) -> m.PaymentMethod:
        """Change a payment method.

        Change metadata or when it expires, or make it the default of its contact."""
        return self._get(ops.PAYMENT_METHODS_UPDATE, (method_id,), given, m.PaymentMethod)


class Meters(Resource):
    """`client.meters`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.MetersCreate]) -> m.Meter:
        """Create a meter.

        Make a meter: it counts what is told from now on."""
        return self._get(ops.METERS_CREATE, (), given, m.Meter)

    def get(self, key: Id, /, **given: Unpack[p.MetersGet]) -> m.Meter:
        """Get a meter.

        Get a meter by its key."""
        return self._get(ops.METERS_GET, (key,), given, m.Meter)

    def list(self, **given: Unpack[p.MetersList]) -> Listing[m.Meter]:
        """List meters.

        List meters, newest first."""
        return self._list(ops.METERS_LIST, (), given, m.Meter)

    def update(self, key: Id, /, **given: Unpack[p.MetersUpdate]) -> m.Meter:
        """Change a meter.

        Rename a meter, or archive it for good."""
        return self._get(ops.METERS_UPDATE, (key,), given, m.Meter)

    def usage(self, key: Id, /, **given: Unpack[p.MetersUsage]) -> m.Usage:
        """Get the usage of a meter.

        What a meter has between two instants, to the microsecond; as CSV where `accept` is text/csv."""
        return self._get(ops.METERS_USAGE, (key,), given, m.Usage)


class MessagesAttempts(Resource):
    """`client.messages.attempts`."""

    __slots__ = ()

    def list(self, message_id: Id, /, **given: Unpack[p.MessagesAttemptsList]) -> Listing[m.Attempt]:
        """List attempts of a message.

        The attempts to deliver a message, to all its endpoints, oldest first."""
        return self._list(ops.MESSAGES_ATTEMPTS_LIST, (message_id,), given, m.Attempt)


class Messages(Resource):
    """`client.messages`."""

    __slots__ = ()

    @property
    def attempts(self) -> MessagesAttempts:
        return MessagesAttempts(self._transport)

    def create(self, **given: Unpack[p.MessagesCreate]) -> m.Message:
        """Create a message.

        Publish a message; repeated with its event_id, the reply is 200 and the first message."""
        return self._get(ops.MESSAGES_CREATE, (), given, m.Message)

    def get(self, message_id: Id, /, **given: Unpack[p.MessagesGet]) -> m.Message:
        """Get a message.

        One message, by its id or its webhook-id."""
        return self._get(ops.MESSAGES_GET, (message_id,), given, m.Message)

    def list(self, **given: Unpack[p.MessagesList]) -> Listing[m.MessageSummary]:
        """List messages.

        The workspace's messages, newest first."""
        return self._list(ops.MESSAGES_LIST, (), given, m.MessageSummary)


class MessageTemplates(Resource):
    """`client.message_templates`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.MessageTemplatesCreate]) -> m.Template:
        """Create a message template.

        Use a wording of one's own; one for each kind, channel and language."""
        return self._get(ops.MESSAGE_TEMPLATES_CREATE, (), given, m.Template)

    def default(self, **given: Unpack[p.MessageTemplatesDefault]) -> m.Texts:
        """Get the platform's own wording.

        Our own wording, to begin from."""
        return self._get(ops.MESSAGE_TEMPLATES_DEFAULT, (), given, m.Texts)

    def delete(self, template_id: Id, /, **given: Unpack[p.MessageTemplatesDelete]) -> None:
        """Delete a message template.

        Use our wording again."""
        self._do(ops.MESSAGE_TEMPLATES_DELETE, (template_id,), given)

    def get(self, template_id: Id, /, **given: Unpack[p.MessageTemplatesGet]) -> m.Template:
        """Get a message template.

        Get a wording."""
        return self._get(ops.MESSAGE_TEMPLATES_GET, (template_id,), given, m.Template)

    def list(self, **given: Unpack[p.MessageTemplatesList]) -> Listing[m.Template]:
        """List message templates.

        List the workspace's own wordings, newest first."""
        return self._list(ops.MESSAGE_TEMPLATES_LIST, (), given, m.Template)

    def preview(self, **given: Unpack[p.MessageTemplatesPreview]) -> m.PreviewReply:
        """Preview a message template.

        What a made-up customer would read, with the workspace's business; nothing is stored or sent."""
        return self._get(ops.MESSAGE_TEMPLATES_PREVIEW, (), given, m.PreviewReply)

    def update(self, template_id: Id, /, **given: Unpack[p.MessageTemplatesUpdate]) -> m.Template:
        """Change a message template.

        Change the texts of a wording."""
        return self._get(ops.MESSAGE_TEMPLATES_UPDATE, (template_id,), given, m.Template)


class Memberships(Resource):
    """`client.memberships`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.MembershipsCreate]) -> m.Membership:
        """Create a membership.

        Let a person in, with at most the scopes that you have yourself."""
        return self._get(ops.MEMBERSHIPS_CREATE, (), given, m.Membership)

    def delete(self, membership_id: Id, /, **given: Unpack[p.MembershipsDelete]) -> None:
        """Delete a membership.

        Let a person in no longer: within 30 seconds their tokens open this workspace nowhere."""
        self._do(ops.MEMBERSHIPS_DELETE, (membership_id,), given)

    def list(self, **given: Unpack[p.MembershipsList]) -> Listing[m.Membership]:
        """List memberships.

        List who may enter, newest first."""
        return self._list(ops.MEMBERSHIPS_LIST, (), given, m.Membership)


class LedgerEntries(Resource):
    """`client.ledger.entries`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.LedgerEntriesList]) -> Listing[m.Entry]:
        """List entries of the ledger.

        List entries, newest first."""
        return self._list(ops.LEDGER_ENTRIES_LIST, (), given, m.Entry)


class LedgerAccounts(Resource):
    """`client.ledger.accounts`."""

    __slots__ = ()

    def get(self, account_id: Id, /, **given: Unpack[p.LedgerAccountsGet]) -> m.Account:
        """Get an account of the ledger.

        Get an account with its balance."""
        return self._get(ops.LEDGER_ACCOUNTS_GET, (account_id,), given, m.Account)

    def list(self, **given: Unpack[p.LedgerAccountsList]) -> Listing[m.Account]:
        """List accounts of the ledger.

        List accounts with their balances, in the order of their ids."""
        return self._list(ops.LEDGER_ACCOUNTS_LIST, (), given, m.Account)


class Ledger(Resource):
    """`client.ledger`."""

    __slots__ = ()

    @property
    def accounts(self) -> LedgerAccounts:
        return LedgerAccounts(self._transport)

    @property
    def entries(self) -> LedgerEntries:
        return LedgerEntries(self._transport)

    def proofs(self, **given: Unpack[p.LedgerProofs]) -> m.Proof:
        """Prove the workspace's money.

        Prove the workspace's money: recompute from its rows every identity that must hold of it."""
        return self._get(ops.LEDGER_PROOFS, (), given, m.Proof)


class InvoicesReminders(Resource):
    """`client.invoices.reminders`."""

    __slots__ = ()

    def get(self, invoice_id: Id, /, **given: Unpack[p.InvoicesRemindersGet]) -> m.InvoiceReminders:
        """Get an invoice's reminders.

        Its schedule with the instants at which levels are due, what became of each, and what stops them."""
        return self._get(ops.INVOICES_REMINDERS_GET, (invoice_id,), given, m.InvoiceReminders)

    def update(self, invoice_id: Id, /, **given: Unpack[p.InvoicesRemindersUpdate]) -> m.InvoiceReminders:
        """Pause an invoice's reminders.

        Stop them, let them go on whatever else would pause them, or leave that to the settings again."""
        return self._get(ops.INVOICES_REMINDERS_UPDATE, (invoice_id,), given, m.InvoiceReminders)


class InvoicesDeliveries(Resource):
    """`client.invoices.deliveries`."""

    __slots__ = ()

    def get(self, invoice_id: Id, delivery_id: Id, /, **given: Unpack[p.InvoicesDeliveriesGet]) -> m.Delivery:
        """Get a delivery of an invoice.

        Get one delivery of the invoice."""
        return self._get(ops.INVOICES_DELIVERIES_GET, (invoice_id, delivery_id), given, m.Delivery)

    def list(self, invoice_id: Id, /, **given: Unpack[p.InvoicesDeliveriesList]) -> Listing[m.Delivery]:
        """List an invoice's deliveries.

        List how the invoice and its reminders were sent, newest first."""
        return self._list(ops.INVOICES_DELIVERIES_LIST, (invoice_id,), given, m.Delivery)

    def retry(self, invoice_id: Id, delivery_id: Id, /, **given: Unpack[p.InvoicesDeliveriesRetry]) -> m.RetryReply:
        """Try a delivery again.

        Try again what failed, bounced, or never told how it went; the last may then arrive twice."""
        return self._get(ops.INVOICES_DELIVERIES_RETRY, (invoice_id, delivery_id), given, m.RetryReply)


class InvoicesCreditNotes(Resource):
    """`client.invoices.credit_notes`."""

    __slots__ = ()

    def create(self, invoice_id: Id, /, **given: Unpack[p.InvoicesCreditNotesCreate]) -> m.CreditNote:
        """Create a credit note of an invoice.

        Take back lines of an issued invoice, or without `lines` all of it that is not credited yet."""
        return self._get(ops.INVOICES_CREDIT_NOTES_CREATE, (invoice_id,), given, m.CreditNote)

    def list(self, invoice_id: Id, /, **given: Unpack[p.InvoicesCreditNotesList]) -> Listing[m.CreditNote]:
        """List credit notes of an invoice.

        List the credit notes of one invoice, newest first."""
        return self._list(ops.INVOICES_CREDIT_NOTES_LIST, (invoice_id,), given, m.CreditNote)


class Invoices(Resource):
    """`client.invoices`."""

    __slots__ = ()

    @property
    def credit_notes(self) -> InvoicesCreditNotes:
        return InvoicesCreditNotes(self._transport)

    @property
    def deliveries(self) -> InvoicesDeliveries:
        return InvoicesDeliveries(self._transport)

    @property
    def reminders(self) -> InvoicesReminders:
        return InvoicesReminders(self._transport)

    def create(self, **given: Unpack[p.InvoicesCreate]) -> m.Invoice:
        """Create an invoice.

        Create a draft, or with `status: open` an issued invoice; totals are computed."""
        return self._get(ops.INVOICES_CREATE, (), given, m.Invoice)

    def create_batch(self, **given: Unpack[p.InvoicesCreateBatch]) -> m.Batch:
        """Create many invoices.

        Create up to 500 invoices; each has its own result, in the order of the request."""
        return self._get(ops.INVOICES_CREATE_BATCH, (), given, m.Batch)

    def delete(self, invoice_id: Id, /, **given: Unpack[p.InvoicesDelete]) -> None:
        """Delete an invoice.

        Delete a draft; an issued invoice is voided or credited instead."""
        self._do(ops.INVOICES_DELETE, (invoice_id,), given)

    def documents(self, invoice_id: Id, /, **given: Unpack[p.InvoicesDocuments]) -> m.PrintedDocuments:
        """Get the documents of an invoice.

        List what an issued invoice was printed as, and what was found in its data."""
        return self._get(ops.INVOICES_DOCUMENTS, (invoice_id,), given, m.PrintedDocuments)

    def events(self, invoice_id: Id, /, **given: Unpack[p.InvoicesEvents]) -> m.Timeline:
        """Get the events of an invoice.

        What happened to the invoice, oldest first: what, by whom, when."""
        return self._get(ops.INVOICES_EVENTS, (invoice_id,), given, m.Timeline)

    def get(self, invoice_id: Id, /, **given: Unpack[p.InvoicesGet]) -> m.Invoice:
        """Get an invoice.

        Get an invoice with its lines."""
        return self._get(ops.INVOICES_GET, (invoice_id,), given, m.Invoice)

    def issue(self, invoice_id: Id, /, **given: Unpack[p.InvoicesIssue]) -> m.Invoice:
        """Issue an invoice.

        Give a draft its number; from here it only gets paid, voided or credited."""
        return self._get(ops.INVOICES_ISSUE, (invoice_id,), given, m.Invoice)

    def list(self, **given: Unpack[p.InvoicesList]) -> Listing[m.Invoice]:
        """List invoices.

        List invoices with their lines, newest first."""
        return self._list(ops.INVOICES_LIST, (), given, m.Invoice)

    def next_number(self, **given: Unpack[p.InvoicesNextNumber]) -> m.NextNumber:
        """Get the next number of an invoice.

        The number that the next invoice of this date would get: a preview, never a reservation."""
        return self._get(ops.INVOICES_NEXT_NUMBER, (), given, m.NextNumber)

    def pdf(self, invoice_id: Id, /, **given: Unpack[p.InvoicesPdf]) -> File:
        """Get the PDF of an invoice.

        The invoice as PDF, in the language of its contact."""
        return self._file(ops.INVOICES_PDF, (invoice_id,), given)

    def renew_public_link(self, invoice_id: Id, /, **given: Unpack[p.InvoicesRenewPublicLink]) -> m.Invoice:
        """Give an invoice another public link.

        Give an issued invoice another `public_url`; the old one opens nothing any more."""
        return self._get(ops.INVOICES_RENEW_PUBLIC_LINK, (invoice_id,), given, m.Invoice)

    def reverse_write_off(self, invoice_id: Id, /, **given: Unpack[p.InvoicesReverseWriteOff]) -> m.Invoice:
        """Ask again for what was written off of an invoice.

        Ask again for all that was written off of an invoice."""
        return self._get(ops.INVOICES_REVERSE_WRITE_OFF, (invoice_id,), given, m.Invoice)

    def send(self, invoice_id: Id, /, **given: Unpack[p.InvoicesSend]) -> m.Deliveries:
        """Send an invoice.

        Send it by e-mail, SMS or link, or with `reminder` a reminder of it; a draft is issued first."""
        return self._get(ops.INVOICES_SEND, (invoice_id,), given, m.Deliveries)

    def send_many(self, **given: Unpack[p.InvoicesSendMany]) -> m.SendResults:
        """Send many invoices.

        Send up to 100 invoices, or reminders of them; each has its own result, in the order of the request."""
        return self._get(ops.INVOICES_SEND_MANY, (), given, m.SendResults)

    def ubl(self, invoice_id: Id, /, **given: Unpack[p.InvoicesUbl]) -> File:
        """Get the UBL of an invoice.

        The issued invoice as UBL 2.1 (Peppol BIS Billing 3), validated; 422 names what it lacks or breaks."""
        return self._file(ops.INVOICES_UBL, (invoice_id,), given)

    def update(self, invoice_id: Id, /, **given: Unpack[p.InvoicesUpdate]) -> m.Invoice:
        """Change an invoice.

        Change a draft, and issue it with `status: open`; of an issued invoice only a little changes."""
        return self._get(ops.INVOICES_UPDATE, (invoice_id,), given, m.Invoice)

    def void(self, invoice_id: Id, /, **given: Unpack[p.InvoicesVoid]) -> m.Invoice:
        """Void an invoice.

        Cancel an issued invoice on which nothing was paid; it keeps its number."""
        return self._get(ops.INVOICES_VOID, (invoice_id,), given, m.Invoice)

    def write_off(self, invoice_id: Id, /, **given: Unpack[p.InvoicesWriteOff]) -> m.Invoice:
        """Write off an invoice.

        Give up on what an open invoice still asks for, or on part of it; it can still be paid."""
        return self._get(ops.INVOICES_WRITE_OFF, (invoice_id,), given, m.Invoice)


class InvoiceLines(Resource):
    """`client.invoice_lines`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.InvoiceLinesCreate]) -> m.InvoiceLine:
        """Create an invoice line.

        Add a line at the end of a draft."""
        return self._get(ops.INVOICE_LINES_CREATE, (), given, m.InvoiceLine)

    def delete(self, line_id: Id, /, **given: Unpack[p.InvoiceLinesDelete]) -> None:
        """Delete an invoice line.

        Remove a line of a draft, and the rows below it."""
        self._do(ops.INVOICE_LINES_DELETE, (line_id,), given)

    def get(self, line_id: Id, /, **given: Unpack[p.InvoiceLinesGet]) -> m.InvoiceLine:
        """Get an invoice line.

        Get a line."""
        return self._get(ops.INVOICE_LINES_GET, (line_id,), given, m.InvoiceLine)

    def list(self, **given: Unpack[p.InvoiceLinesList]) -> Listing[m.InvoiceLine]:
        """List invoice lines.

        List lines of one invoice or of all, newest first."""
        return self._list(ops.INVOICE_LINES_LIST, (), given, m.InvoiceLine)

    def update(self, line_id: Id, /, **given: Unpack[p.InvoiceLinesUpdate]) -> m.InvoiceLine:
        """Change an invoice line.

        Change a line of a draft; totals follow."""
        return self._get(ops.INVOICE_LINES_UPDATE, (line_id,), given, m.InvoiceLine)


class Explain(Resource):
    """`client.explain`."""

    __slots__ = ()

    def get(self, name: Id, /, **given: Unpack[p.ExplainGet]) -> m.Explanation:
        """Explain where something stands.

        Explain an invoice, payment, subscription or webhook message: what holds it up, what comes next."""
        return self._get(ops.EXPLAIN_GET, (name,), given, m.Explanation)


class Events(extras.EventsExtras):
    """`client.events`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.EventsList]) -> m.Feed:
        """List events.

        What came after the cursor, or from the beginning; nothing is ever skipped."""
        return self._get(ops.EVENTS_LIST, (), given, m.Feed)


class EventTypes(Resource):
    """`client.event_types`."""

    __slots__ = ()

    def get(self, event_type: Id, /, **given: Unpack[p.EventTypesGet]) -> m.EventType:
        """Get an event type.

        Get an event type with its schema and an example."""
        return self._get(ops.EVENT_TYPES_GET, (event_type,), given, m.EventType)

    def list(self, **given: Unpack[p.EventTypesList]) -> m.EventTypes:
        """List event types.

        List the event types that endpoints may want."""
        return self._get(ops.EVENT_TYPES_LIST, (), given, m.EventTypes)


class EventLanes(Resource):
    """`client.event_lanes`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.EventLanesList]) -> m.Lanes:
        """List the workspaces whose events are set aside."""
        return self._get(ops.EVENT_LANES_LIST, (), given, m.Lanes)

    def resume(self, service: Id, workspace_id: Id, /, **given: Unpack[p.EventLanesResume]) -> m.Lanes:
        """Let the events of a workspace go on.

        Apply what waits of a workspace, the oldest first, and let it go on."""
        return self._get(ops.EVENT_LANES_RESUME, (service, workspace_id), given, m.Lanes)

    def set_aside(self, service: Id, workspace_id: Id, /, **given: Unpack[p.EventLanesSetAside]) -> m.Lanes:
        """Set the events of a workspace aside.

        Let the events of one workspace wait in one service, in their order."""
        return self._get(ops.EVENT_LANES_SET_ASIDE, (service, workspace_id), given, m.Lanes)


class EInvoices(Resource):
    """`client.e_invoices`."""

    __slots__ = ()

    def document(self, e_invoice_id: Id, /, **given: Unpack[p.EInvoicesDocument]) -> File:
        """Get the document of an e-invoice.

        Get the document as it is sent."""
        return self._file(ops.E_INVOICES_DOCUMENT, (e_invoice_id,), given)

    def get(self, e_invoice_id: Id, /, **given: Unpack[p.EInvoicesGet]) -> m.EInvoice:
        """Get an e-invoice.

        Get an e-invoice: where it stands, what was found in it, and every state that it was in."""
        return self._get(ops.E_INVOICES_GET, (e_invoice_id,), given, m.EInvoice)

    def list(self, **given: Unpack[p.EInvoicesList]) -> Listing[m.EInvoice]:
        """List e-invoices.

        List e-invoices, newest first."""
        return self._list(ops.E_INVOICES_LIST, (), given, m.EInvoice)

    def send(self, **given: Unpack[p.EInvoicesSend]) -> m.EInvoice:
        """Send an e-invoice.

        Validate the document and queue it to be sent; 422 names each rule that it breaks."""
        return self._get(ops.E_INVOICES_SEND, (), given, m.EInvoice)


class DunningSettings(Resource):
    """`client.dunning.settings`."""

    __slots__ = ()

    def get(self, **given: Unpack[p.DunningSettingsGet]) -> m.DunningSettings:
        """Get the settings of the dunning.

        What is done about failed collections."""
        return self._get(ops.DUNNING_SETTINGS_GET, (), given, m.DunningSettings)

    def update(self, **given: Unpack[p.DunningSettingsUpdate]) -> m.DunningSettings:
        """Change the settings of the dunning.

        Change it for campaigns that begin from now on; those that run keep their schedule."""
        return self._get(ops.DUNNING_SETTINGS_UPDATE, (), given, m.DunningSettings)


class Dunning(Resource):
    """`client.dunning`."""

    __slots__ = ()

    @property
    def settings(self) -> DunningSettings:
        return DunningSettings(self._transport)

    def get(self, dunning_id: Id, /, **given: Unpack[p.DunningGet]) -> m.Dunning:
        """Get a dunning campaign.

        Get a campaign with what is left of its schedule."""
        return self._get(ops.DUNNING_GET, (dunning_id,), given, m.Dunning)

    def list(self, **given: Unpack[p.DunningList]) -> Listing[m.Dunning]:
        """List dunning campaigns.

        List campaigns, newest first."""
        return self._list(ops.DUNNING_LIST, (), given, m.Dunning)

    def stop(self, dunning_id: Id, /, **given: Unpack[p.DunningStop]) -> m.Dunning:
        """Stop a dunning campaign.

        End a campaign: nothing is retried any more, and its terminal action is not done."""
        return self._get(ops.DUNNING_STOP, (dunning_id,), given, m.Dunning)


class DocumentDeliveries(Resource):
    """`client.document_deliveries`."""

    __slots__ = ()

    def get(self, delivery_id: Id, /, **given: Unpack[p.DocumentDeliveriesGet]) -> m.Delivery:
        """Get any delivery.

        Get one delivery, whatever the document."""
        return self._get(ops.DOCUMENT_DELIVERIES_GET, (delivery_id,), given, m.Delivery)

    def list(self, **given: Unpack[p.DocumentDeliveriesList]) -> Listing[m.Delivery]:
        """List deliveries of all documents.

        List how documents were sent, newest first; those of quotes for whoever may read quotes."""
        return self._list(ops.DOCUMENT_DELIVERIES_LIST, (), given, m.Delivery)

    def retry(self, delivery_id: Id, /, **given: Unpack[p.DocumentDeliveriesRetry]) -> m.RetryReply:
        """Try any delivery again.

        Try again what failed, bounced, or never told how it went; the last may then arrive twice."""
        return self._get(ops.DOCUMENT_DELIVERIES_RETRY, (delivery_id,), given, m.RetryReply)


class DeliveriesAttempts(Resource):
    """`client.deliveries.attempts`."""

    __slots__ = ()

    def list(self, delivery_id: Id, /, **given: Unpack[p.DeliveriesAttemptsList]) -> Listing[m.Attempt]:
        """List attempts of a delivery.

        The attempts of one delivery, oldest first: what was sent and what came back."""
        return self._list(ops.DELIVERIES_ATTEMPTS_LIST, (delivery_id,), given, m.Attempt)


class Deliveries(Resource):
    """`client.deliveries`."""

    __slots__ = ()

    @property
    def attempts(self) -> DeliveriesAttempts:
        return DeliveriesAttempts(self._transport)

    def get(self, delivery_id: Id, /, **given: Unpack[p.DeliveriesGet]) -> m.WebhookDelivery:
        """Get a delivery.

        One delivery as it stands now."""
        return self._get(ops.DELIVERIES_GET, (delivery_id,), given, m.WebhookDelivery)

    def list(self, **given: Unpack[p.DeliveriesList]) -> Listing[m.WebhookDelivery]:
        """List deliveries.

        The pending ones, then those that did not arrive, then those that did; each newest first."""
        return self._list(ops.DELIVERIES_LIST, (), given, m.WebhookDelivery)

    def resend(self, delivery_id: Id, /, **given: Unpack[p.DeliveriesResend]) -> m.WebhookDelivery:
        """Resend a delivery.

        Try it now, with the same webhook-id, whatever became of it; if that fails, its retries begin anew."""
        return self._get(ops.DELIVERIES_RESEND, (delivery_id,), given, m.WebhookDelivery)


class DeadLetters(Resource):
    """`client.dead_letters`."""

    __slots__ = ()

    def drop(self, service: Id, letter_id: Id, /, **given: Unpack[p.DeadLettersDrop]) -> m.WholeLetter:
        """Drop a dead letter.

        Never apply it, for this reason."""
        return self._get(ops.DEAD_LETTERS_DROP, (service, letter_id), given, m.WholeLetter)

    def get(self, service: Id, letter_id: Id, /, **given: Unpack[p.DeadLettersGet]) -> m.WholeLetter:
        """Get a dead letter.

        Show a dead letter with the record in it."""
        return self._get(ops.DEAD_LETTERS_GET, (service, letter_id), given, m.WholeLetter)

    def list(self, **given: Unpack[p.DeadLettersList]) -> m.DeadLetters:
        """List dead letters.

        List dead letters: those that wait, unless told otherwise."""
        return self._get(ops.DEAD_LETTERS_LIST, (), given, m.DeadLetters)

    def replay(self, service: Id, letter_id: Id, /, **given: Unpack[p.DeadLettersReplay]) -> m.WholeLetter:
        """Replay a dead letter.

        Have the service try it again; it ends as `applied`, or waits again with the new error."""
        return self._get(ops.DEAD_LETTERS_REPLAY, (service, letter_id), given, m.WholeLetter)


class CreditNotesDeliveries(Resource):
    """`client.credit_notes.deliveries`."""

    __slots__ = ()

    def list(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesDeliveriesList]) -> Listing[m.Delivery]:
        """List a credit note's deliveries.

        List how the credit note was sent, newest first."""
        return self._list(ops.CREDIT_NOTES_DELIVERIES_LIST, (credit_note_id,), given, m.Delivery)


class CreditNotes(Resource):
    """`client.credit_notes`."""

    __slots__ = ()

    @property
    def deliveries(self) -> CreditNotesDeliveries:
        return CreditNotesDeliveries(self._transport)

    def documents(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesDocuments]) -> m.PrintedDocuments:
        """Get the documents of a credit note.

        List what a credit note was printed as, and what was found in its data."""
        return self._get(ops.CREDIT_NOTES_DOCUMENTS, (credit_note_id,), given, m.PrintedDocuments)

    def get(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesGet]) -> m.CreditNote:
        """Get a credit note.

        Get a credit note with its lines."""
        return self._get(ops.CREDIT_NOTES_GET, (credit_note_id,), given, m.CreditNote)

    def list(self, **given: Unpack[p.CreditNotesList]) -> Listing[m.CreditNote]:
        """List credit notes.

        List credit notes with their lines, newest first."""
        return self._list(ops.CREDIT_NOTES_LIST, (), given, m.CreditNote)

    def next_number(self, **given: Unpack[p.CreditNotesNextNumber]) -> m.NextNumber:
        """Get the next number of a credit note.

        The number that the next credit note of this date would get: a preview, never a reservation."""
        return self._get(ops.CREDIT_NOTES_NEXT_NUMBER, (), given, m.NextNumber)

    def pdf(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesPdf]) -> File:
        """Get the PDF of a credit note.

        The credit note as PDF, in the language of its contact."""
        return self._file(ops.CREDIT_NOTES_PDF, (credit_note_id,), given)

    def send(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesSend]) -> m.Deliveries:
        """Send a credit note.

        Send it by e-mail, with its PDF."""
        return self._get(ops.CREDIT_NOTES_SEND, (credit_note_id,), given, m.Deliveries)

    def ubl(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesUbl]) -> File:
        """Get the UBL of a credit note.

        The credit note as UBL 2.1 (Peppol BIS Billing 3), validated; 422 names what it lacks or breaks."""
        return self._file(ops.CREDIT_NOTES_UBL, (credit_note_id,), given)


class CreditBalances(Resource):
    """`client.credit_balances`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.CreditBalancesList]) -> Listing[m.CreditBalanceData]:
        """List credit balances.

        List what the workspace owes its contacts: one balance for each contact and currency."""
        return self._list(ops.CREDIT_BALANCES_LIST, (), given, m.CreditBalanceData)


class Contacts(Resource):
    """`client.contacts`."""

    __slots__ = ()

    def archive(self, contact_id: Id, /, **given: Unpack[p.ContactsArchive]) -> None:
        """Archive a contact.

        Archive a contact; its documents stay."""
        self._do(ops.CONTACTS_ARCHIVE, (contact_id,), given)

    def create(self, **given: Unpack[p.ContactsCreate]) -> m.Contact:
        """Create a contact."""
        return self._get(ops.CONTACTS_CREATE, (), given, m.Contact)

    def get(self, contact_id: Id, /, **given: Unpack[p.ContactsGet]) -> m.Contact:
        """Get a contact."""
        return self._get(ops.CONTACTS_GET, (contact_id,), given, m.Contact)

    def list(self, **given: Unpack[p.ContactsList]) -> Listing[m.Contact]:
        """List contacts.

        List contacts, newest first."""
        return self._list(ops.CONTACTS_LIST, (), given, m.Contact)

    def update(self, contact_id: Id, /, **given: Unpack[p.ContactsUpdate]) -> m.Contact:
        """Change a contact.

        Change the fields that are given; null clears one."""
        return self._get(ops.CONTACTS_UPDATE, (contact_id,), given, m.Contact)


class ClientPortal(Resource):
    """`client.client_portal`."""

    __slots__ = ()

    def get(self, external_id: Id, /, **given: Unpack[p.ClientPortalGet]) -> m.Portal:
        """Get the client portal.

        Contact, summary, invoices, quotes, subscriptions and recent payments of one customer."""
        return self._get(ops.CLIENT_PORTAL_GET, (external_id,), given, m.Portal)


class ChannelSettings(Resource):
    """`client.channel_settings`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.ChannelSettingsCreate]) -> m.ChannelSetting:
        """Create a channel setting.

        Send through an account of one's own; one for each kind and mode. Secrets are never shown again."""
        return self._get(ops.CHANNEL_SETTINGS_CREATE, (), given, m.ChannelSetting)

    def delete(self, setting_id: Id, /, **given: Unpack[p.ChannelSettingsDelete]) -> None:
        """Delete a channel setting.

        Forget the credentials; what is queued goes out through the platform's own server, if it has one."""
        self._do(ops.CHANNEL_SETTINGS_DELETE, (setting_id,), given)

    def get(self, setting_id: Id, /, **given: Unpack[p.ChannelSettingsGet]) -> m.ChannelSetting:
        """Get a channel setting.

        Get a setting."""
        return self._get(ops.CHANNEL_SETTINGS_GET, (setting_id,), given, m.ChannelSetting)

    def list(self, **given: Unpack[p.ChannelSettingsList]) -> Listing[m.ChannelSetting]:
        """List channel settings.

        List settings, newest first."""
        return self._list(ops.CHANNEL_SETTINGS_LIST, (), given, m.ChannelSetting)

    def update(self, setting_id: Id, /, **given: Unpack[p.ChannelSettingsUpdate]) -> m.ChannelSetting:
        """Change a channel setting.

        Change a setting, its password for instance."""
        return self._get(ops.CHANNEL_SETTINGS_UPDATE, (setting_id,), given, m.ChannelSetting)


class BusinessLogo(Resource):
    """`client.business.logo`."""

    __slots__ = ()

    def delete(self, **given: Unpack[p.BusinessLogoDelete]) -> None:
        """Delete the logo of the business.

        Let new documents show no logo; those that are issued keep the one they had."""
        self._do(ops.BUSINESS_LOGO_DELETE, (), given)

    def get(self, **given: Unpack[p.BusinessLogoGet]) -> File:
        """Get the logo of the business.

        Get the logo that new documents show."""
        return self._file(ops.BUSINESS_LOGO_GET, (), given)

    def replace(self, **given: Unpack[p.BusinessLogoReplace]) -> m.Business:
        """Replace the logo of the business.

        Upload the logo that new documents show: PNG, JPEG or WebP, at most 512 KiB and 4 million pixels."""
        return self._get(ops.BUSINESS_LOGO_REPLACE, (), given, m.Business)


class Business(Resource):
    """`client.business`."""

    __slots__ = ()

    @property
    def logo(self) -> BusinessLogo:
        return BusinessLogo(self._transport)

    def get(self, **given: Unpack[p.BusinessGet]) -> m.Business:
        """Get the business.

        Get the seller's profile."""
        return self._get(ops.BUSINESS_GET, (), given, m.Business)

    def update(self, **given: Unpack[p.BusinessUpdate]) -> m.Business:
        """Change the business.

        Change the seller's profile; documents that are issued stay as they are."""
        return self._get(ops.BUSINESS_UPDATE, (), given, m.Business)


class BankStatements(Resource):
    """`client.bank_statements`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.BankStatementsList]) -> Listing[m.Statement]:
        """List bank statements.

        List the statements of imported files, newest first."""
        return self._list(ops.BANK_STATEMENTS_LIST, (), given, m.Statement)


class BankLines(Resource):
    """`client.bank_lines`."""

    __slots__ = ()

    def get(self, line_id: Id, /, **given: Unpack[p.BankLinesGet]) -> m.Line:
        """Get a bank line."""
        return self._get(ops.BANK_LINES_GET, (line_id,), given, m.Line)

    def ignore(self, line_id: Id, /, **given: Unpack[p.BankLinesIgnore]) -> m.Line:
        """Ignore a bank line.

        Say that a line settles nothing here: it is the bank's charge, or none of the billing's."""
        return self._get(ops.BANK_LINES_IGNORE, (line_id,), given, m.Line)

    def list(self, **given: Unpack[p.BankLinesList]) -> Listing[m.Line]:
        """List bank lines.

        List bank lines, newest first: `state=proposed` and `state=unknown` are what waits for a person."""
        return self._list(ops.BANK_LINES_LIST, (), given, m.Line)

    def match(self, line_id: Id, /, **given: Unpack[p.BankLinesMatch]) -> m.Line:
        """Match a bank line.

        Say what a line's money is for; a payment is registered, unless one that is there is named."""
        return self._get(ops.BANK_LINES_MATCH, (line_id,), given, m.Line)

    def undo(self, line_id: Id, /, **given: Unpack[p.BankLinesUndo]) -> m.Line:
        """Undo a bank line.

        Take a decision back: a payment that the match made is voided, and its invoices ask again."""
        return self._get(ops.BANK_LINES_UNDO, (line_id,), given, m.Line)


class BankImports(Resource):
    """`client.bank_imports`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.BankImportsCreate]) -> m.Import:
        """Create a bank import.

        Import a bank's file: CAMT.053, MT940, OFX, a known bank's CSV, or a ZIP of them."""
        return self._get(ops.BANK_IMPORTS_CREATE, (), given, m.Import)

    def get(self, import_id: Id, /, **given: Unpack[p.BankImportsGet]) -> m.Import:
        """Get a bank import.

        Get an imported file, with how far its lines are."""
        return self._get(ops.BANK_IMPORTS_GET, (import_id,), given, m.Import)

    def list(self, **given: Unpack[p.BankImportsList]) -> Listing[m.Import]:
        """List bank imports.

        List imported files, newest first."""
        return self._list(ops.BANK_IMPORTS_LIST, (), given, m.Import)


class BankAccounts(Resource):
    """`client.bank_accounts`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.BankAccountsCreate]) -> m.BankAccount:
        """Create a bank account.

        Add a bank account: files that name it are imported for it."""
        return self._get(ops.BANK_ACCOUNTS_CREATE, (), given, m.BankAccount)

    def get(self, account_id: Id, /, **given: Unpack[p.BankAccountsGet]) -> m.BankAccount:
        """Get a bank account."""
        return self._get(ops.BANK_ACCOUNTS_GET, (account_id,), given, m.BankAccount)

    def list(self, **given: Unpack[p.BankAccountsList]) -> Listing[m.BankAccount]:
        """List bank accounts.

        List bank accounts, newest first."""
        return self._list(ops.BANK_ACCOUNTS_LIST, (), given, m.BankAccount)

    def update(self, account_id: Id, /, **given: Unpack[p.BankAccountsUpdate]) -> m.BankAccount:
        """Change a bank account.

        Rename or archive a bank account."""
        return self._get(ops.BANK_ACCOUNTS_UPDATE, (account_id,), given, m.BankAccount)


class AuditLog(Resource):
    """`client.audit_log`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.AuditLogList]) -> m.AuditLog:
        """List the audit log.

        List the changes that people and keys made of anything in the workspace, newest first."""
        return self._get(ops.AUDIT_LOG_LIST, (), given, m.AuditLog)


class ApiKeys(Resource):
    """`client.api_keys`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.ApiKeysCreate]) -> m.CreatedApiKey:
        """Create an API key.

        Create a key of this workspace, which is shown only here."""
        return self._get(ops.API_KEYS_CREATE, (), given, m.CreatedApiKey)

    def get(self, key_id: Id, /, **given: Unpack[p.ApiKeysGet]) -> m.ApiKey:
        """Get an API key.

        Get a key, without its secret."""
        return self._get(ops.API_KEYS_GET, (key_id,), given, m.ApiKey)

    def list(self, **given: Unpack[p.ApiKeysList]) -> Listing[m.ApiKey]:
        """List API keys.

        List keys, newest first."""
        return self._list(ops.API_KEYS_LIST, (), given, m.ApiKey)

    def revoke(self, key_id: Id, /, **given: Unpack[p.ApiKeysRevoke]) -> None:
        """Revoke an API key.

        Revoke a key, with the scopes that it has: within 30 seconds it opens nothing anywhere."""
        self._do(ops.API_KEYS_REVOKE, (key_id,), given)

    def rotate(self, key_id: Id, /, **given: Unpack[p.ApiKeysRotate]) -> m.CreatedApiKey:
        """Rotate an API key.

        Replace a key: the new one, shown only here, has its name and scopes, and both open for a while."""
        return self._get(ops.API_KEYS_ROTATE, (key_id,), given, m.CreatedApiKey)


class Allocations(Resource):
    """`client.allocations`."""

    __slots__ = ()

    def create(self, **given: Unpack[p.AllocationsCreate]) -> m.Allocation:
        """Create an allocation.

        Let unallocated money of a payment settle an invoice of its contact."""
        return self._get(ops.ALLOCATIONS_CREATE, (), given, m.Allocation)

    def get(self, allocation_id: Id, /, **given: Unpack[p.AllocationsGet]) -> m.Allocation:
        """Get an allocation.

        Get an allocation by its id or its serial."""
        return self._get(ops.ALLOCATIONS_GET, (allocation_id,), given, m.Allocation)

    def list(self, **given: Unpack[p.AllocationsList]) -> Listing[m.Allocation]:
        """List allocations.

        List allocations, newest first."""
        return self._list(ops.ALLOCATIONS_LIST, (), given, m.Allocation)

    def reverse(self, allocation_id: Id, /, **given: Unpack[p.AllocationsReverse]) -> None:
        """Reverse an allocation.

        Reverse an allocation: its invoice asks for the money again, which is unallocated; it stays with 0."""
        self._do(ops.ALLOCATIONS_REVERSE, (allocation_id,), given)

    def update(self, allocation_id: Id, /, **given: Unpack[p.AllocationsUpdate]) -> m.Allocation:
        """Change an allocation.

        Give an allocation another amount; more comes from the payment's unallocated money."""
        return self._get(ops.ALLOCATIONS_UPDATE, (allocation_id,), given, m.Allocation)


class Root(Resource):
    """All that a client is asked for."""

    __slots__ = ()

    @property
    def allocations(self) -> Allocations:
        return Allocations(self._transport)

    @property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self._transport)

    @property
    def audit_log(self) -> AuditLog:
        return AuditLog(self._transport)

    @property
    def bank_accounts(self) -> BankAccounts:
        return BankAccounts(self._transport)

    @property
    def bank_imports(self) -> BankImports:
        return BankImports(self._transport)

    @property
    def bank_lines(self) -> BankLines:
        return BankLines(self._transport)

    @property
    def bank_statements(self) -> BankStatements:
        return BankStatements(self._transport)

    @property
    def business(self) -> Business:
        return Business(self._transport)

    @property
    def channel_settings(self) -> ChannelSettings:
        return ChannelSettings(self._transport)

    @property
    def client_portal(self) -> ClientPortal:
        return ClientPortal(self._transport)

    @property
    def contacts(self) -> Contacts:
        return Contacts(self._transport)

    @property
    def credit_balances(self) -> CreditBalances:
        return CreditBalances(self._transport)

    @property
    def credit_notes(self) -> CreditNotes:
        return CreditNotes(self._transport)

    @property
    def dead_letters(self) -> DeadLetters:
        return DeadLetters(self._transport)

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(self._transport)

    @property
    def document_deliveries(self) -> DocumentDeliveries:
        return DocumentDeliveries(self._transport)

    @property
    def dunning(self) -> Dunning:
        return Dunning(self._transport)

    @property
    def e_invoices(self) -> EInvoices:
        return EInvoices(self._transport)

    @property
    def event_lanes(self) -> EventLanes:
        return EventLanes(self._transport)

    @property
    def event_types(self) -> EventTypes:
        return EventTypes(self._transport)

    @property
    def events(self) -> Events:
        return Events(self._transport)

    @property
    def explain(self) -> Explain:
        return Explain(self._transport)

    @property
    def invoice_lines(self) -> InvoiceLines:
        return InvoiceLines(self._transport)

    @property
    def invoices(self) -> Invoices:
        return Invoices(self._transport)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self._transport)

    @property
    def memberships(self) -> Memberships:
        return Memberships(self._transport)

    @property
    def message_templates(self) -> MessageTemplates:
        return MessageTemplates(self._transport)

    @property
    def messages(self) -> Messages:
        return Messages(self._transport)

    @property
    def meters(self) -> Meters:
        return Meters(self._transport)

    @property
    def payment_methods(self) -> PaymentMethods:
        return PaymentMethods(self._transport)

    @property
    def payments(self) -> Payments:
        return Payments(self._transport)

    @property
    def prices(self) -> Prices:
        return Prices(self._transport)

    @property
    def products(self) -> Products:
        return Products(self._transport)

    @property
    def provider_connections(self) -> ProviderConnections:
        return ProviderConnections(self._transport)

    @property
    def quotes(self) -> Quotes:
        return Quotes(self._transport)

    @property
    def receivables(self) -> Receivables:
        return Receivables(self._transport)

    @property
    def refunds(self) -> Refunds:
        return Refunds(self._transport)

    @property
    def reminder_settings(self) -> ReminderSettings:
        return ReminderSettings(self._transport)

    @property
    def renewal_runs(self) -> RenewalRuns:
        return RenewalRuns(self._transport)

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(self._transport)

    @property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self._transport)

    @property
    def usage(self) -> Usage:
        return Usage(self._transport)

    @property
    def usage_events(self) -> UsageEvents:
        return UsageEvents(self._transport)

    @property
    def usage_rejections(self) -> UsageRejections:
        return UsageRejections(self._transport)

    @property
    def waiting_billings(self) -> WaitingBillings:
        return WaitingBillings(self._transport)

    @property
    def webhook_endpoints(self) -> WebhookEndpoints:
        return WebhookEndpoints(self._transport)

    @property
    def workspaces(self) -> Workspaces:
        return Workspaces(self._transport)
