"""The resources of the async client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing_sdk import _extras as extras
from billing_sdk._lazy import Lazy
from billing_sdk._resources import AsyncResource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from billing_sdk._files import AsyncFile
    from billing_sdk._generated import models as m
    from billing_sdk._generated import operations as ops
    from billing_sdk._generated import params as p
    from billing_sdk._generated.params import Id
    from billing_sdk._paging import AsyncListing
else:
    m = Lazy("billing_sdk._generated.models")
    ops = Lazy("billing_sdk._generated.operations")


class AsyncWorkspaces(AsyncResource):
    """`client.workspaces`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.WorkspacesCreate]) -> m.CreatedWorkspace:
        """Create a workspace.

        Create a workspace and its first API key, which is shown only here."""
        return await self._get(ops.WORKSPACES_CREATE, (), given, m.CreatedWorkspace)

    async def get(self, workspace_id: Id, /, **given: Unpack[p.WorkspacesGet]) -> m.Workspace:
        """Get a workspace."""
        return await self._get(ops.WORKSPACES_GET, (workspace_id,), given, m.Workspace)

    def list(self, **given: Unpack[p.WorkspacesList]) -> AsyncListing[m.Workspace]:
        """List workspaces.

        List workspaces, newest first."""
        return self._list(ops.WORKSPACES_LIST, (), given, m.Workspace)

    async def update(self, workspace_id: Id, /, **given: Unpack[p.WorkspacesUpdate]) -> m.Workspace:
        """Change a workspace.

        Change name, zone, currency or allowed origins; what exists already keeps its currency."""
        return await self._get(ops.WORKSPACES_UPDATE, (workspace_id,), given, m.Workspace)


class AsyncWebhookEndpointsSecret(AsyncResource):
    """`client.webhook_endpoints.secret`."""

    __slots__ = ()

    async def get(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsSecretGet]) -> m.Secret:
        """Get the secret of a webhook endpoint.

        The secrets that sign now."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_SECRET_GET, (endpoint_id,), given, m.Secret)

    async def replace(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsSecretReplace]) -> m.Secret:
        """Replace the secret of a webhook endpoint by one's own.

        Sign with a secret of the receiver's."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_SECRET_REPLACE, (endpoint_id,), given, m.Secret)

    async def rotate(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsSecretRotate]) -> m.Secret:
        """Rotate the secret of a webhook endpoint.

        Sign with a new random secret; at most three sign at once."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_SECRET_ROTATE, (endpoint_id,), given, m.Secret)


class AsyncWebhookEndpointsJobs(AsyncResource):
    """`client.webhook_endpoints.jobs`."""

    __slots__ = ()

    async def cancel(self, endpoint_id: Id, job_id: Id, /, **given: Unpack[p.WebhookEndpointsJobsCancel]) -> m.Job:
        """Cancel a job of a webhook endpoint.

        Queue nothing more; what was queued already is sent."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_JOBS_CANCEL, (endpoint_id, job_id), given, m.Job)

    async def get(self, endpoint_id: Id, job_id: Id, /, **given: Unpack[p.WebhookEndpointsJobsGet]) -> m.Job:
        """Get a job of a webhook endpoint.

        One job."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_JOBS_GET, (endpoint_id, job_id), given, m.Job)

    def list(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsJobsList]) -> AsyncListing[m.Job]:
        """List jobs of a webhook endpoint.

        The endpoint's jobs, newest first."""
        return self._list(ops.WEBHOOK_ENDPOINTS_JOBS_LIST, (endpoint_id,), given, m.Job)


class AsyncWebhookEndpoints(AsyncResource):
    """`client.webhook_endpoints`."""

    __slots__ = ()

    @property
    def jobs(self) -> AsyncWebhookEndpointsJobs:
        return AsyncWebhookEndpointsJobs(self._transport)

    @property
    def secret(self) -> AsyncWebhookEndpointsSecret:
        return AsyncWebhookEndpointsSecret(self._transport)

    async def create(self, **given: Unpack[p.WebhookEndpointsCreate]) -> m.CreatedEndpoint:
        """Create a webhook endpoint.

        Create an endpoint; the reply holds its secret."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_CREATE, (), given, m.CreatedEndpoint)

    async def delete(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsDelete]) -> None:
        """Delete a webhook endpoint.

        Cancel what waits, forget the secrets, keep the log."""
        await self._do(ops.WEBHOOK_ENDPOINTS_DELETE, (endpoint_id,), given)

    async def disable(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsDisable]) -> m.Endpoint:
        """Disable a webhook endpoint.

        Deliver no more; what waits and what comes is held."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_DISABLE, (endpoint_id,), given, m.Endpoint)

    async def enable(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsEnable]) -> m.Endpoint:
        """Enable a webhook endpoint.

        Deliver again; what was held meanwhile stays held."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_ENABLE, (endpoint_id,), given, m.Endpoint)

    async def get(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsGet]) -> m.Endpoint:
        """Get a webhook endpoint.

        One endpoint."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_GET, (endpoint_id,), given, m.Endpoint)

    def list(self, **given: Unpack[p.WebhookEndpointsList]) -> AsyncListing[m.Endpoint]:
        """List webhook endpoints.

        The workspace's endpoints, newest first."""
        return self._list(ops.WEBHOOK_ENDPOINTS_LIST, (), given, m.Endpoint)

    async def pause(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsPause]) -> m.Endpoint:
        """Pause a webhook endpoint.

        Deliver nothing for a while; what waits and what comes is held until it is recovered."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_PAUSE, (endpoint_id,), given, m.Endpoint)

    async def recover(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsRecover]) -> m.Job:
        """Send again what a webhook endpoint missed.

        Send again what was not delivered; the reply is a job that tells how far that is."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_RECOVER, (endpoint_id,), given, m.Job)

    async def replay(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsReplay]) -> m.Job:
        """Send messages anew to a webhook endpoint.

        Send messages anew, each with its webhook-id; the reply is a job that tells how far that is."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_REPLAY, (endpoint_id,), given, m.Job)

    async def stats(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsStats]) -> m.EndpointStats:
        """Get the stats of a webhook endpoint.

        How the endpoint did in the last hours."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_STATS, (endpoint_id,), given, m.EndpointStats)

    async def test(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsTest]) -> m.Attempt:
        """Send a test event to a webhook endpoint.

        Send `webhook_endpoint.test` now and wait for the answer, also to a disabled endpoint."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_TEST, (endpoint_id,), given, m.Attempt)

    async def update(self, endpoint_id: Id, /, **given: Unpack[p.WebhookEndpointsUpdate]) -> m.Endpoint:
        """Change a webhook endpoint.

        Change settings; what waits already is sent with the new ones."""
        return await self._get(ops.WEBHOOK_ENDPOINTS_UPDATE, (endpoint_id,), given, m.Endpoint)


class AsyncWaitingBillings(AsyncResource):
    """`client.waiting_billings`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.WaitingBillingsList]) -> AsyncListing[m.WaitingBilling]:
        """List waiting billings.

        List what subscriptions bill and no invoice could be made of yet, newest first, with the reason."""
        return self._list(ops.WAITING_BILLINGS_LIST, (), given, m.WaitingBilling)

    async def retry(self, billing_id: Id, /, **given: Unpack[p.WaitingBillingsRetry]) -> None:
        """Retry a waiting billing.

        Try it again now, instead of when its turn comes; the invoice is there within a second or two."""
        await self._do(ops.WAITING_BILLINGS_RETRY, (billing_id,), given)


class AsyncUsageRejections(AsyncResource):
    """`client.usage_rejections`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.UsageRejectionsList]) -> AsyncListing[m.Rejection]:
        """List usage rejections.

        What was refused of requests whose other events were taken, newest first; kept for 30 days."""
        return self._list(ops.USAGE_REJECTIONS_LIST, (), given, m.Rejection)


class AsyncUsageEvents(AsyncResource):
    """`client.usage_events`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.UsageEventsCreate]) -> m.AcceptedUsage:
        """Create an usage event.

        Tell usage: an event, an array, or one a line, gzipped or not; all of it is taken, or nothing."""
        return await self._get(ops.USAGE_EVENTS_CREATE, (), given, m.AcceptedUsage)

    def list(self, **given: Unpack[p.UsageEventsList]) -> AsyncListing[m.UsageEvent]:
        """List usage events.

        Look at what was told, newest first."""
        return self._list(ops.USAGE_EVENTS_LIST, (), given, m.UsageEvent)

    async def void(self, **given: Unpack[p.UsageEventsVoid]) -> m.Void:
        """Void an usage event.

        Take events back. Their ids stay used: what is told in their place has ids of its own."""
        return await self._get(ops.USAGE_EVENTS_VOID, (), given, m.Void)


class AsyncUsage(AsyncResource):
    """`client.usage`."""

    __slots__ = ()

    def export(self, **given: Unpack[p.UsageExport]) -> AsyncFile:
        """Get the export of the usage.

        All usage between two instants as CSV, however much it is."""
        return self._file(ops.USAGE_EXPORT, (), given)


class AsyncSubscriptionsPeriods(AsyncResource):
    """`client.subscriptions.periods`."""

    __slots__ = ()

    def list(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsPeriodsList]) -> AsyncListing[m.Period]:
        """List periods of a subscription.

        What was billed of it: periods and changes, newest first; goes on by `offset`."""
        return self._list(ops.SUBSCRIPTIONS_PERIODS_LIST, (subscription_id,), given, m.Period)


