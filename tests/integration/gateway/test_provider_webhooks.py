"""Webhooks of payment providers are passed on raw: the signature over these bytes is their credential."""

from tests.integration.gateway.conftest import Gateway

WORKSPACE = "01981a8e-7c00-7000-8000-000000000001"
PATH = f"/providers/stripe/{WORKSPACE}/webhooks"


async def test_a_webhook_reaches_the_payment_service_byte_by_byte(gateway: Gateway) -> None:
    body = b'{ "id":"evt_1",\n  "amount": 1.10 }'
    gateway.behind["payment"].answer(f"POST {PATH}", 204, b"")

    async with gateway.service.client() as stripe:
        reply = await stripe.post(
            PATH, content=body, headers={"stripe-signature": "t=1,v1=ab", "cookie": "a=b"}
        )

    (seen,) = gateway.behind["payment"].seen
    assert reply.status_code == 204
    assert (seen.body, seen.headers["stripe-signature"]) == (body, "t=1,v1=ab")
    assert not {"authorization", "cookie"} & seen.headers.keys()


async def test_a_hint_of_an_access_point_reaches_the_invoice_service(gateway: Gateway) -> None:
    path = PATH.replace("stripe", "storecove")
    gateway.behind["invoice"].answer(f"POST {path}", 204, b"")

    async with gateway.service.client() as storecove:
        reply = await storecove.post(path, content=b'{"guid":"1"}')

    (seen,) = gateway.behind["invoice"].seen
    assert (reply.status_code, seen.body) == (204, b'{"guid":"1"}')


async def test_the_services_refusal_is_the_answer_and_a_wrong_path_is_none(gateway: Gateway) -> None:
    gateway.behind["payment"].answer(f"POST {PATH}", 400, {"code": "signature_invalid"})

    async with gateway.service.client() as anybody:
        refused = await anybody.post(PATH, content=b"{}")
        wrong = await anybody.post("/providers/stripe/not-a-workspace/webhooks", content=b"{}")
        traversal = await anybody.post(f"/providers/..%2Fv1/{WORKSPACE}/webhooks", content=b"{}")

    assert (refused.status_code, refused.json()["code"]) == (400, "signature_invalid")
    assert (wrong.status_code, traversal.status_code) in ((422, 404), (422, 422))


async def test_reports_of_mails_and_texts_reach_the_invoice_service_with_their_proof(
    gateway: Gateway,
) -> None:
    mail, delivery = f"/providers/mail/{WORKSPACE}/bounces", "019d7a2f-8f00-7000-8000-000000000001"
    texts = f"/providers/twilio/{WORKSPACE}/status"
    hooks = [PATH.replace("stripe", name) for name in ("postmark", "ses", "mailgun")]
    behind = gateway.behind["invoice"]
    for path in (mail, texts, *hooks):
        behind.answer(f"POST {path}", 204, b"")
    headers = {"authorization": "Basic YTpi", "x-twilio-signature": "c2ln", "content-type": "message/rfc822"}

    async with gateway.service.client() as provider:
        paths = [mail, f"{texts}?delivery={delivery}", *hooks]
        replies = [await provider.post(path, content=b"x=1", headers=headers) for path in paths]
        strange = await provider.post(f"{texts}?delivery=x", content=b"")

    assert [reply.status_code for reply in replies] == [204] * 5
    assert strange.status_code == 422
    # A password goes on to whoever is believed by it alone.
    assert ["authorization" in one.headers for one in behind.seen] == [True, False, True, True, False]
    assert [one.query for one in behind.seen if one.query] == [f"delivery={delivery}"]
    assert {one.headers["x-twilio-signature"] for one in behind.seen} == {"c2ln"}
    assert {one.body for one in behind.seen} == {b"x=1"}


async def test_who_has_to_ask_for_a_password_first_is_asked_for_it(gateway: Gateway) -> None:
    path = PATH.replace("stripe", "ses")
    gateway.behind["invoice"].answer(f"POST {path}", 401, {"code": "unauthorized"}, www_authenticate="Basic")

    async with gateway.service.client() as sns:
        reply = await sns.post(path, content=b"{}")

    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Basic")
