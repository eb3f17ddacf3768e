"""What is said with a document: the values of a template's variables, in the reader's language."""

from dataclasses import dataclass
from datetime import date

from stdnum import iban as iban_rules

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import payment_code
from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.wording import language_of
from services.invoice.sending.domain import message_template as rules
from services.invoice.sending.domain import sms_text
from services.invoice.sending.domain.message_template import Texts
from services.invoice.sending.rendering import message_defaults


@dataclass(frozen=True, slots=True)
class MessageSubject:
    """What a message is about: a document as it is now, and what is said of it this once.

    `kind` is the document's, or `reminder_1` to `reminder_3`; `channel` is `email` or `sms`.
    """

    kind: str
    channel: str
    model: PrintModel
    today: date
    public_url: str | None = None
    message: str | None = None

    @property
    def language(self) -> str:
        """That of the reader."""
        return language_of(self.model.buyer.locale)


def compose(texts: Texts | None, about: MessageSubject) -> Texts:
    """The message with its document's values: by these texts, else by ours.

    Raises InvalidTemplate for texts that cannot be used any more.
    """
    texts = texts or message_defaults.default_texts(about.kind, about.channel, about.language)
    message = rules.render(texts, variable_values(about))
    return Texts(sms_text.to_gsm_7(message.body)) if about.channel == "sms" else message


def variable_values(about: MessageSubject) -> dict[str, str]:
    """Every variable's value; empty where the document has none."""
    model, today = about.model, about.today
    form = Formatter(about.language)
    due = model.due_minor if model.kind == "invoice" else 0
    overdue = (today - model.due_date).days if model.due_date and due else 0
    reference = payment_code.creditor_reference(model.number or "") or model.number or ""
    # Whoever pays what is collected as well pays twice: no account is named then.
    is_to_pay = bool(due) and not model.is_collected
    values = {
        "customer_name": model.buyer.name,
        "business_name": model.seller.name,
        "business_email": model.seller.email,
        "business_phone": model.seller.phone,
        "number": model.number,
        "total": form.money(model.total_minor, model.currency),
        "amount_due": form.money(due, model.currency) if due else None,
        "amount_paid": form.money(model.paid_minor, model.currency) if model.paid_minor else None,
        "amount_credited": form.money(model.credited_minor, model.currency) if model.credited_minor else None,
        "collection_amount": form.money(due, model.currency) if due and model.is_collected else None,
        "days_overdue": str(overdue) if overdue > 0 else None,
        "reference": model.reference,
        "credited_number": model.credited_number,
        "iban": iban_rules.format(model.seller.iban) if model.seller.iban and is_to_pay else None,
        "payment_reference": reference if is_to_pay else None,
        "public_url": about.public_url,
        "message": about.message,
    }
    days = {name: getattr(model, name) for name in ("issue_date", "due_date", "valid_until")}
    values |= {name: form.date(day) if day else None for name, day in days.items()}
    return {name: values[name] or "" for name in rules.VARIABLES}