class AsyncSubscriptions(AsyncResource):
    """`client.subscriptions`."""

    __slots__ = ()

    @property
    def periods(self) -> AsyncSubscriptionsPeriods:
        return AsyncSubscriptionsPeriods(self._transport)

    async def cancel(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsCancel]) -> m.Subscription:
        """Cancel a subscription.

        Stop it at once, or at the end of the period, until when that can be taken back."""
        return await self._get(ops.SUBSCRIPTIONS_CANCEL, (subscription_id,), given, m.Subscription)

    async def change(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsChange]) -> m.Subscription:
        """Change the plan or quantity of a subscription.

        Go on with another plan or quantity; what is so already is answered as it is, and nothing is billed."""
        return await self._get(ops.SUBSCRIPTIONS_CHANGE, (subscription_id,), given, m.Subscription)

    async def charges(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsCharges]) -> m.Charges:
        """Get the charges of a subscription.

        What the subscription bills of usage."""
        return await self._get(ops.SUBSCRIPTIONS_CHARGES, (subscription_id,), given, m.Charges)

    async def create(self, **given: Unpack[p.SubscriptionsCreate]) -> m.Subscription:
        """Create a subscription.

        Create a subscription; the period that runs is billed at once, in advance."""
        return await self._get(ops.SUBSCRIPTIONS_CREATE, (), given, m.Subscription)

    async def get(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsGet]) -> m.Subscription:
        """Get a subscription.

        Get a subscription with its lines."""
        return await self._get(ops.SUBSCRIPTIONS_GET, (subscription_id,), given, m.Subscription)

    def list(self, **given: Unpack[p.SubscriptionsList]) -> AsyncListing[m.Subscription]:
        """List subscriptions.

        List subscriptions with their lines, newest first."""
        return self._list(ops.SUBSCRIPTIONS_LIST, (), given, m.Subscription)

    async def pause(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsPause]) -> m.Subscription:
        """Pause a subscription.

        Bill nothing until it is resumed; what ends with its period is refused (409)."""
        return await self._get(ops.SUBSCRIPTIONS_PAUSE, (subscription_id,), given, m.Subscription)

    async def preview(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsPreview]) -> m.ChangePreview:
        """Preview a change of a subscription.

        What the same change would bill now and next; nothing is charged or stored."""
        return await self._get(ops.SUBSCRIPTIONS_PREVIEW, (subscription_id,), given, m.ChangePreview)

    async def resume(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsResume]) -> m.Subscription:
        """Resume a subscription.

        End a pause, or take a cancellation at the period's end back, until that has come."""
        return await self._get(ops.SUBSCRIPTIONS_RESUME, (subscription_id,), given, m.Subscription)

    async def retry(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsRetry]) -> m.Subscription:
        """Retry a subscription.

        Renew it now, though it is parked, without a cap: somebody has looked at it."""
        return await self._get(ops.SUBSCRIPTIONS_RETRY, (subscription_id,), given, m.Subscription)

    async def update(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsUpdate]) -> m.Subscription:
        """Change a subscription.

        Change fields; `status` pauses, resumes or cancels, `cancel_at_period_end` can be taken back."""
        return await self._get(ops.SUBSCRIPTIONS_UPDATE, (subscription_id,), given, m.Subscription)

    async def usage(self, subscription_id: Id, /, **given: Unpack[p.SubscriptionsUsage]) -> m.SubscriptionUsage:
        """Get the usage of a subscription.

        What was used of each charge and period, what it comes to, and what of that was billed."""
        return await self._get(ops.SUBSCRIPTIONS_USAGE, (subscription_id,), given, m.SubscriptionUsage)


class AsyncSandboxRefunds(AsyncResource):
    """`client.sandbox.refunds`."""

    __slots__ = ()

    async def fail(self, refund_id: Id, /, **given: Unpack[p.SandboxRefundsFail]) -> m.AtProvider:
        """Let a refund of the sandbox fail.

        Let a refund that the sandbox provider has sent come back from the payer's bank."""
        return await self._get(ops.SANDBOX_REFUNDS_FAIL, (refund_id,), given, m.AtProvider)


class AsyncSandboxPayments(AsyncResource):
    """`client.sandbox.payments`."""

    __slots__ = ()

    async def decide_dispute(self, payment_id: Id, /, **given: Unpack[p.SandboxPaymentsDecideDispute]) -> m.AtProvider:
        """Decide the dispute of a payment of the sandbox.

        Let the payer's bank decide the dispute of a payment; when it is won, the money comes back."""
        return await self._get(ops.SANDBOX_PAYMENTS_DECIDE_DISPUTE, (payment_id,), given, m.AtProvider)

    async def dispute(self, payment_id: Id, /, **given: Unpack[p.SandboxPaymentsDispute]) -> m.AtProvider:
        """Dispute a payment of the sandbox.

        Let the payer's bank dispute a payment that the sandbox provider collected: it takes the money back."""
        return await self._get(ops.SANDBOX_PAYMENTS_DISPUTE, (payment_id,), given, m.AtProvider)


class AsyncSandboxClock(extras.AsyncClockExtras):
    """`client.sandbox.clock`."""

    __slots__ = ()

    async def advance(self, **given: Unpack[p.SandboxClockAdvance]) -> m.Clock:
        """Advance the clock of the sandbox.

        Set this sandbox's clock going: what falls due on the way is done in the order of its time."""
        return await self._get(ops.SANDBOX_CLOCK_ADVANCE, (), given, m.Clock)

    async def get(self, **given: Unpack[p.SandboxClockGet]) -> m.Clock:
        """Get the clock of the sandbox.

        What time it is in this sandbox, and how far it is on its way."""
        return await self._get(ops.SANDBOX_CLOCK_GET, (), given, m.Clock)


class AsyncSandbox(AsyncResource):
    """`client.sandbox`."""

    __slots__ = ()

    @property
    def clock(self) -> AsyncSandboxClock:
        return AsyncSandboxClock(self._transport)

    @property
    def payments(self) -> AsyncSandboxPayments:
        return AsyncSandboxPayments(self._transport)

    @property
    def refunds(self) -> AsyncSandboxRefunds:
        return AsyncSandboxRefunds(self._transport)

    async def bank_statements(self, **given: Unpack[p.SandboxBankStatements]) -> m.Import:
        """Bank statements the sandbox.

        Let the sandbox's bank book movements, and import the file (camt.053) that it gives of them."""
        return await self._get(ops.SANDBOX_BANK_STATEMENTS, (), given, m.Import)


class AsyncRenewalRuns(AsyncResource):
    """`client.renewal_runs`."""

    __slots__ = ()

    async def get(self, run_id: Id, /, **given: Unpack[p.RenewalRunsGet]) -> m.WatchedRun:
        """Get a renewal run.

        A run as it stands: progress, rate, time left, parked subscriptions with their reasons."""
        return await self._get(ops.RENEWAL_RUNS_GET, (run_id,), given, m.WatchedRun)

    def list(self, **given: Unpack[p.RenewalRunsList]) -> AsyncListing[m.Run]:
        """List renewal runs.

        List runs, newest first: one for each day on which something fell due."""
        return self._list(ops.RENEWAL_RUNS_LIST, (), given, m.Run)

    async def pause(self, run_id: Id, /, **given: Unpack[p.RenewalRunsPause]) -> m.WatchedRun:
        """Pause a renewal run.

        Stop the workspace's renewals after the batch in hand, until the run is resumed."""
        return await self._get(ops.RENEWAL_RUNS_PAUSE, (run_id,), given, m.WatchedRun)

    async def preview(self, **given: Unpack[p.RenewalRunsPreview]) -> m.SubscriptionPreviewReply:
        """Preview a renewal run.

        What would be billed until an instant: totals, differences, anomalies. Without effect."""
        return await self._get(ops.RENEWAL_RUNS_PREVIEW, (), given, m.SubscriptionPreviewReply)

    async def resume(self, run_id: Id, /, **given: Unpack[p.RenewalRunsResume]) -> m.WatchedRun:
        """Resume a renewal run.

        Let the workspace's renewals go on; the run's size is not doubted again."""
        return await self._get(ops.RENEWAL_RUNS_RESUME, (run_id,), given, m.WatchedRun)

    async def retry(self, run_id: Id, /, **given: Unpack[p.RenewalRunsRetry]) -> m.Subscription:
        """Renew a parked subscription of a run.

        Renew one parked subscription now, without a cap."""
        return await self._get(ops.RENEWAL_RUNS_RETRY, (run_id,), given, m.Subscription)


class AsyncReminderSettings(AsyncResource):
    """`client.reminder_settings`."""

    __slots__ = ()

    async def get(self, **given: Unpack[p.ReminderSettingsGet]) -> m.ReminderSettings:
        """Get how reminders are sent.

        How customers are reminded of open invoices; not at all until the workspace enables it."""
        return await self._get(ops.REMINDER_SETTINGS_GET, (), given, m.ReminderSettings)

    async def update(self, **given: Unpack[p.ReminderSettingsUpdate]) -> m.ReminderSettings:
        """Change how reminders are sent.

        Change the fields that are given. Levels count from now on; what was due before is passed over."""
        return await self._get(ops.REMINDER_SETTINGS_UPDATE, (), given, m.ReminderSettings)


class AsyncRefunds(AsyncResource):
    """`client.refunds`."""

    __slots__ = ()

    async def get(self, refund_id: Id, /, **given: Unpack[p.RefundsGet]) -> m.Refund:
        """Get a refund."""
        return await self._get(ops.REFUNDS_GET, (refund_id,), given, m.Refund)

    def list(self, **given: Unpack[p.RefundsList]) -> AsyncListing[m.Refund]:
        """List refunds.

        List refunds, newest first."""
        return self._list(ops.REFUNDS_LIST, (), given, m.Refund)


class AsyncReceivables(AsyncResource):
    """`client.receivables`."""

    __slots__ = ()

    async def get(self, invoice_id: Id, /, **given: Unpack[p.ReceivablesGet]) -> m.Receivable:
        """Get a receivable.

        Get what an invoice asks for."""
        return await self._get(ops.RECEIVABLES_GET, (invoice_id,), given, m.Receivable)

    def list(self, **given: Unpack[p.ReceivablesList]) -> AsyncListing[m.Receivable]:
        """List receivables.

        List receivables, that of the newest invoice first."""
        return self._list(ops.RECEIVABLES_LIST, (), given, m.Receivable)


