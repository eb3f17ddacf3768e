"""Elements of a camt file by their local names, and the values in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from lxml import etree

from services.payment.bank_files.domain.statement import UnreadableFile
from shared.kernel.money import TooManyDecimals, UnknownCurrency, to_minor

MAX_MINOR = 2**53
"""No amount of a file is larger: what JSON's readers take exactly."""


class Element:
    """An element whose children are asked for by local name, whatever their namespace."""

    __slots__ = ("_children", "name", "node")

    def __init__(self, node: etree._Element) -> None:
        self.node = node
        self.name = local_name(node)
        self._children: dict[str, list[Element]] | None = None

    def all(self, name: str) -> list[Element]:
        """Its children of that name, in order."""
        if self._children is None:
            self._children = {}
            for child in self.node.iterchildren(etree.Element):
                self._children.setdefault(local_name(child), []).append(Element(child))
        return self._children.get(name, [])

    def first(self, *path: str) -> Element | None:
        """The first descendant by this path of names."""
        found: Element | None = self
        for name in path:
            if found is None:
                return None
            found = next(iter(found.all(name)), None)
        return found

    def text(self, *path: str) -> str | None:
        """The text of that descendant without the space around it; None where it is empty or not there."""
        found = self.first(*path)
        return (" ".join((found.node.text or "").split()) or None) if found is not None else None

    def texts(self, *path: str) -> Iterator[str]:
        """The texts of all descendants by this path of names."""
        if len(path) > 1:
            for child in self.all(path[0]):
                yield from child.texts(*path[1:])
        else:
            yield from (text for child in self.all(path[0]) if (text := child.text()))

    def fail(self, what: str) -> NoReturn:
        """Raise UnreadableFile, naming the element and its line."""
        line = self.node.sourceline
        raise UnreadableFile(f"{self.name} in line {line}: {what}", field="file", line=line)


_LOCAL: dict[str, str] = {}


def local_name(node: etree._Element) -> str:
    """The name of the element without its namespace."""
    tag = str(node.tag)
    name = _LOCAL.get(tag)
    if name is None:
        name = tag.rpartition("}")[2]
        # A hostile file could fill it with names of its own.
        if len(_LOCAL) < 10_000:
            _LOCAL[tag] = name
    return name


def read_day(element: Element | None) -> date | None:
    """The day of a `Dt` or `DtTm` within; the bank's own day, whatever its zone."""
    if element is None:
        return None
    text = element.text("Dt") or element.text("DtTm") or element.text() or ""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        element.fail(f"{text[:40]!r} is no day")


def read_amount(element: Element) -> tuple[int, str]:
    """Minor units, 0 or more, and the currency of an amount."""
    currency = element.node.get("Ccy") or ""
    return read_minor(element, currency), currency


def read_minor(element: Element, currency: str) -> int:
    """The element's number as minor units of the currency, 0 or more."""
    text = element.text() or ""
    try:
        # An exponent or more digits than money has would cost time before they are refused.
        amount = Decimal(text) if len(text) <= 30 and "e" not in text.lower() else None
        if amount is None or not amount.is_finite() or amount < 0:
            raise InvalidOperation
        minor = to_minor(amount, currency)
    except InvalidOperation:
        element.fail(f"{text[:40]!r} is no amount")
    except UnknownCurrency:
        element.fail(f"{currency[:10]!r} is no currency of ISO 4217")
    except TooManyDecimals:
        element.fail(f"{text[:40]!r} has more decimals than {currency} has")
    if minor > MAX_MINOR:
        element.fail(f"{text[:40]!r} is more than an amount can be")
    return minor
