"""Message templates: a workspace's own wording of what is sent, with nothing in it but flat variables.

Jinja2 with conditions and a few filters. Loops, calls, attributes and arithmetic are refused when a template
is stored, so none can reach an object, the file system, or much time; the sandbox is the second wall.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.unset import UNSET, Unset, applied

TemplateKind = Literal["invoice", "reminder_1", "reminder_2", "reminder_3", "quote", "credit_note"]
TemplateChannel = Literal["email", "sms"]
TEXTS = ("subject", "html", "body")
VARIABLES: Mapping[str, str] = {
    "customer_name": "The contact's name.",
    "business_name": "Yours.",
    "business_email": "Yours; empty where the business profile has none.",
    "business_phone": "Yours; empty where the business profile has none.",
    "number": "The document's number.",
    "issue_date": "Its date, with the month in words.",
    "due_date": "When an invoice is due; empty for others.",
    "days_overdue": "How many days ago that was; empty while it is not late.",
    "valid_until": "The last day of a quote; empty for others.",
    "total": "Its total with its currency.",
    "amount_due": "What remains to be paid of an invoice; empty where nothing does.",
    "amount_paid": "What was paid of an invoice; empty where nothing was.",
    "amount_credited": "What credit notes took back of an invoice; empty where none did.",
    "collection_amount": "What of it is collected automatically; empty where the customer pays.",
    "reference": "The customer's reference; empty where there is none.",
    "credited_number": "The number of the invoice that a credit note takes back; empty for others.",
    "iban": "Where an invoice is paid to; empty where the business profile has none.",
    "payment_reference": "What the payer is to quote; empty where nothing is to be paid.",
    "public_url": "Where an invoice can be seen and paid; empty for others.",
    "message": "What was said for this sending alone; mostly empty.",
}
"""What a template may name, each a text; every one is there always, if empty."""
MAX_EXPRESSIONS = 300
"""Variables, conditions and their ends, of one text."""
MAX_TOKENS = 40
"""Of one of them; the parser's work grows with it."""
MAX_TOKENS_OF_ALL = 1_200
"""Of one text: it takes a few hundredths of a second to compile that many."""
MAX_DEPTH = 10
"""Of filters on filters and conditions in conditions: the compiler's work grows with its cube."""
MAX_OUTPUT = 256 * 1024
"""Characters of one text once its variables are filled in."""
_FILTERS = frozenset({"upper", "lower", "capitalize", "title", "trim", "default", "d", "e", "escape"})
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Filter,
)


class MessageTemplateExists(Conflict):
    """There is a template for this kind, channel and locale: change or delete it."""

    code = "message_template_exists"


class InvalidTemplate(Invalid):
    """The template cannot be used."""

    code = "invalid_template"


