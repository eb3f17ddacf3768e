"""Payment methods heard: what waited for a new one is retried at once."""

from services.subscription_renewal.copies.domain.payment_method import PaymentMethodCopy
from services.subscription_renewal.dunning.operations import campaigns as operations
from shared.events.payment_method import PaymentMethodCreated, PaymentMethodDeleted, PaymentMethodUpdated
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(PaymentMethodCreated, PaymentMethodUpdated, PaymentMethodDeleted)
async def retry_with_method(
    unit: Unit, event: PaymentMethodCreated | PaymentMethodUpdated | PaymentMethodDeleted
) -> None:
    """A method of the workspace itself is nobody's new one."""
    if event.data.contact_id:
        copy = PaymentMethodCopy.of(event.workspace_id, event.data.contact_id, event.data)
        await operations.note_payment_method(await workspaces.work_of(unit, event.workspace_id), copy)