class AsyncQuotesDeliveries(AsyncResource):
    """`client.quotes.deliveries`."""

    __slots__ = ()

    def list(self, quote_id: Id, /, **given: Unpack[p.QuotesDeliveriesList]) -> AsyncListing[m.Delivery]:
        """List a quote's deliveries.

        List how the quote was sent, newest first."""
        return self._list(ops.QUOTES_DELIVERIES_LIST, (quote_id,), given, m.Delivery)


class AsyncQuotes(AsyncResource):
    """`client.quotes`."""

    __slots__ = ()

    @property
    def deliveries(self) -> AsyncQuotesDeliveries:
        return AsyncQuotesDeliveries(self._transport)

    async def accept(self, quote_id: Id, /, **given: Unpack[p.QuotesAccept]) -> m.Quote:
        """Accept a quote.

        The customer said yes: the invoice is made in the same transaction, as a draft or issued."""
        return await self._get(ops.QUOTES_ACCEPT, (quote_id,), given, m.Quote)

    async def create(self, **given: Unpack[p.QuotesCreate]) -> m.Quote:
        """Create a quote.

        Create a draft; totals are computed."""
        return await self._get(ops.QUOTES_CREATE, (), given, m.Quote)

    async def decline(self, quote_id: Id, /, **given: Unpack[p.QuotesDecline]) -> m.Quote:
        """Decline a quote.

        The customer said no."""
        return await self._get(ops.QUOTES_DECLINE, (quote_id,), given, m.Quote)

    async def delete(self, quote_id: Id, /, **given: Unpack[p.QuotesDelete]) -> None:
        """Delete a quote.

        Delete a draft."""
        await self._do(ops.QUOTES_DELETE, (quote_id,), given)

    async def get(self, quote_id: Id, /, **given: Unpack[p.QuotesGet]) -> m.Quote:
        """Get a quote.

        Get a quote with its lines."""
        return await self._get(ops.QUOTES_GET, (quote_id,), given, m.Quote)

    def list(self, **given: Unpack[p.QuotesList]) -> AsyncListing[m.Quote]:
        """List quotes.

        List quotes with their lines, newest first."""
        return self._list(ops.QUOTES_LIST, (), given, m.Quote)

    def pdf(self, quote_id: Id, /, **given: Unpack[p.QuotesPdf]) -> AsyncFile:
        """Get the PDF of a quote.

        The quote as PDF, in the language of its contact."""
        return self._file(ops.QUOTES_PDF, (quote_id,), given)

    async def send(self, quote_id: Id, /, **given: Unpack[p.QuotesSend]) -> m.Quote:
        """Send a quote.

        Offer it to the customer: it gets its number and is fixed; with `channels` it is sent there too."""
        return await self._get(ops.QUOTES_SEND, (quote_id,), given, m.Quote)

    async def update(self, quote_id: Id, /, **given: Unpack[p.QuotesUpdate]) -> m.Quote:
        """Change a quote.

        Change a draft; a quote that was sent stays as it is."""
        return await self._get(ops.QUOTES_UPDATE, (quote_id,), given, m.Quote)


class AsyncProviderConnections(AsyncResource):
    """`client.provider_connections`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.ProviderConnectionsCreate]) -> m.Connection:
        """Create a provider connection.

        Connect an account; one for each provider and mode. Secrets are encrypted and never shown again."""
        return await self._get(ops.PROVIDER_CONNECTIONS_CREATE, (), given, m.Connection)

    async def delete(self, connection_id: Id, /, **given: Unpack[p.ProviderConnectionsDelete]) -> None:
        """Delete a provider connection.

        Forget the credentials; methods kept there can no longer be collected from."""
        await self._do(ops.PROVIDER_CONNECTIONS_DELETE, (connection_id,), given)

    async def get(self, connection_id: Id, /, **given: Unpack[p.ProviderConnectionsGet]) -> m.Connection:
        """Get a provider connection.

        Get a connection."""
        return await self._get(ops.PROVIDER_CONNECTIONS_GET, (connection_id,), given, m.Connection)

    def list(self, **given: Unpack[p.ProviderConnectionsList]) -> AsyncListing[m.Connection]:
        """List provider connections.

        List connections, newest first."""
        return self._list(ops.PROVIDER_CONNECTIONS_LIST, (), given, m.Connection)

    async def update(self, connection_id: Id, /, **given: Unpack[p.ProviderConnectionsUpdate]) -> m.Connection:
        """Change a provider connection.

        Change a connection, its keys for instance when they were rolled."""
        return await self._get(ops.PROVIDER_CONNECTIONS_UPDATE, (connection_id,), given, m.Connection)


class AsyncProducts(AsyncResource):
    """`client.products`."""

    __slots__ = ()

    async def archive(self, product_id: Id, /, **given: Unpack[p.ProductsArchive]) -> None:
        """Archive a product.

        Archive a product; documents that name it stay."""
        await self._do(ops.PRODUCTS_ARCHIVE, (product_id,), given)

    async def create(self, **given: Unpack[p.ProductsCreate]) -> m.Product:
        """Create a product."""
        return await self._get(ops.PRODUCTS_CREATE, (), given, m.Product)

    async def get(self, product_id: Id, /, **given: Unpack[p.ProductsGet]) -> m.Product:
        """Get a product."""
        return await self._get(ops.PRODUCTS_GET, (product_id,), given, m.Product)

    def list(self, **given: Unpack[p.ProductsList]) -> AsyncListing[m.Product]:
        """List products.

        List products, newest first."""
        return self._list(ops.PRODUCTS_LIST, (), given, m.Product)

    async def update(self, product_id: Id, /, **given: Unpack[p.ProductsUpdate]) -> m.Product:
        """Change a product.

        Change the fields that are given; invoices that name the product stay as they are."""
        return await self._get(ops.PRODUCTS_UPDATE, (product_id,), given, m.Product)


class AsyncPrices(AsyncResource):
    """`client.prices`."""

    __slots__ = ()

    async def estimate(self, **given: Unpack[p.PricesEstimate]) -> m.EstimateReply:
        """Estimate a price.

        What a quantity costs at a price: the rows that an invoice would have, rounded as its business does."""
        return await self._get(ops.PRICES_ESTIMATE, (), given, m.EstimateReply)


class AsyncPaymentsRefunds(AsyncResource):
    """`client.payments.refunds`."""

    __slots__ = ()

    async def create(self, payment_id: Id, /, **given: Unpack[p.PaymentsRefundsCreate]) -> m.Refund:
        """Create a refund of a payment.

        Give money of a payment back: unallocated money first, then that of the newest allocations."""
        return await self._get(ops.PAYMENTS_REFUNDS_CREATE, (payment_id,), given, m.Refund)

    def list(self, payment_id: Id, /, **given: Unpack[p.PaymentsRefundsList]) -> AsyncListing[m.Refund]:
        """List refunds of a payment.

        List the refunds of a payment, newest first."""
        return self._list(ops.PAYMENTS_REFUNDS_LIST, (payment_id,), given, m.Refund)


class AsyncPayments(AsyncResource):
    """`client.payments`."""

    __slots__ = ()

    @property
    def refunds(self) -> AsyncPaymentsRefunds:
        return AsyncPaymentsRefunds(self._transport)

    async def cancel(self, payment_id: Id, /, **given: Unpack[p.PaymentsCancel]) -> m.Payment:
        """Cancel a payment.

        Cancel a collection on its way; where the provider was asked already, it is canceled there soon."""
        return await self._get(ops.PAYMENTS_CANCEL, (payment_id,), given, m.Payment)

    async def collect(self, **given: Unpack[p.PaymentsCollect]) -> m.Payment:
        """Collect a payment.

        Collect what an invoice asks for now; the outcome comes as events and in the payment's `state`."""
        return await self._get(ops.PAYMENTS_COLLECT, (), given, m.Payment)

    async def create(self, **given: Unpack[p.PaymentsCreate]) -> m.Payment:
        """Create a payment.

        Register money that came in; what the invoices do not ask for becomes credit balance."""
        return await self._get(ops.PAYMENTS_CREATE, (), given, m.Payment)

    async def get(self, payment_id: Id, /, **given: Unpack[p.PaymentsGet]) -> m.Payment:
        """Get a payment.

        Get a payment with its allocations."""
        return await self._get(ops.PAYMENTS_GET, (payment_id,), given, m.Payment)

    async def import_batch(self, **given: Unpack[p.PaymentsImportBatch]) -> m.PaymentBatch:
        """Import the payments of a bank statement.

        Register the payments of a bank statement, each with a result of its own."""
        return await self._get(ops.PAYMENTS_IMPORT_BATCH, (), given, m.PaymentBatch)

    def list(self, **given: Unpack[p.PaymentsList]) -> AsyncListing[m.Payment]:
        """List payments.

        List payments with their allocations, newest first."""
        return self._list(ops.PAYMENTS_LIST, (), given, m.Payment)

    async def move(self, payment_id: Id, /, **given: Unpack[p.PaymentsMove]) -> m.Payment:
        """Move a payment.

        Give a payment that was registered by hand to the contact whose money it is."""
        return await self._get(ops.PAYMENTS_MOVE, (payment_id,), given, m.Payment)

    async def resolve(self, payment_id: Id, /, **given: Unpack[p.PaymentsResolve]) -> m.Payment:
        """Resolve a payment.

        Decide about a payment in state `needs_review`; money that comes after all is never lost."""
        return await self._get(ops.PAYMENTS_RESOLVE, (payment_id,), given, m.Payment)

    async def void(self, payment_id: Id, /, **given: Unpack[p.PaymentsVoid]) -> m.Payment:
        """Void a payment.

        Undo a payment that was registered by hand by mistake: its money never came in."""
        return await self._get(ops.PAYMENTS_VOID, (payment_id,), given, m.Payment)


