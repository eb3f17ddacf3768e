"""How names of the API become names of a language."""

import re


def camel(name: str) -> str:
    """`invoice_has_no_lines` is `InvoiceHasNoLines`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[._-]", name) if word)


def lower_camel(name: str) -> str:
    """`credit_notes` is `creditNotes`."""
    whole = camel(name)
    return whole[:1].lower() + whole[1:]


def sentence(text: str) -> str:
    """The first paragraph of a text, in one line."""
    return " ".join(text.strip().partition("\n\n")[0].split())
