"""Public pages: a link is verified here, a service hears of one invoice only, and no fault is no page."""

import json
from uuid import UUID

import pytest

from services.gateway.payer_pages.edge import LinkHolders
from shared.kernel.ids import new_id
from shared.kernel.public_link import LinkKeys
from tests.integration.gateway.conftest import Gateway, Workspace
from tests.integration.gateway.upstreams import Seen

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HTML = {"content_type": "text/html; charset=utf-8"}


class Link:
    """A good link to an invoice behind this gateway, and what stands there."""

    def __init__(self, gateway: Gateway, workspace: Workspace) -> None:
        self.gateway, self.invoice_id = gateway, new_id()
        visitors: LinkHolders = gateway.service.app.state.visitors
        self.token = visitors.keys.make(UUID(workspace.id), self.invoice_id)
        self.checkout = f"/internal/checkouts/{self.invoice_id}"
        self.page = f"/internal/public/invoices/{self.token}"
        invoice, payment = gateway.behind["invoice"], gateway.behind["payment"]
        invoice.answer(f"GET {self.page}", 200, b"<html>page</html>", **HTML)
        invoice.answer(f"GET {self.page}/standing", 200, {"is_own": True})
        invoice.answer("GET /internal/public/not-found", 404, b"<html>nothing</html>", **HTML)
        standing = {"is_available": True, "state": None, "receivable_version": 3}
        payment.answer(f"GET {self.checkout}", 200, standing)
        self.client = gateway.service.client(None, **{"user-agent": BROWSER})

    def seen(self, service: str) -> list[Seen]:
        return self.gateway.behind[service].seen


@pytest.fixture
def link(gateway: Gateway, workspace: Workspace) -> Link:
    return Link(gateway, workspace)


def scopes_of(link: Link, seen: Seen) -> frozenset[str]:
    """What the token that a service got allows."""
    return link.gateway.service.tokens.verify(seen.headers["authorization"][7:]).scopes


async def test_a_person_sees_the_page_and_the_services_hear_of_one_invoice(link: Link) -> None:
    reply = await link.client.get(f"/i/{link.token}")

    assert (reply.status_code, reply.text) == (200, "<html>page</html>")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "script-src" not in reply.headers["content-security-policy"]
    assert reply.headers["x-robots-tag"] == "noindex, nofollow"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cache-control"] == "private, no-store"
    [asked], [paid] = link.seen("invoice"), link.seen("payment")
    assert asked.query == "is_opening=True&refreshes=0&can_pay=True&receivable_version=3"
    assert scopes_of(link, asked) == scopes_of(link, paid) == {f"public:{link.invoice_id}"}


@pytest.mark.parametrize(
    ("method", "query", "headers"),
    [
        ("HEAD", "", {}),
        ("GET", "?preview=1", {}),
        ("GET", "", {"sec-purpose": "prefetch"}),
        ("GET", "", {"user-agent": "Googlebot/2.1"}),
    ],
)
async def test_what_is_no_persons_look_opens_nothing(
    link: Link, method: str, query: str, headers: dict[str, str]
) -> None:
    reply = await link.client.request(method, f"/i/{link.token}{query}", headers=headers)

    assert reply.status_code == 200
    assert (reply.text == "") == (method == "HEAD")
    assert "is_opening=False" in link.seen("invoice")[0].query


async def test_every_link_that_opens_nothing_gets_the_same_page(link: Link) -> None:
    gateway = link.gateway
    foreign = LinkKeys.parse(f"k1:{'C' * 42}A=").make(new_id(), link.invoice_id)
    nowhere = gateway.service.app.state.visitors.keys.make(new_id(), new_id())
    unknown = gateway.service.app.state.visitors.keys.make(UUID(int=0), link.invoice_id)
    paths = [
        f"/i/{token}{below}"
        for token in ("x", foreign, nowhere, unknown, link.token[:-1])
        for below in ("", "/pdf")
    ]

    replies = [await link.client.get(path) for path in paths]
    replies += [await link.client.post(f"/i/{foreign}/pay"), await link.client.get(f"/i/{link.token}/pdf")]

    assert {(reply.status_code, reply.text) for reply in replies} == {(404, "<html>nothing</html>")}
    assert {reply.headers["content-security-policy"] for reply in replies} == {
        replies[0].headers["content-security-policy"]
    }
    # Of what was forged no service heard more than that there is nothing to show.
    assert not link.seen("payment")