class AsyncPaymentMethodsSetupIntents(AsyncResource):
    """`client.payment_methods.setup_intents`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.PaymentMethodsSetupIntentsCreate]) -> m.SetupIntent:
        """Create a setup intent of a payment method.

        Begin to keep a method for collecting without the payer; the payer finishes it with the secret."""
        return await self._get(ops.PAYMENT_METHODS_SETUP_INTENTS_CREATE, (), given, m.SetupIntent)

    async def get(self, setup_intent_id: Id, /, **given: Unpack[p.PaymentMethodsSetupIntentsGet]) -> m.SetupIntent:
        """Get a setup intent of a payment method.

        Get a setup intent: whether the payer has finished it. Its secret is not shown again."""
        return await self._get(ops.PAYMENT_METHODS_SETUP_INTENTS_GET, (setup_intent_id,), given, m.SetupIntent)


class AsyncPaymentMethods(AsyncResource):
    """`client.payment_methods`."""

    __slots__ = ()

    @property
    def setup_intents(self) -> AsyncPaymentMethodsSetupIntents:
        return AsyncPaymentMethodsSetupIntents(self._transport)

    async def delete(self, method_id: Id, /, **given: Unpack[p.PaymentMethodsDelete]) -> None:
        """Delete a payment method.

        Delete it softly; it is detached at the provider soon after."""
        await self._do(ops.PAYMENT_METHODS_DELETE, (method_id,), given)

    async def get(self, method_id: Id, /, **given: Unpack[p.PaymentMethodsGet]) -> m.PaymentMethod:
        """Get a payment method.

        Get a payment method, deleted or not."""
        return await self._get(ops.PAYMENT_METHODS_GET, (method_id,), given, m.PaymentMethod)

    def list(self, **given: Unpack[p.PaymentMethodsList]) -> AsyncListing[m.PaymentMethod]:
        """List payment methods.

        List payment methods, newest first."""
        return self._list(ops.PAYMENT_METHODS_LIST, (), given, m.PaymentMethod)

    async def update(self, method_id: Id, /, **given: Unpack[p.PaymentMethodsUpdate]) -> m.PaymentMethod:
        """Change a payment method.

        Change metadata or when it expires, or make it the default of its contact."""
        return await self._get(ops.PAYMENT_METHODS_UPDATE, (method_id,), given, m.PaymentMethod)


class AsyncMeters(AsyncResource):
    """`client.meters`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.MetersCreate]) -> m.Meter:
        """Create a meter.

        Make a meter: it counts what is told from now on."""
        return await self._get(ops.METERS_CREATE, (), given, m.Meter)

    async def get(self, key: Id, /, **given: Unpack[p.MetersGet]) -> m.Meter:
        """Get a meter.

        Get a meter by its key."""
        return await self._get(ops.METERS_GET, (key,), given, m.Meter)

    def list(self, **given: Unpack[p.MetersList]) -> AsyncListing[m.Meter]:
        """List meters.

        List meters, newest first."""
        return self._list(ops.METERS_LIST, (), given, m.Meter)

    async def update(self, key: Id, /, **given: Unpack[p.MetersUpdate]) -> m.Meter:
        """Change a meter.

        Rename a meter, or archive it for good."""
        return await self._get(ops.METERS_UPDATE, (key,), given, m.Meter)

    async def usage(self, key: Id, /, **given: Unpack[p.MetersUsage]) -> m.Usage:
        """Get the usage of a meter.

        What a meter has between two instants, to the microsecond; as CSV where `accept` is text/csv."""
        return await self._get(ops.METERS_USAGE, (key,), given, m.Usage)


class AsyncMessagesAttempts(AsyncResource):
    """`client.messages.attempts`."""

    __slots__ = ()

    def list(self, message_id: Id, /, **given: Unpack[p.MessagesAttemptsList]) -> AsyncListing[m.Attempt]:
        """List attempts of a message.

        The attempts to deliver a message, to all its endpoints, oldest first."""
        return self._list(ops.MESSAGES_ATTEMPTS_LIST, (message_id,), given, m.Attempt)


class AsyncMessages(AsyncResource):
    """`client.messages`."""

    __slots__ = ()

    @property
    def attempts(self) -> AsyncMessagesAttempts:
        return AsyncMessagesAttempts(self._transport)

    async def create(self, **given: Unpack[p.MessagesCreate]) -> m.Message:
        """Create a message.

        Publish a message; repeated with its event_id, the reply is 200 and the first message."""
        return await self._get(ops.MESSAGES_CREATE, (), given, m.Message)

    async def get(self, message_id: Id, /, **given: Unpack[p.MessagesGet]) -> m.Message:
        """Get a message.

        One message, by its id or its webhook-id."""
        return await self._get(ops.MESSAGES_GET, (message_id,), given, m.Message)

    def list(self, **given: Unpack[p.MessagesList]) -> AsyncListing[m.MessageSummary]:
        """List messages.

        The workspace's messages, newest first."""
        return self._list(ops.MESSAGES_LIST, (), given, m.MessageSummary)


class AsyncMessageTemplates(AsyncResource):
    """`client.message_templates`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.MessageTemplatesCreate]) -> m.Template:
        """Create a message template.

        Use a wording of one's own; one for each kind, channel and language."""
        return await self._get(ops.MESSAGE_TEMPLATES_CREATE, (), given, m.Template)

    async def default(self, **given: Unpack[p.MessageTemplatesDefault]) -> m.Texts:
        """Get the platform's own wording.

        Our own wording, to begin from."""
        return await self._get(ops.MESSAGE_TEMPLATES_DEFAULT, (), given, m.Texts)

    async def delete(self, template_id: Id, /, **given: Unpack[p.MessageTemplatesDelete]) -> None:
        """Delete a message template.

        Use our wording again."""
        await self._do(ops.MESSAGE_TEMPLATES_DELETE, (template_id,), given)

    async def get(self, template_id: Id, /, **given: Unpack[p.MessageTemplatesGet]) -> m.Template:
        """Get a message template.

        Get a wording."""
        return await self._get(ops.MESSAGE_TEMPLATES_GET, (template_id,), given, m.Template)

    def list(self, **given: Unpack[p.MessageTemplatesList]) -> AsyncListing[m.Template]:
        """List message templates.

        List the workspace's own wordings, newest first."""
        return self._list(ops.MESSAGE_TEMPLATES_LIST, (), given, m.Template)

    async def preview(self, **given: Unpack[p.MessageTemplatesPreview]) -> m.PreviewReply:
        """Preview a message template.

        What a made-up customer would read, with the workspace's business; nothing is stored or sent."""
        return await self._get(ops.MESSAGE_TEMPLATES_PREVIEW, (), given, m.PreviewReply)

    async def update(self, template_id: Id, /, **given: Unpack[p.MessageTemplatesUpdate]) -> m.Template:
        """Change a message template.

        Change the texts of a wording."""
        return await self._get(ops.MESSAGE_TEMPLATES_UPDATE, (template_id,), given, m.Template)


class AsyncMemberships(AsyncResource):
    """`client.memberships`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.MembershipsCreate]) -> m.Membership:
        """Create a membership.

        Let a person in, with at most the scopes that you have yourself."""
        return await self._get(ops.MEMBERSHIPS_CREATE, (), given, m.Membership)

    async def delete(self, membership_id: Id, /, **given: Unpack[p.MembershipsDelete]) -> None:
        """Delete a membership.

        Let a person in no longer: within 30 seconds their tokens open this workspace nowhere."""
        await self._do(ops.MEMBERSHIPS_DELETE, (membership_id,), given)

    def list(self, **given: Unpack[p.MembershipsList]) -> AsyncListing[m.Membership]:
        """List memberships.

        List who may enter, newest first."""
        return self._list(ops.MEMBERSHIPS_LIST, (), given, m.Membership)


class AsyncLedgerEntries(AsyncResource):
    """`client.ledger.entries`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.LedgerEntriesList]) -> AsyncListing[m.Entry]:
        """List entries of the ledger.

        List entries, newest first."""
        return self._list(ops.LEDGER_ENTRIES_LIST, (), given, m.Entry)


class AsyncLedgerAccounts(AsyncResource):
    """`client.ledger.accounts`."""

    __slots__ = ()

    async def get(self, account_id: Id, /, **given: Unpack[p.LedgerAccountsGet]) -> m.Account:
        """Get an account of the ledger.

        Get an account with its balance."""
        return await self._get(ops.LEDGER_ACCOUNTS_GET, (account_id,), given, m.Account)

    def list(self, **given: Unpack[p.LedgerAccountsList]) -> AsyncListing[m.Account]:
        """List accounts of the ledger.

        List accounts with their balances, in the order of their ids."""
        return self._list(ops.LEDGER_ACCOUNTS_LIST, (), given, m.Account)


class AsyncLedger(AsyncResource):
    """`client.ledger`."""

    __slots__ = ()

    @property
    def accounts(self) -> AsyncLedgerAccounts:
        return AsyncLedgerAccounts(self._transport)

    @property
    def entries(self) -> AsyncLedgerEntries:
        return AsyncLedgerEntries(self._transport)

    async def proofs(self, **given: Unpack[p.LedgerProofs]) -> m.Proof:
        """Prove the workspace's money.

        Prove the workspace's money: recompute from its rows every identity that must hold of it."""
        return await self._get(ops.LEDGER_PROOFS, (), given, m.Proof)


class AsyncInvoicesReminders(AsyncResource):
    """`client.invoices.reminders`."""

    __slots__ = ()

    async def get(self, invoice_id: Id, /, **given: Unpack[p.InvoicesRemindersGet]) -> m.InvoiceReminders:
        """Get an invoice's reminders.

        Its schedule with the instants at which levels are due, what became of each, and what stops them."""
        return await self._get(ops.INVOICES_REMINDERS_GET, (invoice_id,), given, m.InvoiceReminders)

    async def update(self, invoice_id: Id, /, **given: Unpack[p.InvoicesRemindersUpdate]) -> m.InvoiceReminders:
        """Pause an invoice's reminders.

        Stop them, let them go on whatever else would pause them, or leave that to the settings again."""
        return await self._get(ops.INVOICES_REMINDERS_UPDATE, (invoice_id,), given, m.InvoiceReminders)


