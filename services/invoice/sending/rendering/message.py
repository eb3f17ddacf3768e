"""What is said with a document: the values of a template's variables, in the reader's language."""

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


def compose(
    texts: Texts | None,
    kind: str,
    channel: str,
    model: PrintModel,
    today: date,
    public_url: str | None = None,
    message: str | None = None,
) -> Texts:
    """The message with its document's values: by these texts, else by ours. `model` is the current one.

    Raises InvalidTemplate for texts that cannot be used any more.
    """
    language = language_of(model.buyer.locale)
    texts = texts or message_defaults.default_texts(kind, channel, language)
    made = rules.render(texts, variable_values(model, today, public_url, message))
    return Texts(sms_text.to_gsm_7(made.body)) if channel == "sms" else made


def variable_values(
    model: PrintModel, today: date, public_url: str | None, message: str | None
) -> dict[str, str]:
    """Every variable's value; empty where the document has none."""
    form = Formatter(language_of(model.buyer.locale))
    due = model.due_minor if model.kind == "invoice" else 0
    overdue = (today - model.due_date).days if model.due_date and due else 0
    reference = payment_code.creditor_reference(model.number or "") or model.number or ""
    # Whoever pays what is collected as well pays twice: no account is named then.
    is_to_pay = bool(due) and not model.is_collected
    found = {
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
        "public_url": public_url,
        "message": message,
    }
    days = {name: getattr(model, name) for name in ("issue_date", "due_date", "valid_until")}
    found |= {name: form.date(day) if day else None for name, day in days.items()}
    return {name: found[name] or "" for name in rules.VARIABLES}
