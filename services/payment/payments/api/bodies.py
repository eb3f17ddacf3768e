"""What callers may send about payments."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.payment.payments.domain.registration import Registration, Target
from shared.http.fields import MAX_MINOR, Body, Currency, Day, ExactDecimal, LongText, PositiveMinor
from shared.kernel.errors import Invalid

MAX_ALLOCATIONS = 100
# No currency has more than 4 decimals; what a given currency lacks is refused once it is known.
PositiveMajor = Annotated[ExactDecimal, Field(gt=0, le=MAX_MINOR, max_digits=28, decimal_places=12)]
Method = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AllocationFields(Body):
    """So much of the payment for this invoice, in minor units."""

    invoice_id: UUID
    amount_minor: PositiveMinor


class NewPayment(Body):
    """Money that came in: for one invoice, for several, or for a contact's credit balance."""

    invoice_id: UUID | None = Field(None, description="The invoice that it settles, as far as it goes.")
    allocations: Annotated[list[AllocationFields], Field(min_length=1, max_length=MAX_ALLOCATIONS)] | None = (
        None
    )
    contact_id: UUID | None = Field(None, description="Whose credit balance it goes into.")
    amount_minor: PositiveMinor | None = Field(
        None, description="In minor units; with allocations, their sum where no amount is given."
    )
    amount: PositiveMajor | None = Field(None, description="Instead: in major units.", examples=["339.00"])
    currency: Currency | None = Field(None, description="ISO 4217; the invoice's where not given.")
    method: Method = "other"
    external_reference: Reference | None = Field(None, description="Unique with its method.")
    paid_on: Day | None = Field(None, description="Today in the workspace's zone where not given.")
    note: LongText | None = None
    allocate: Literal["oldest_first"] | None = Field(
        None,
        description="With contact_id: settle the contact's invoices in the order in which they are due; "
        "otherwise the money stays in the credit balance.",
    )

    def registration(self) -> Registration:
        """The same in the words of the domain; raises Invalid where fields contradict each other."""
        self._check_named()
        self._check_amount()
        return Registration(
            targets=self._targets(),
            contact_id=self.contact_id,
            amount_minor=self.amount_minor,
            amount=self.amount,
            currency=self.currency,
            method=self.method,
            external_reference=self.external_reference,
            paid_on=self.paid_on,
            note=self.note,
            takes_oldest_due=self.allocate is not None,
        )

    def kind(self) -> str:
        """What the caller named: `invoice`, `allocations` or `contact`."""
        if self.allocations is not None:
            return "allocations"
        return "invoice" if self.invoice_id else "contact"

    def _check_named(self) -> None:
        names = [
            name for name in ("invoice_id", "allocations", "contact_id") if getattr(self, name) is not None
        ]
        if not names:
            raise Invalid("Give invoice_id, allocations or contact_id.", field="invoice_id")
        if len(names) > 1:
            raise Invalid(f"Give {names[0]} or {names[1]}, not both.", field=names[1])
        if self.allocate and self.contact_id is None:
            raise Invalid("Only money of a contact_id can look for its invoices.", field="allocate")

    def _check_amount(self) -> None:
        if self.amount is not None and self.amount_minor is not None:
            raise Invalid("Give amount_minor or amount, not both.", field="amount")
        if self.amount is None and self.amount_minor is None and self.allocations is None:
            raise Invalid("Give amount_minor or amount.", field="amount_minor")

    def _targets(self) -> tuple[Target, ...]:
        if self.invoice_id is not None:
            return (Target(self.invoice_id, None, "invoice_id"),)
        return tuple(
            Target(allocation.invoice_id, allocation.amount_minor, f"allocations.{index}.invoice_id")
            for index, allocation in enumerate(self.allocations or ())
        )