class AsyncInvoicesDeliveries(AsyncResource):
    """`client.invoices.deliveries`."""

    __slots__ = ()

    async def get(self, invoice_id: Id, delivery_id: Id, /, **given: Unpack[p.InvoicesDeliveriesGet]) -> m.Delivery:
        """Get a delivery of an invoice.

        Get one delivery of the invoice."""
        return await self._get(ops.INVOICES_DELIVERIES_GET, (invoice_id, delivery_id), given, m.Delivery)

    def list(self, invoice_id: Id, /, **given: Unpack[p.InvoicesDeliveriesList]) -> AsyncListing[m.Delivery]:
        """List an invoice's deliveries.

        List how the invoice and its reminders were sent, newest first."""
        return self._list(ops.INVOICES_DELIVERIES_LIST, (invoice_id,), given, m.Delivery)

    async def retry(
        self, invoice_id: Id, delivery_id: Id, /, **given: Unpack[p.InvoicesDeliveriesRetry]
    ) -> m.RetryReply:
        """Try a delivery again.

        Try again what failed, bounced, or never told how it went; the last may then arrive twice."""
        return await self._get(ops.INVOICES_DELIVERIES_RETRY, (invoice_id, delivery_id), given, m.RetryReply)


class AsyncInvoicesCreditNotes(AsyncResource):
    """`client.invoices.credit_notes`."""

    __slots__ = ()

    async def create(self, invoice_id: Id, /, **given: Unpack[p.InvoicesCreditNotesCreate]) -> m.CreditNote:
        """Create a credit note of an invoice.

        Take back lines of an issued invoice, or without `lines` all of it that is not credited yet."""
        return await self._get(ops.INVOICES_CREDIT_NOTES_CREATE, (invoice_id,), given, m.CreditNote)

    def list(self, invoice_id: Id, /, **given: Unpack[p.InvoicesCreditNotesList]) -> AsyncListing[m.CreditNote]:
        """List credit notes of an invoice.

        List the credit notes of one invoice, newest first."""
        return self._list(ops.INVOICES_CREDIT_NOTES_LIST, (invoice_id,), given, m.CreditNote)


class AsyncInvoices(AsyncResource):
    """`client.invoices`."""

    __slots__ = ()

    @property
    def credit_notes(self) -> AsyncInvoicesCreditNotes:
        return AsyncInvoicesCreditNotes(self._transport)

    @property
    def deliveries(self) -> AsyncInvoicesDeliveries:
        return AsyncInvoicesDeliveries(self._transport)

    @property
    def reminders(self) -> AsyncInvoicesReminders:
        return AsyncInvoicesReminders(self._transport)

    async def create(self, **given: Unpack[p.InvoicesCreate]) -> m.Invoice:
        """Create an invoice.

        Create a draft, or with `status: open` an issued invoice; totals are computed."""
        return await self._get(ops.INVOICES_CREATE, (), given, m.Invoice)

    async def create_batch(self, **given: Unpack[p.InvoicesCreateBatch]) -> m.Batch:
        """Create many invoices.

        Create up to 500 invoices; each has its own result, in the order of the request."""
        return await self._get(ops.INVOICES_CREATE_BATCH, (), given, m.Batch)

    async def delete(self, invoice_id: Id, /, **given: Unpack[p.InvoicesDelete]) -> None:
        """Delete an invoice.

        Delete a draft; an issued invoice is voided or credited instead."""
        await self._do(ops.INVOICES_DELETE, (invoice_id,), given)

    async def documents(self, invoice_id: Id, /, **given: Unpack[p.InvoicesDocuments]) -> m.PrintedDocuments:
        """Get the documents of an invoice.

        List what an issued invoice was printed as, and what was found in its data."""
        return await self._get(ops.INVOICES_DOCUMENTS, (invoice_id,), given, m.PrintedDocuments)

    async def events(self, invoice_id: Id, /, **given: Unpack[p.InvoicesEvents]) -> m.Timeline:
        """Get the events of an invoice.

        What happened to the invoice, oldest first: what, by whom, when."""
        return await self._get(ops.INVOICES_EVENTS, (invoice_id,), given, m.Timeline)

    async def get(self, invoice_id: Id, /, **given: Unpack[p.InvoicesGet]) -> m.Invoice:
        """Get an invoice.

        Get an invoice with its lines."""
        return await self._get(ops.INVOICES_GET, (invoice_id,), given, m.Invoice)

    async def issue(self, invoice_id: Id, /, **given: Unpack[p.InvoicesIssue]) -> m.Invoice:
        """Issue an invoice.

        Give a draft its number; from here it only gets paid, voided or credited."""
        return await self._get(ops.INVOICES_ISSUE, (invoice_id,), given, m.Invoice)

    def list(self, **given: Unpack[p.InvoicesList]) -> AsyncListing[m.Invoice]:
        """List invoices.

        List invoices with their lines, newest first."""
        return self._list(ops.INVOICES_LIST, (), given, m.Invoice)

    async def next_number(self, **given: Unpack[p.InvoicesNextNumber]) -> m.NextNumber:
        """Get the next number of an invoice.

        The number that the next invoice of this date would get: a preview, never a reservation."""
        return await self._get(ops.INVOICES_NEXT_NUMBER, (), given, m.NextNumber)

    def pdf(self, invoice_id: Id, /, **given: Unpack[p.InvoicesPdf]) -> AsyncFile:
        """Get the PDF of an invoice.

        The invoice as PDF, in the language of its contact."""
        return self._file(ops.INVOICES_PDF, (invoice_id,), given)

    async def renew_public_link(self, invoice_id: Id, /, **given: Unpack[p.InvoicesRenewPublicLink]) -> m.Invoice:
        """Give an invoice another public link.

        Give an issued invoice another `public_url`; the old one opens nothing any more."""
        return await self._get(ops.INVOICES_RENEW_PUBLIC_LINK, (invoice_id,), given, m.Invoice)

    async def reverse_write_off(self, invoice_id: Id, /, **given: Unpack[p.InvoicesReverseWriteOff]) -> m.Invoice:
        """Ask again for what was written off of an invoice.

        Ask again for all that was written off of an invoice."""
        return await self._get(ops.INVOICES_REVERSE_WRITE_OFF, (invoice_id,), given, m.Invoice)

    async def send(self, invoice_id: Id, /, **given: Unpack[p.InvoicesSend]) -> m.Deliveries:
        """Send an invoice.

        Send it by e-mail, SMS or link, or with `reminder` a reminder of it; a draft is issued first."""
        return await self._get(ops.INVOICES_SEND, (invoice_id,), given, m.Deliveries)

    async def send_many(self, **given: Unpack[p.InvoicesSendMany]) -> m.SendResults:
        """Send many invoices.

        Send up to 100 invoices, or reminders of them; each has its own result, in the order of the request."""
        return await self._get(ops.INVOICES_SEND_MANY, (), given, m.SendResults)

    def ubl(self, invoice_id: Id, /, **given: Unpack[p.InvoicesUbl]) -> AsyncFile:
        """Get the UBL of an invoice.

        The issued invoice as UBL 2.1 (Peppol BIS Billing 3), validated; 422 names what it lacks or breaks."""
        return self._file(ops.INVOICES_UBL, (invoice_id,), given)

    async def update(self, invoice_id: Id, /, **given: Unpack[p.InvoicesUpdate]) -> m.Invoice:
        """Change an invoice.

        Change a draft, and issue it with `status: open`; of an issued invoice only a little changes."""
        return await self._get(ops.INVOICES_UPDATE, (invoice_id,), given, m.Invoice)

    async def void(self, invoice_id: Id, /, **given: Unpack[p.InvoicesVoid]) -> m.Invoice:
        """Void an invoice.

        Cancel an issued invoice on which nothing was paid; it keeps its number."""
        return await self._get(ops.INVOICES_VOID, (invoice_id,), given, m.Invoice)

    async def write_off(self, invoice_id: Id, /, **given: Unpack[p.InvoicesWriteOff]) -> m.Invoice:
        """Write off an invoice.

        Give up on what an open invoice still asks for, or on part of it; it can still be paid."""
        return await self._get(ops.INVOICES_WRITE_OFF, (invoice_id,), given, m.Invoice)


