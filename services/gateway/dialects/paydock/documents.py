"""What invoices, quotes and subscriptions have in common: found by word and customer, moved on by a word."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Ask, Call, Translation, asked, reply_with
from services.gateway.dialects.paydock import words
from services.gateway.dialects.paydock.fields import CONTACT_ID, LIMIT, OFFSET, page, part_of_list
from shared.kernel.errors import Invalid

Shape = Callable[[Any], BaseModel]
FILTERS = (CONTACT_ID, LIMIT, OFFSET)


def listing(
    path: str, to_reply: Shape, filters: Mapping[str, list[tuple[str, str | int]]]
) -> Callable[[Call], Translation]:
    """The operation that lists; `filters` has our query for each word."""

    def list_(call: Call) -> Translation:
        query = part_of_list(call)
        if word := call.one("status"):
            query += words.require(word, filters)
        if contact_id := call.one_id("contact_id"):
            query.append(("contact_id", contact_id))
        ours = yield Ask("GET", path, query)
        return page(call, ours, [to_reply(one) for one in ours.body["data"]])

    return list_


def moving(
    path: str, to_reply: Shape, statuses: Mapping[str, str], moves: Mapping[str, tuple[str, Any]]
) -> Callable[[Call], Translation]:
    """The operation that gives it a word; `moves` has our verb and body for each that can be set."""

    def update(call: Call) -> Translation:
        word: str = call.body.status
        words.require(word, statuses)
        ours = yield Ask("GET", f"{path}/{call.id}")
        if words.word_of(statuses, ours.body["status"]) != word:
            if word not in moves:
                raise Invalid(f"It is not set to {word}.", field="status")
            verb, body = moves[word]
            ask = Ask("POST", f"{path}/{call.id}/{verb}", body=body)
            ours = yield from asked(ask, lambda pointer: "/status")
        return reply_with(to_reply(ours.body))

    return update
