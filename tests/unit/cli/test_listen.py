"""`blg listen` against a scripted feed and a scripted target: every event once, in order, signed."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from blg import config, feed
from blg.commands import listen
from blg.config import Profile
from blg.errors import WrongUsage
from blg.main import main
from standardwebhooks import Webhook

from tests.unit.cli.scripted import HANG_UP, Asked, serving


def an_event(number: int, resend: bool = False) -> str:
    mark = '"resend":true,' if resend else ""
    return (
        f'{{"id":"msg_{number}","subject":"s",{mark}"type":"order.packed","timestamp":"2026-11-01T00:00:00Z",'
        f'"data":{{"rate":1.10,"text":"a ], \\"type\\": b","number":{number}}}}}'
    )


def a_feed(*numbers: int, cursor: str = "c", has_more: bool = False, skipped: int = 0) -> bytes:
    meta = {"limit": 100, "next_cursor": cursor, "has_more": has_more, "skipped_count": skipped}
    return f'{{"data":[{",".join(map(an_event, numbers))}],"meta":{json.dumps(meta)}}}'.encode()


def listening(url: str, *more: str) -> int:
    return main(["listen", "--base-url", url, "-q", *more])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLG_API_KEY", "blg_test_key")
    monkeypatch.setattr(listen, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("blg.api.Api.sleep", lambda self, seconds: None, raising=False)


def test_the_feed_is_read_with_each_body_byte_for_byte() -> None:
    text = a_feed(1, 2, cursor="next", has_more=True, skipped=3).decode()

    piece = feed.read(text)

    assert (piece.cursor, piece.has_more, piece.skipped_count) == ("next", True, 3)
    assert [event.id for event in piece.events] == ["msg_1", "msg_2"]
    assert piece.events[0].body == an_event(1).replace('"id":"msg_1","subject":"s",', "").encode()
    assert feed.read(a_feed().decode()).events == []
    [again] = feed.read(
        f'{{"data":[{an_event(7, True)}],"meta":{{"next_cursor":"c","has_more":false,"skipped_count":0}}}}'
    ).events
    assert (again.is_resend, b"resend" in again.body) == (True, False)


def test_events_go_to_the_target_signed_once_and_in_order_over_a_kill(folder: Path) -> None:
    with serving((204, b"")) as target:
        with serving(
            (200, a_feed(cursor="c0")), HANG_UP, (503, {}), (200, a_feed(1, 2, 3, cursor="c1"))
        ) as first:
            # Leaving within a piece is as a kill there: what was done is stored event by event.
            assert listening(first.url, f"{target.url}/hook?a=b", "--exit-after", "2") == 0
        config.store(
            moved := config.memory_file(Profile("default", "second", origin="environment"), "listen"), "{}"
        )
        memory = json.loads(next((folder / "listen").glob("*127*")).read_text())
        with serving((200, a_feed(1, 2, 3, cursor="c1")), (200, a_feed(4, cursor="c2"))) as second:
            place = config.memory_file(Profile("default", second.url), "listen")
            config.store(place, json.dumps(memory))
            assert listening(second.url, f"{target.url}/hook?a=b", "--exit-after", "2") == 0

    assert moved.exists()
    assert [asked.headers["webhook-id"] for asked in target.asked] == ["msg_1", "msg_2", "msg_3", "msg_4"]
    assert {asked.target for asked in target.asked} == {"/hook?a=b"}
    assert memory["done"] == ["msg_1", "msg_2"]
    assert "after=c0" in second.asked[0].target
    assert "wait=25" in first.asked[1].target
    secret = config.listen_secret(Profile("default", first.url))
    for asked in target.asked[:2]:
        assert Webhook(secret).verify(asked.body, asked.headers)["type"] == "order.packed"


def test_the_secret_of_a_profile_stays_and_lies_where_nobody_else_reads(folder: Path) -> None:
    profile = Profile("default", "http://a")

    secret = config.listen_secret(profile)

    assert config.listen_secret(profile) == secret
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    [file] = (folder / "secrets").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert config.listen_secret(Profile("other", "http://a")) != secret


def test_what_the_target_does_not_take_is_kept_and_sent_again_on_demand(capsys: Any) -> None:
    def refuse(asked: Asked) -> tuple[int, Any]:
        return (500, {}) if asked.headers["webhook-id"] == "msg_1" else (200, {})

    with serving((200, a_feed(cursor="c0")), (200, a_feed(1, 2, cursor="c1"))) as platform:
        with serving(refuse) as target:
            assert listening(platform.url, target.url, "--exit-after", "2", "--json") == 0
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        with serving((500, {})) as still_down:
            failed = listening(platform.url, still_down.url, "--retry-failed")
        with serving((200, {})) as up:
            mended = listening(platform.url, up.url, "--retry-failed")
            nothing_left = listening(platform.url, up.url, "--retry-failed")

    assert [asked.headers["webhook-id"] for asked in target.asked] == ["msg_1"] * 3 + ["msg_2"]
    assert [(one["id"], one["taken"], one["answer"]) for one in told] == [
        ("msg_1", False, "500"),
        ("msg_2", True, "200"),
    ]
    assert (failed, mended, nothing_left, len(up.asked)) == (1, 0, 0, 1)
    assert json.loads(up.asked[0].body)["data"]["number"] == 1


def test_where_to_begin_is_said_in_one_way() -> None:
    with serving((200, a_feed(1, cursor="c"))) as platform:
        codes = [
            listening(platform.url, "--since", "10m", "--exit-after", "1"),
            listening(platform.url, "--from-cursor", "abc", "--exit-after", "1"),
            listening(platform.url, "--from-now", "--types", "order.*", "--exit-after", "1"),
            listening(platform.url, "--since", "1h", "--from-now"),
            listening(platform.url, "--since", "soon"),
        ]

    assert codes == [0, 0, 0, 2, 2]
    starts = [asked.target for asked in platform.asked]
    assert "since=20" in starts[0]
    assert "after=abc" in starts[1]
    assert "after=latest" in starts[2]
    assert "types=order.%2A" in starts[2] or "types=order.*" in starts[2]
    assert all("resends=true" in start for start in starts)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("localhost:3000/hook?x=1", "http://localhost:3000/hook?x=1"),
        ("https://[::1]:3000", "https://[::1]:3000"),
        ("3000", "http://3000"),
    ],
)
def test_a_target_is_completed(target: str, url: str) -> None:
    assert listen.complete(target) == url


def test_a_target_that_is_none_is_refused() -> None:
    for text in ("ftp://x", "http://", "://x"):
        with pytest.raises(WrongUsage):
            listen.complete(text)


def test_a_refusal_of_the_feed_ends_it_with_its_code() -> None:
    with serving((403, {"detail": "The credential lacks the scope webhooks:read."})) as platform:
        assert listening(platform.url, "--print") == 4