class AsyncInvoiceLines(AsyncResource):
    """`client.invoice_lines`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.InvoiceLinesCreate]) -> m.InvoiceLine:
        """Create an invoice line.

        Add a line at the end of a draft."""
        return await self._get(ops.INVOICE_LINES_CREATE, (), given, m.InvoiceLine)

    async def delete(self, line_id: Id, /, **given: Unpack[p.InvoiceLinesDelete]) -> None:
        """Delete an invoice line.

        Remove a line of a draft, and the rows below it."""
        await self._do(ops.INVOICE_LINES_DELETE, (line_id,), given)

    async def get(self, line_id: Id, /, **given: Unpack[p.InvoiceLinesGet]) -> m.InvoiceLine:
        """Get an invoice line.

        Get a line."""
        return await self._get(ops.INVOICE_LINES_GET, (line_id,), given, m.InvoiceLine)

    def list(self, **given: Unpack[p.InvoiceLinesList]) -> AsyncListing[m.InvoiceLine]:
        """List invoice lines.

        List lines of one invoice or of all, newest first."""
        return self._list(ops.INVOICE_LINES_LIST, (), given, m.InvoiceLine)

    async def update(self, line_id: Id, /, **given: Unpack[p.InvoiceLinesUpdate]) -> m.InvoiceLine:
        """Change an invoice line.

        Change a line of a draft; totals follow."""
        return await self._get(ops.INVOICE_LINES_UPDATE, (line_id,), given, m.InvoiceLine)


class AsyncExplain(AsyncResource):
    """`client.explain`."""

    __slots__ = ()

    async def get(self, name: Id, /, **given: Unpack[p.ExplainGet]) -> m.Explanation:
        """Explain where something stands.

        Explain an invoice, payment, subscription or webhook message: what holds it up, what comes next."""
        return await self._get(ops.EXPLAIN_GET, (name,), given, m.Explanation)


class AsyncEvents(extras.AsyncEventsExtras):
    """`client.events`."""

    __slots__ = ()

    async def list(self, **given: Unpack[p.EventsList]) -> m.Feed:
        """List events.

        What came after the cursor, or from the beginning; nothing is ever skipped."""
        return await self._get(ops.EVENTS_LIST, (), given, m.Feed)


class AsyncEventTypes(AsyncResource):
    """`client.event_types`."""

    __slots__ = ()

    async def get(self, event_type: Id, /, **given: Unpack[p.EventTypesGet]) -> m.EventType:
        """Get an event type.

        Get an event type with its schema and an example."""
        return await self._get(ops.EVENT_TYPES_GET, (event_type,), given, m.EventType)

    async def list(self, **given: Unpack[p.EventTypesList]) -> m.EventTypes:
        """List event types.

        List the event types that endpoints may want."""
        return await self._get(ops.EVENT_TYPES_LIST, (), given, m.EventTypes)


class AsyncEventLanes(AsyncResource):
    """`client.event_lanes`."""

    __slots__ = ()

    async def list(self, **given: Unpack[p.EventLanesList]) -> m.Lanes:
        """List the workspaces whose events are set aside."""
        return await self._get(ops.EVENT_LANES_LIST, (), given, m.Lanes)

    async def resume(self, service: Id, workspace_id: Id, /, **given: Unpack[p.EventLanesResume]) -> m.Lanes:
        """Let the events of a workspace go on.

        Apply what waits of a workspace, the oldest first, and let it go on."""
        return await self._get(ops.EVENT_LANES_RESUME, (service, workspace_id), given, m.Lanes)

    async def set_aside(self, service: Id, workspace_id: Id, /, **given: Unpack[p.EventLanesSetAside]) -> m.Lanes:
        """Set the events of a workspace aside.

        Let the events of one workspace wait in one service, in their order."""
        return await self._get(ops.EVENT_LANES_SET_ASIDE, (service, workspace_id), given, m.Lanes)


class AsyncEInvoices(AsyncResource):
    """`client.e_invoices`."""

    __slots__ = ()

    def document(self, e_invoice_id: Id, /, **given: Unpack[p.EInvoicesDocument]) -> AsyncFile:
        """Get the document of an e-invoice.

        Get the document as it is sent."""
        return self._file(ops.E_INVOICES_DOCUMENT, (e_invoice_id,), given)

    async def get(self, e_invoice_id: Id, /, **given: Unpack[p.EInvoicesGet]) -> m.EInvoice:
        """Get an e-invoice.

        Get an e-invoice: where it stands, what was found in it, and every state that it was in."""
        return await self._get(ops.E_INVOICES_GET, (e_invoice_id,), given, m.EInvoice)

    def list(self, **given: Unpack[p.EInvoicesList]) -> AsyncListing[m.EInvoice]:
        """List e-invoices.

        List e-invoices, newest first."""
        return self._list(ops.E_INVOICES_LIST, (), given, m.EInvoice)

    async def send(self, **given: Unpack[p.EInvoicesSend]) -> m.EInvoice:
        """Send an e-invoice.

        Validate the document and queue it to be sent; 422 names each rule that it breaks."""
        return await self._get(ops.E_INVOICES_SEND, (), given, m.EInvoice)


class AsyncDunningSettings(AsyncResource):
    """`client.dunning.settings`."""

    __slots__ = ()

    async def get(self, **given: Unpack[p.DunningSettingsGet]) -> m.DunningSettings:
        """Get the settings of the dunning.

        What is done about failed collections."""
        return await self._get(ops.DUNNING_SETTINGS_GET, (), given, m.DunningSettings)

    async def update(self, **given: Unpack[p.DunningSettingsUpdate]) -> m.DunningSettings:
        """Change the settings of the dunning.

        Change it for campaigns that begin from now on; those that run keep their schedule."""
        return await self._get(ops.DUNNING_SETTINGS_UPDATE, (), given, m.DunningSettings)


class AsyncDunning(AsyncResource):
    """`client.dunning`."""

    __slots__ = ()

    @property
    def settings(self) -> AsyncDunningSettings:
        return AsyncDunningSettings(self._transport)

    async def get(self, dunning_id: Id, /, **given: Unpack[p.DunningGet]) -> m.Dunning:
        """Get a dunning campaign.

        Get a campaign with what is left of its schedule."""
        return await self._get(ops.DUNNING_GET, (dunning_id,), given, m.Dunning)

    def list(self, **given: Unpack[p.DunningList]) -> AsyncListing[m.Dunning]:
        """List dunning campaigns.

        List campaigns, newest first."""
        return self._list(ops.DUNNING_LIST, (), given, m.Dunning)

    async def stop(self, dunning_id: Id, /, **given: Unpack[p.DunningStop]) -> m.Dunning:
        """Stop a dunning campaign.

        End a campaign: nothing is retried any more, and its terminal action is not done."""
        return await self._get(ops.DUNNING_STOP, (dunning_id,), given, m.Dunning)


class AsyncDocumentDeliveries(AsyncResource):
    """`client.document_deliveries`."""

    __slots__ = ()

    async def get(self, delivery_id: Id, /, **given: Unpack[p.DocumentDeliveriesGet]) -> m.Delivery:
        """Get any delivery.

        Get one delivery, whatever the document."""
        return await self._get(ops.DOCUMENT_DELIVERIES_GET, (delivery_id,), given, m.Delivery)

    def list(self, **given: Unpack[p.DocumentDeliveriesList]) -> AsyncListing[m.Delivery]:
        """List deliveries of all documents.

        List how documents were sent, newest first; those of quotes for whoever may read quotes."""
        return self._list(ops.DOCUMENT_DELIVERIES_LIST, (), given, m.Delivery)

    async def retry(self, delivery_id: Id, /, **given: Unpack[p.DocumentDeliveriesRetry]) -> m.RetryReply:
        """Try any delivery again.

        Try again what failed, bounced, or never told how it went; the last may then arrive twice."""
        return await self._get(ops.DOCUMENT_DELIVERIES_RETRY, (delivery_id,), given, m.RetryReply)


class AsyncDeliveriesAttempts(AsyncResource):
    """`client.deliveries.attempts`."""

    __slots__ = ()

    def list(self, delivery_id: Id, /, **given: Unpack[p.DeliveriesAttemptsList]) -> AsyncListing[m.Attempt]:
        """List attempts of a delivery.

        The attempts of one delivery, oldest first: what was sent and what came back."""
        return self._list(ops.DELIVERIES_ATTEMPTS_LIST, (delivery_id,), given, m.Attempt)


class AsyncDeliveries(AsyncResource):
    """`client.deliveries`."""

    __slots__ = ()

    @property
    def attempts(self) -> AsyncDeliveriesAttempts:
        return AsyncDeliveriesAttempts(self._transport)

    async def get(self, delivery_id: Id, /, **given: Unpack[p.DeliveriesGet]) -> m.WebhookDelivery:
        """Get a delivery.

        One delivery as it stands now."""
        return await self._get(ops.DELIVERIES_GET, (delivery_id,), given, m.WebhookDelivery)

    def list(self, **given: Unpack[p.DeliveriesList]) -> AsyncListing[m.WebhookDelivery]:
        """List deliveries.

        The pending ones, then those that did not arrive, then those that did; each newest first."""
        return self._list(ops.DELIVERIES_LIST, (), given, m.WebhookDelivery)

    async def resend(self, delivery_id: Id, /, **given: Unpack[p.DeliveriesResend]) -> m.WebhookDelivery:
        """Resend a delivery.

        Try it now, with the same webhook-id, whatever became of it; if that fails, its retries begin anew."""
        return await self._get(ops.DELIVERIES_RESEND, (delivery_id,), given, m.WebhookDelivery)


class AsyncDeadLetters(AsyncResource):
    """`client.dead_letters`."""

    __slots__ = ()

    async def drop(self, service: Id, letter_id: Id, /, **given: Unpack[p.DeadLettersDrop]) -> m.WholeLetter:
        """Drop a dead letter.

        Never apply it, for this reason."""
        return await self._get(ops.DEAD_LETTERS_DROP, (service, letter_id), given, m.WholeLetter)

    async def get(self, service: Id, letter_id: Id, /, **given: Unpack[p.DeadLettersGet]) -> m.WholeLetter:
        """Get a dead letter.

        Show a dead letter with the record in it."""
        return await self._get(ops.DEAD_LETTERS_GET, (service, letter_id), given, m.WholeLetter)

    async def list(self, **given: Unpack[p.DeadLettersList]) -> m.DeadLetters:
        """List dead letters.

        List dead letters: those that wait, unless told otherwise."""
        return await self._get(ops.DEAD_LETTERS_LIST, (), given, m.DeadLetters)

    async def replay(self, service: Id, letter_id: Id, /, **given: Unpack[p.DeadLettersReplay]) -> m.WholeLetter:
        """Replay a dead letter.

        Have the service try it again; it ends as `applied`, or waits again with the new error."""
        return await self._get(ops.DEAD_LETTERS_REPLAY, (service, letter_id), given, m.WholeLetter)


class AsyncCreditNotesDeliveries(AsyncResource):
    """`client.credit_notes.deliveries`."""

    __slots__ = ()

    def list(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesDeliveriesList]) -> AsyncListing[m.Delivery]:
        """List a credit note's deliveries.

        List how the credit note was sent, newest first."""
        return self._list(ops.CREDIT_NOTES_DELIVERIES_LIST, (credit_note_id,), given, m.Delivery)


class AsyncCreditNotes(AsyncResource):
    """`client.credit_notes`."""

    __slots__ = ()

    @property
    def deliveries(self) -> AsyncCreditNotesDeliveries:
        return AsyncCreditNotesDeliveries(self._transport)

    async def documents(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesDocuments]) -> m.PrintedDocuments:
        """Get the documents of a credit note.

        List what a credit note was printed as, and what was found in its data."""
        return await self._get(ops.CREDIT_NOTES_DOCUMENTS, (credit_note_id,), given, m.PrintedDocuments)

    async def get(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesGet]) -> m.CreditNote:
        """Get a credit note.

        Get a credit note with its lines."""
        return await self._get(ops.CREDIT_NOTES_GET, (credit_note_id,), given, m.CreditNote)

    def list(self, **given: Unpack[p.CreditNotesList]) -> AsyncListing[m.CreditNote]:
        """List credit notes.

        List credit notes with their lines, newest first."""
        return self._list(ops.CREDIT_NOTES_LIST, (), given, m.CreditNote)

    async def next_number(self, **given: Unpack[p.CreditNotesNextNumber]) -> m.NextNumber:
        """Get the next number of a credit note.

        The number that the next credit note of this date would get: a preview, never a reservation."""
        return await self._get(ops.CREDIT_NOTES_NEXT_NUMBER, (), given, m.NextNumber)

    def pdf(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesPdf]) -> AsyncFile:
        """Get the PDF of a credit note.

        The credit note as PDF, in the language of its contact."""
        return self._file(ops.CREDIT_NOTES_PDF, (credit_note_id,), given)

    async def send(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesSend]) -> m.Deliveries:
        """Send a credit note.

        Send it by e-mail, with its PDF."""
        return await self._get(ops.CREDIT_NOTES_SEND, (credit_note_id,), given, m.Deliveries)

    def ubl(self, credit_note_id: Id, /, **given: Unpack[p.CreditNotesUbl]) -> AsyncFile:
        """Get the UBL of a credit note.

        The credit note as UBL 2.1 (Peppol BIS Billing 3), validated; 422 names what it lacks or breaks."""
        return self._file(ops.CREDIT_NOTES_UBL, (credit_note_id,), given)


class AsyncCreditBalances(AsyncResource):
    """`client.credit_balances`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.CreditBalancesList]) -> AsyncListing[m.CreditBalanceData]:
        """List credit balances.

        List what the workspace owes its contacts: one balance for each contact and currency."""
        return self._list(ops.CREDIT_BALANCES_LIST, (), given, m.CreditBalanceData)


