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
