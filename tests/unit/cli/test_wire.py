"""What goes over the wire, and what comes of a connection that does not hold."""

import json
import time
from typing import Any

import pytest
from blg.api import Api, RawJson
from blg.config import Profile
from blg.errors import NOT_ALLOWED, NotReachable, Refused

from tests.unit.cli.scripted import CUT_SHORT, HANG_UP, Step, serving


def an_api(url: str, **more: Any) -> Api:
    return Api(Profile("test", url, "blg_test_key"), timeout_seconds=2, **more)


@pytest.mark.parametrize(
    "script",
    [
        (HANG_UP, (201, {"id": 1})),
        (CUT_SHORT, (201, {"id": 1})),
        ((503, {}), (502, {}), (504, {}), (201, {"id": 1})),
        ((429, {}, {"retry-after": "0"}), (201, {"id": 1})),
        ((409, {"code": "idempotency_key_in_flight"}), (201, {"id": 1})),
        ((408, {}), (201, {"id": 1})),
    ],
    ids=["hung up", "cut short", "away", "too many", "in flight", "too slow"],
)
def test_a_post_is_sent_again_with_its_own_key(script: tuple[Step, ...]) -> None:
    with serving(*script) as server:
        said = an_api(server.url).post("/v1/contacts", {"name": "Éé"})

    assert said == {"id": 1}
    assert len(server.asked) == len(script)
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert {asked.body for asked in server.asked} == {'{"name": "Éé"}'.encode()}
    assert server.asked[0].headers["x-api-key"] == "blg_test_key"
    assert server.asked[0].headers["billing-sdk"].startswith("cli/")


def test_a_change_is_not_sent_twice_and_a_refusal_not_at_all_again() -> None:
    with serving(HANG_UP) as server, pytest.raises(NotReachable):
        an_api(server.url).ask("PATCH", "/v1/contacts/1", body={})
    problem = {
        "detail": "No.",
        "code": "nope",
        "errors": [{"pointer": "/a", "message": "b"}],
        "request_id": "r",
    }
    with serving((422, problem)) as refusing, pytest.raises(Refused) as caught:
        an_api(refusing.url).post("/v1/contacts", {})
    with serving((429, {"code": "proved_just_now", "detail": "Wait."}, {"retry-after": "60"})) as once:
        with pytest.raises(Refused):
            an_api(once.url).post("/v1/ledger/proofs")
    with serving((403, {"detail": "No scope."})) as forbidding, pytest.raises(Refused) as forbidden:
        an_api(forbidding.url).get("/v1/contacts")

    assert [len(one.asked) for one in (server, refusing, once, forbidding)] == [1, 1, 1, 1]
    assert str(caught.value) == "No.\n  /a: b\n  request r"
    assert forbidden.value.exit_code == NOT_ALLOWED


def test_retry_after_is_waited_for_and_five_tries_are_enough() -> None:
    slept: list[float] = []
    with serving((503, {}, {"retry-after": "7"})) as server, pytest.raises(NotReachable):
        an_api(server.url, sleep=slept.append).get("/v1/contacts")
    with pytest.raises(NotReachable, match="does not answer"):
        an_api("http://127.0.0.1:1", sleep=slept.append).get("/v1/contacts")

    assert len(server.asked) == 5
    assert slept[:4] == [7.0] * 4
    assert all(pause <= 0.2 for pause in slept[4:])


def test_a_query_in_the_path_stays_and_lists_go_on_by_cursor() -> None:
    pages = [
        (200, {"data": [{"id": 1}, {"id": 2}], "meta": {"next_cursor": "c"}}),
        (200, {"data": [{"id": 3}], "meta": {"next_cursor": None}}),
    ]
    with serving((200, {})) as server:
        an_api(server.url).get("/v1/payments?invoice_id=7")
    with serving(*pages) as listing:
        rows = list(
            an_api(listing.url).rows("/v1/contacts", q="a b", tag=["x", "y"], archived=True, none=None)
        )

    assert server.asked[0].target == "/v1/payments?invoice_id=7"
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert listing.asked[0].target == "/v1/contacts?q=a+b&tag=x&tag=y&archived=true&limit=100"
    assert "cursor=c" in listing.asked[1].target


def test_what_somebody_wrote_goes_out_as_it_was_written_and_no_number_is_rounded() -> None:
    text = '{"rate": 1.10, "big": 12345678901234567890.123456789}'
    with serving((200, text.encode())) as server:
        said = an_api(server.url).post("/v1/messages", RawJson(text, json.loads(text)))

    assert server.asked[0].body == text.encode()
    assert said == {"rate": "1.10", "big": "12345678901234567890.123456789"}


def test_a_key_is_in_no_repr_and_in_no_error() -> None:
    api = an_api("http://127.0.0.1:1", retries=0)
    with pytest.raises(NotReachable) as caught:
        api.get("/v1/contacts")

    assert "blg_test_key" not in f"{api!r} {api.profile!r} {caught.value!r} {caught.value}"


def test_a_slow_answer_is_given_up() -> None:
    def wait(_: Any) -> tuple[int, Any]:
        time.sleep(3)
        return 200, {}

    with serving(wait) as server, pytest.raises(NotReachable, match="ReadTimeout"):
        an_api(server.url, retries=0).ask("GET", "/v1/contacts", timeout_seconds=0.2)