class AsyncContacts(AsyncResource):
    """`client.contacts`."""

    __slots__ = ()

    async def archive(self, contact_id: Id, /, **given: Unpack[p.ContactsArchive]) -> None:
        """Archive a contact.

        Archive a contact; its documents stay."""
        await self._do(ops.CONTACTS_ARCHIVE, (contact_id,), given)

    async def create(self, **given: Unpack[p.ContactsCreate]) -> m.Contact:
        """Create a contact."""
        return await self._get(ops.CONTACTS_CREATE, (), given, m.Contact)

    async def get(self, contact_id: Id, /, **given: Unpack[p.ContactsGet]) -> m.Contact:
        """Get a contact."""
        return await self._get(ops.CONTACTS_GET, (contact_id,), given, m.Contact)

    def list(self, **given: Unpack[p.ContactsList]) -> AsyncListing[m.Contact]:
        """List contacts.

        List contacts, newest first."""
        return self._list(ops.CONTACTS_LIST, (), given, m.Contact)

    async def update(self, contact_id: Id, /, **given: Unpack[p.ContactsUpdate]) -> m.Contact:
        """Change a contact.

        Change the fields that are given; null clears one."""
        return await self._get(ops.CONTACTS_UPDATE, (contact_id,), given, m.Contact)


class AsyncClientPortal(AsyncResource):
    """`client.client_portal`."""

    __slots__ = ()

    async def get(self, external_id: Id, /, **given: Unpack[p.ClientPortalGet]) -> m.Portal:
        """Get the client portal.

        Contact, summary, invoices, quotes, subscriptions and recent payments of one customer."""
        return await self._get(ops.CLIENT_PORTAL_GET, (external_id,), given, m.Portal)


class AsyncChannelSettings(AsyncResource):
    """`client.channel_settings`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.ChannelSettingsCreate]) -> m.ChannelSetting:
        """Create a channel setting.

        Send through an account of one's own; one for each kind and mode. Secrets are never shown again."""
        return await self._get(ops.CHANNEL_SETTINGS_CREATE, (), given, m.ChannelSetting)

    async def delete(self, setting_id: Id, /, **given: Unpack[p.ChannelSettingsDelete]) -> None:
        """Delete a channel setting.

        Forget the credentials; what is queued goes out through the platform's own server, if it has one."""
        await self._do(ops.CHANNEL_SETTINGS_DELETE, (setting_id,), given)

    async def get(self, setting_id: Id, /, **given: Unpack[p.ChannelSettingsGet]) -> m.ChannelSetting:
        """Get a channel setting.

        Get a setting."""
        return await self._get(ops.CHANNEL_SETTINGS_GET, (setting_id,), given, m.ChannelSetting)

    def list(self, **given: Unpack[p.ChannelSettingsList]) -> AsyncListing[m.ChannelSetting]:
        """List channel settings.

        List settings, newest first."""
        return self._list(ops.CHANNEL_SETTINGS_LIST, (), given, m.ChannelSetting)

    async def update(self, setting_id: Id, /, **given: Unpack[p.ChannelSettingsUpdate]) -> m.ChannelSetting:
        """Change a channel setting.

        Change a setting, its password for instance."""
        return await self._get(ops.CHANNEL_SETTINGS_UPDATE, (setting_id,), given, m.ChannelSetting)


class AsyncBusinessLogo(AsyncResource):
    """`client.business.logo`."""

    __slots__ = ()

    async def delete(self, **given: Unpack[p.BusinessLogoDelete]) -> None:
        """Delete the logo of the business.

        Let new documents show no logo; those that are issued keep the one they had."""
        await self._do(ops.BUSINESS_LOGO_DELETE, (), given)

    def get(self, **given: Unpack[p.BusinessLogoGet]) -> AsyncFile:
        """Get the logo of the business.

        Get the logo that new documents show."""
        return self._file(ops.BUSINESS_LOGO_GET, (), given)

    async def replace(self, **given: Unpack[p.BusinessLogoReplace]) -> m.Business:
        """Replace the logo of the business.

        Upload the logo that new documents show: PNG, JPEG or WebP, at most 512 KiB and 4 million pixels."""
        return await self._get(ops.BUSINESS_LOGO_REPLACE, (), given, m.Business)


class AsyncBusiness(AsyncResource):
    """`client.business`."""

    __slots__ = ()

    @property
    def logo(self) -> AsyncBusinessLogo:
        return AsyncBusinessLogo(self._transport)

    async def get(self, **given: Unpack[p.BusinessGet]) -> m.Business:
        """Get the business.

        Get the seller's profile."""
        return await self._get(ops.BUSINESS_GET, (), given, m.Business)

    async def update(self, **given: Unpack[p.BusinessUpdate]) -> m.Business:
        """Change the business.

        Change the seller's profile; documents that are issued stay as they are."""
        return await self._get(ops.BUSINESS_UPDATE, (), given, m.Business)


class AsyncBankStatements(AsyncResource):
    """`client.bank_statements`."""

    __slots__ = ()

    def list(self, **given: Unpack[p.BankStatementsList]) -> AsyncListing[m.Statement]:
        """List bank statements.

        List the statements of imported files, newest first."""
        return self._list(ops.BANK_STATEMENTS_LIST, (), given, m.Statement)


class AsyncBankLines(AsyncResource):
    """`client.bank_lines`."""

    __slots__ = ()

    async def get(self, line_id: Id, /, **given: Unpack[p.BankLinesGet]) -> m.Line:
        """Get a bank line."""
        return await self._get(ops.BANK_LINES_GET, (line_id,), given, m.Line)

    async def ignore(self, line_id: Id, /, **given: Unpack[p.BankLinesIgnore]) -> m.Line:
        """Ignore a bank line.

        Say that a line settles nothing here: it is the bank's charge, or none of the billing's."""
        return await self._get(ops.BANK_LINES_IGNORE, (line_id,), given, m.Line)

    def list(self, **given: Unpack[p.BankLinesList]) -> AsyncListing[m.Line]:
        """List bank lines.

        List bank lines, newest first: `state=proposed` and `state=unknown` are what waits for a person."""
        return self._list(ops.BANK_LINES_LIST, (), given, m.Line)

    async def match(self, line_id: Id, /, **given: Unpack[p.BankLinesMatch]) -> m.Line:
        """Match a bank line.

        Say what a line's money is for; a payment is registered, unless one that is there is named."""
        return await self._get(ops.BANK_LINES_MATCH, (line_id,), given, m.Line)

    async def undo(self, line_id: Id, /, **given: Unpack[p.BankLinesUndo]) -> m.Line:
        """Undo a bank line.

        Take a decision back: a payment that the match made is voided, and its invoices ask again."""
        return await self._get(ops.BANK_LINES_UNDO, (line_id,), given, m.Line)