@dataclass(frozen=True, slots=True)
class Texts:
    """What is said: an SMS has a body alone, an e-mail a subject, a text body and mostly html."""

    body: str
    subject: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """What a wording is for; a workspace has one of its own for each use at most."""

    kind: str
    channel: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsEdit:
    """Which texts of a template are to change."""

    subject: str | Unset = UNSET
    html: str | Unset | None = UNSET
    body: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """The wording of one kind of message in one language, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: str
    channel: str
    locale: str
    subject: str | None
    html: str | None
    body: str

    @property
    def texts(self) -> Texts:
        """Its wording."""
        return Texts(self.body, self.subject, self.html)


def new_template(workspace_id: UUID, use: TemplateUse, texts: Texts, now: datetime) -> MessageTemplate:
    """A new template; raises InvalidTemplate naming the field."""
    check(texts, use.channel)
    return MessageTemplate(
        workspace_id=workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        kind=use.kind,
        channel=use.channel,
        locale=use.locale,
        subject=texts.subject,
        html=texts.html,
        body=texts.body,
    )


def change_template(template: MessageTemplate, edit: TextsEdit, now: datetime) -> MessageTemplate:
    """The template with these texts, itself for an empty edit; raises InvalidTemplate naming the field."""
    edited = applied(edit, to=template)
    if edited is template:
        return template
    check(edited.texts, edited.channel)
    return replace(edited, version=template.version + 1, updated_at=now)


def check(texts: Texts, channel: str) -> None:
    """Raise InvalidTemplate, naming the field and what is wrong with it, unless the texts can be used."""
    if channel == "sms" and (texts.subject is not None or texts.html is not None):
        raise InvalidTemplate("An SMS has a body alone.", field="subject" if texts.subject else "html")
    if channel == "email" and not texts.subject:
        raise InvalidTemplate("An e-mail needs a subject.", field="subject")
    for name in TEXTS:
        if source := getattr(texts, name):
            _check_source(source, name)


def render(texts: Texts, values: Mapping[str, str]) -> Texts:
    """The texts with these values for all variables; what goes into html is escaped.

    Raises InvalidTemplate for a template that was never checked.
    """
    try:
        return Texts(
            body=_render_text(_PLAIN, texts.body, values, "body"),
            subject=_render_text(_PLAIN, texts.subject, values, "subject") if texts.subject else None,
            html=_render_text(_HTML, texts.html, values, "html") if texts.html else None,
        )
    except TemplateError as error:
        raise InvalidTemplate(f"The template cannot be used: {error}") from error


def _render_text(
    new_environment: SandboxedEnvironment, source: str, values: Mapping[str, str], field: str
) -> str:
    text = new_environment.from_string(source).render(values)
    if len(text) > MAX_OUTPUT:
        raise InvalidTemplate(f"The text would have more than {MAX_OUTPUT} characters.", field=field)
    return text


def new_environment(*, escapes: bool) -> SandboxedEnvironment:
    """Where templates are rendered: no unsafe attribute can be read, no unknown name stays silent."""
    environment = SandboxedEnvironment(autoescape=escapes, undefined=StrictUndefined, cache_size=500)
    environment.globals.clear()
    return environment


_HTML = new_environment(escapes=True)
_PLAIN = new_environment(escapes=False)


def _check_source(source: str, field: str) -> None:
    try:
        _require_few_tokens(source, field)
        tree = _PLAIN.parse(source)
    except TemplateSyntaxError as error:
        raise InvalidTemplate(f"Line {error.lineno}: {error.message}", field=field) from error
    _require_flat(tree, field, 0)
    for node in tree.find_all(nodes.Node):
        _check_node(node, field)


def _require_few_tokens(source: str, field: str) -> None:
    """Before anything is parsed: reading tokens takes time that grows with the source alone."""
    expressions = tokens = tokens_of_all = 0
    for line, kind, _ in _PLAIN.lex(source):
        if kind in ("variable_begin", "block_begin"):
            expressions, tokens = expressions + 1, 0
        elif kind not in ("data", "whitespace"):
            tokens, tokens_of_all = tokens + 1, tokens_of_all + 1
        if expressions > MAX_EXPRESSIONS or tokens_of_all > MAX_TOKENS_OF_ALL:
            raise InvalidTemplate("Too many variables, conditions and filters in one text.", field=field)
        if tokens > MAX_TOKENS:
            raise InvalidTemplate(f"Line {line}: a condition or variable with too many parts.", field=field)


def _require_flat(node: nodes.Node, field: str, depth: int) -> None:
    """Before anything is compiled. The tree is one that the parser could make, so its depth is bounded."""
    if depth > MAX_DEPTH:
        raise InvalidTemplate(
            f"Line {node.lineno}: filters and conditions stand in each other more than {MAX_DEPTH} deep.",
            field=field,
        )
    for child in node.iter_child_nodes():
        _require_flat(child, field, depth + 1)


def _check_node(node: nodes.Node, field: str) -> None:
    if not isinstance(node, _ALLOWED):
        what = type(node).__name__.lower()
        raise InvalidTemplate(
            f"Line {node.lineno}: only variables, conditions and filters can be used, no {what}.", field=field
        )
    if isinstance(node, nodes.Name) and node.name not in VARIABLES:
        names = ", ".join(VARIABLES)
        raise InvalidTemplate(
            f"Line {node.lineno}: there is no variable {node.name}; there are {names}.", field=field
        )
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        names = ", ".join(sorted(_FILTERS))
        raise InvalidTemplate(
            f"Line {node.lineno}: there is no filter {node.name}; there are {names}.", field=field
        )