async def test_a_payer_goes_to_the_providers_page_or_back_to_the_invoice(link: Link) -> None:
    payment = link.gateway.behind["payment"]
    begin = f"POST {link.checkout}"

    payment.answer(begin, 201, {"url": "https://checkout.example/c/1"})
    sent = await link.client.post(f"/i/{link.token}/pay")
    back = {}
    for status, code in ((409, "nothing_due"), (409, "collection_in_flight"), (409, "other"), (503, "x")):
        payment.answer(begin, status, {"code": code})
        back[code] = (await link.client.post(f"/i/{link.token}/pay")).headers["location"]
    link.gateway.behind["invoice"].answer(f"GET {link.page}/standing", 404, {"code": "not_found"})
    replaced = await link.client.post(f"/i/{link.token}/pay")

    assert (sent.status_code, sent.headers["location"]) == (303, "https://checkout.example/c/1")
    asked = [seen for seen in link.seen("payment") if seen.method == "POST"]
    assert json.loads(asked[0].body) == {"return_url": f"https://pay.example.com/i/{link.token}"}
    assert {code: place.rpartition("=")[2] for code, place in back.items()} == {
        "nothing_due": "not_due",
        "collection_in_flight": "done",
        "other": "unavailable",
        "x": "unavailable",
    }
    assert replaced.status_code == 404
    assert len(asked) == 5


async def test_without_a_service_there_is_less_or_a_page_that_says_so(link: Link) -> None:
    link.gateway.take_away("payment")
    without_button = await link.client.get(f"/i/{link.token}?checkout=done")
    unpaid = await link.client.post(f"/i/{link.token}/pay")
    link.gateway.take_away("invoice")
    nothing = await link.client.get(f"/i/{link.token}")

    assert without_button.status_code == 200
    assert "can_pay" not in link.seen("invoice")[0].query
    assert unpaid.headers["location"] == f"/i/{link.token}?checkout=unavailable"
    assert (nothing.status_code, nothing.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert nothing.headers["retry-after"]


async def test_fonts_and_logos_may_be_kept_and_need_no_link(link: Link, workspace: Workspace) -> None:
    invoice, sha256 = link.gateway.behind["invoice"], "ab" * 32
    forever = {"cache_control": "public, max-age=31536000, immutable"}
    invoice.answer("GET /internal/public/assets/page.css", 200, b"body{}", content_type="text/css", **forever)
    invoice.answer(f"GET /internal/public/logos/{sha256}", 200, b"PNG", content_type="image/png", **forever)

    css = await link.client.get("/i/assets/page.css?v=1")
    logo = await link.client.get(f"/i/logos/{workspace.id}/{sha256}")
    wrong = [
        await link.client.get(f"/i/{path}")
        for path in ("assets/..%2Fx", "logos/x/y", f"logos/{new_id()}/{sha256}")
    ]

    assert (css.text, css.headers["cache-control"]) == ("body{}", forever["cache_control"])
    assert (logo.content, logo.headers["content-type"]) == (b"PNG", "image/png")
    assert scopes_of(link, link.seen("invoice")[0]) == frozenset()
    assert scopes_of(link, link.seen("invoice")[1]) == {f"logo:{sha256}"}
    assert all(reply.status_code in (404, 422) for reply in wrong)


async def test_the_sandboxs_page_is_passed_on_as_a_form(link: Link) -> None:
    reference = f"cs_sandbox_{'a' * 32}"
    path = f"{link.checkout}/sandbox/{reference}"
    payment = link.gateway.behind["payment"]
    payment.answer(f"GET {path}", 200, b"<html>form</html>", **HTML)
    payment.answer(f"POST {path}", 303, b"", location="https://pay.example.com/i/x?checkout=done")
    address = f"/i/{link.token}/checkout/{reference}"

    shown = await link.client.get(address)
    chosen = await link.client.post(address, data={"card": "success"})

    assert shown.text == "<html>form</html>"
    assert (chosen.status_code, chosen.headers["location"][-4:]) == (303, "done")
    assert link.seen("payment")[-1].body == b"card=success"