class AsyncBankImports(AsyncResource):
    """`client.bank_imports`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.BankImportsCreate]) -> m.Import:
        """Create a bank import.

        Import a bank's file: CAMT.053, MT940, OFX, a known bank's CSV, or a ZIP of them."""
        return await self._get(ops.BANK_IMPORTS_CREATE, (), given, m.Import)

    async def get(self, import_id: Id, /, **given: Unpack[p.BankImportsGet]) -> m.Import:
        """Get a bank import.

        Get an imported file, with how far its lines are."""
        return await self._get(ops.BANK_IMPORTS_GET, (import_id,), given, m.Import)

    def list(self, **given: Unpack[p.BankImportsList]) -> AsyncListing[m.Import]:
        """List bank imports.

        List imported files, newest first."""
        return self._list(ops.BANK_IMPORTS_LIST, (), given, m.Import)


class AsyncBankAccounts(AsyncResource):
    """`client.bank_accounts`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.BankAccountsCreate]) -> m.BankAccount:
        """Create a bank account.

        Add a bank account: files that name it are imported for it."""
        return await self._get(ops.BANK_ACCOUNTS_CREATE, (), given, m.BankAccount)

    async def get(self, account_id: Id, /, **given: Unpack[p.BankAccountsGet]) -> m.BankAccount:
        """Get a bank account."""
        return await self._get(ops.BANK_ACCOUNTS_GET, (account_id,), given, m.BankAccount)

    def list(self, **given: Unpack[p.BankAccountsList]) -> AsyncListing[m.BankAccount]:
        """List bank accounts.

        List bank accounts, newest first."""
        return self._list(ops.BANK_ACCOUNTS_LIST, (), given, m.BankAccount)

    async def update(self, account_id: Id, /, **given: Unpack[p.BankAccountsUpdate]) -> m.BankAccount:
        """Change a bank account.

        Rename or archive a bank account."""
        return await self._get(ops.BANK_ACCOUNTS_UPDATE, (account_id,), given, m.BankAccount)


class AsyncAuditLog(AsyncResource):
    """`client.audit_log`."""

    __slots__ = ()

    async def list(self, **given: Unpack[p.AuditLogList]) -> m.AuditLog:
        """List the audit log.

        List the changes that people and keys made of anything in the workspace, newest first."""
        return await self._get(ops.AUDIT_LOG_LIST, (), given, m.AuditLog)


class AsyncApiKeys(AsyncResource):
    """`client.api_keys`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.ApiKeysCreate]) -> m.CreatedApiKey:
        """Create an API key.

        Create a key of this workspace, which is shown only here."""
        return await self._get(ops.API_KEYS_CREATE, (), given, m.CreatedApiKey)

    async def get(self, key_id: Id, /, **given: Unpack[p.ApiKeysGet]) -> m.ApiKey:
        """Get an API key.

        Get a key, without its secret."""
        return await self._get(ops.API_KEYS_GET, (key_id,), given, m.ApiKey)

    def list(self, **given: Unpack[p.ApiKeysList]) -> AsyncListing[m.ApiKey]:
        """List API keys.

        List keys, newest first."""
        return self._list(ops.API_KEYS_LIST, (), given, m.ApiKey)

    async def revoke(self, key_id: Id, /, **given: Unpack[p.ApiKeysRevoke]) -> None:
        """Revoke an API key.

        Revoke a key, with the scopes that it has: within 30 seconds it opens nothing anywhere."""
        await self._do(ops.API_KEYS_REVOKE, (key_id,), given)

    async def rotate(self, key_id: Id, /, **given: Unpack[p.ApiKeysRotate]) -> m.CreatedApiKey:
        """Rotate an API key.

        Replace a key: the new one, shown only here, has its name and scopes, and both open for a while."""
        return await self._get(ops.API_KEYS_ROTATE, (key_id,), given, m.CreatedApiKey)


class AsyncAllocations(AsyncResource):
    """`client.allocations`."""

    __slots__ = ()

    async def create(self, **given: Unpack[p.AllocationsCreate]) -> m.Allocation:
        """Create an allocation.

        Let unallocated money of a payment settle an invoice of its contact."""
        return await self._get(ops.ALLOCATIONS_CREATE, (), given, m.Allocation)

    async def get(self, allocation_id: Id, /, **given: Unpack[p.AllocationsGet]) -> m.Allocation:
        """Get an allocation.

        Get an allocation by its id or its serial."""
        return await self._get(ops.ALLOCATIONS_GET, (allocation_id,), given, m.Allocation)

    def list(self, **given: Unpack[p.AllocationsList]) -> AsyncListing[m.Allocation]:
        """List allocations.

        List allocations, newest first."""
        return self._list(ops.ALLOCATIONS_LIST, (), given, m.Allocation)

    async def reverse(self, allocation_id: Id, /, **given: Unpack[p.AllocationsReverse]) -> None:
        """Reverse an allocation.

        Reverse an allocation: its invoice asks for the money again, which is unallocated; it stays with 0."""
        await self._do(ops.ALLOCATIONS_REVERSE, (allocation_id,), given)

    async def update(self, allocation_id: Id, /, **given: Unpack[p.AllocationsUpdate]) -> m.Allocation:
        """Change an allocation.

        Give an allocation another amount; more comes from the payment's unallocated money."""
        return await self._get(ops.ALLOCATIONS_UPDATE, (allocation_id,), given, m.Allocation)


class AsyncRoot(AsyncResource):
    """All that a client is asked for."""

    __slots__ = ()

    @property
    def allocations(self) -> AsyncAllocations:
        return AsyncAllocations(self._transport)

    @property
    def api_keys(self) -> AsyncApiKeys:
        return AsyncApiKeys(self._transport)

    @property
    def audit_log(self) -> AsyncAuditLog:
        return AsyncAuditLog(self._transport)

    @property
    def bank_accounts(self) -> AsyncBankAccounts:
        return AsyncBankAccounts(self._transport)

    @property
    def bank_imports(self) -> AsyncBankImports:
        return AsyncBankImports(self._transport)

    @property
    def bank_lines(self) -> AsyncBankLines:
        return AsyncBankLines(self._transport)

    @property
    def bank_statements(self) -> AsyncBankStatements:
        return AsyncBankStatements(self._transport)

    @property
    def business(self) -> AsyncBusiness:
        return AsyncBusiness(self._transport)

    @property
    def channel_settings(self) -> AsyncChannelSettings:
        return AsyncChannelSettings(self._transport)

    @property
    def client_portal(self) -> AsyncClientPortal:
        return AsyncClientPortal(self._transport)

    @property
    def contacts(self) -> AsyncContacts:
        return AsyncContacts(self._transport)

    @property
    def credit_balances(self) -> AsyncCreditBalances:
        return AsyncCreditBalances(self._transport)

    @property
    def credit_notes(self) -> AsyncCreditNotes:
        return AsyncCreditNotes(self._transport)

    @property
    def dead_letters(self) -> AsyncDeadLetters:
        return AsyncDeadLetters(self._transport)

    @property
    def deliveries(self) -> AsyncDeliveries:
        return AsyncDeliveries(self._transport)

    @property
    def document_deliveries(self) -> AsyncDocumentDeliveries:
        return AsyncDocumentDeliveries(self._transport)

    @property
    def dunning(self) -> AsyncDunning:
        return AsyncDunning(self._transport)

    @property
    def e_invoices(self) -> AsyncEInvoices:
        return AsyncEInvoices(self._transport)

    @property
    def event_lanes(self) -> AsyncEventLanes:
        return AsyncEventLanes(self._transport)

    @property
    def event_types(self) -> AsyncEventTypes:
        return AsyncEventTypes(self._transport)

    @property
    def events(self) -> AsyncEvents:
        return AsyncEvents(self._transport)

    @property
    def explain(self) -> AsyncExplain:
        return AsyncExplain(self._transport)

    @property
    def invoice_lines(self) -> AsyncInvoiceLines:
        return AsyncInvoiceLines(self._transport)

    @property
    def invoices(self) -> AsyncInvoices:
        return AsyncInvoices(self._transport)

    @property
    def ledger(self) -> AsyncLedger:
        return AsyncLedger(self._transport)

    @property
    def memberships(self) -> AsyncMemberships:
        return AsyncMemberships(self._transport)

    @property
    def message_templates(self) -> AsyncMessageTemplates:
        return AsyncMessageTemplates(self._transport)

    @property
    def messages(self) -> AsyncMessages:
        return AsyncMessages(self._transport)

    @property
    def meters(self) -> AsyncMeters:
        return AsyncMeters(self._transport)

    @property
    def payment_methods(self) -> AsyncPaymentMethods:
        return AsyncPaymentMethods(self._transport)

    @property
    def payments(self) -> AsyncPayments:
        return AsyncPayments(self._transport)

    @property
    def prices(self) -> AsyncPrices:
        return AsyncPrices(self._transport)

    @property
    def products(self) -> AsyncProducts:
        return AsyncProducts(self._transport)

    @property
    def provider_connections(self) -> AsyncProviderConnections:
        return AsyncProviderConnections(self._transport)

    @property
    def quotes(self) -> AsyncQuotes:
        return AsyncQuotes(self._transport)

    @property
    def receivables(self) -> AsyncReceivables:
        return AsyncReceivables(self._transport)

    @property
    def refunds(self) -> AsyncRefunds:
        return AsyncRefunds(self._transport)

    @property
    def reminder_settings(self) -> AsyncReminderSettings:
        return AsyncReminderSettings(self._transport)

    @property
    def renewal_runs(self) -> AsyncRenewalRuns:
        return AsyncRenewalRuns(self._transport)

    @property
    def sandbox(self) -> AsyncSandbox:
        return AsyncSandbox(self._transport)

    @property
    def subscriptions(self) -> AsyncSubscriptions:
        return AsyncSubscriptions(self._transport)

    @property
    def usage(self) -> AsyncUsage:
        return AsyncUsage(self._transport)

    @property
    def usage_events(self) -> AsyncUsageEvents:
        return AsyncUsageEvents(self._transport)

    @property
    def usage_rejections(self) -> AsyncUsageRejections:
        return AsyncUsageRejections(self._transport)

    @property
    def waiting_billings(self) -> AsyncWaitingBillings:
        return AsyncWaitingBillings(self._transport)

    @property
    def webhook_endpoints(self) -> AsyncWebhookEndpoints:
        return AsyncWebhookEndpoints(self._transport)

    @property
    def workspaces(self) -> AsyncWorkspaces:
        return AsyncWorkspaces(self._transport)
