"""Both faces of the sandbox provider do the same: our port called directly, and Stripe's SDK over sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.payment.providers.provider import (
    PaymentState,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnknownOutcome,
    Result,
)
from services.payment.sandbox.providers.cards import CARDS
from tests.integration.payment.provider_faces import EUROS, Face, open_face

# What the first confirmation answers, whether money moved, and what a look-up then shows.
OUTCOMES: dict[str, tuple[Result | type[ProviderError], bool, Result]] = {
    "success": (Result.SUCCEEDED, True, Result.SUCCEEDED),
    "declined": (Result.DECLINED, False, Result.DECLINED),
    "insufficient": (Result.DECLINED, False, Result.DECLINED),
    "expired": (Result.DECLINED, False, Result.DECLINED),
    "requires_action": (Result.REQUIRES_ACTION, False, Result.REQUIRES_ACTION),
    "slow": (Result.SUCCEEDED, True, Result.SUCCEEDED),
    "timeout_then_success": (ProviderUnknownOutcome, True, Result.SUCCEEDED),
    "timeout_then_declined": (ProviderUnknownOutcome, False, Result.DECLINED),
    "processing": (Result.PROCESSING, False, Result.PROCESSING),
    "flaky_500": (ProviderUnknownOutcome, False, Result.NOT_STARTED),
    "stored500_charged": (ProviderUnknownOutcome, True, Result.SUCCEEDED),
    "stored500_not_charged": (ProviderUnknownOutcome, False, Result.NOT_STARTED),
    "rate_limited": (ProviderUnavailable, False, Result.NOT_STARTED),
    # What is odd about these comes later: the bank takes the money back, the refund fails.
    "disputed": (Result.SUCCEEDED, True, Result.SUCCEEDED),
    "refund_fails": (Result.SUCCEEDED, True, Result.SUCCEEDED),
}


@pytest.fixture(params=["port", "http"])
async def face(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Face]:
    async with open_face(request.param, tmp_path) as opened:
        yield opened


async def prepared(face: Face, card: str) -> tuple[str, str]:
    method = await face.method(card)
    state = await face.provider.prepare("col-1", EUROS, "cus_1", method, key="col:1")
    assert state.result is Result.NOT_STARTED
    return state.reference, method


async def confirmed(face: Face, reference: str, method: str, key: str) -> PaymentState | type[ProviderError]:
    try:
        return await face.provider.confirm(reference, method, off_session=True, key=key)
    except ProviderError as error:
        return type(error)


@pytest.mark.parametrize("card", CARDS)
async def test_every_card_does_what_it_says(face: Face, card: str) -> None:
    reference, method = await prepared(face, card)
    answer, is_charged, shown = OUTCOMES[card]

    first = await confirmed(face, reference, method, "col:1:c1")
    looked_up = await face.provider.lookup(reference)

    assert (first.result if isinstance(first, PaymentState) else first) == answer
    assert looked_up.result is shown
    assert await face.charged_minor() == ([33900] if is_charged else [])


@pytest.mark.parametrize(
    ("card", "code", "advice"),
    [
        ("declined", "generic_decline", "retry"),
        ("insufficient", "insufficient_funds", "retry"),
        ("expired", "expired_card", "new_method"),
    ],
)
async def test_a_decline_has_a_code_and_an_advice(face: Face, card: str, code: str, advice: str) -> None:
    reference, method = await prepared(face, card)

    declined = await face.provider.confirm(reference, method, off_session=True, key="col:1:c1")

    assert (declined.code, declined.advice) == (code, advice)
    assert (declined.code, declined.advice) == (
        (await face.provider.lookup(reference)).code,
        (await face.provider.lookup(reference)).advice,
    )


async def test_a_stored_error_comes_again_with_its_key_and_not_with_a_new_one(face: Face) -> None:
    reference, method = await prepared(face, "stored500_not_charged")

    first = await confirmed(face, reference, method, "col:1:c1")
    same_key = await confirmed(face, reference, method, "col:1:c1")
    new_key = await confirmed(face, reference, method, "col:1:c2")

    assert (first, same_key) == (ProviderUnknownOutcome, ProviderUnknownOutcome)
    assert isinstance(new_key, PaymentState)
    assert new_key.result is Result.SUCCEEDED
    assert await face.charged_minor() == [33900]


async def test_the_same_key_makes_one_intent_and_one_charge(face: Face) -> None:
    method = await face.method("success")

    intents = [await face.provider.prepare("col-1", EUROS, "cus_1", method, key="col:1") for _ in range(2)]
    reference = intents[0].reference
    results = [await confirmed(face, reference, method, "col:1:c1") for _ in range(2)]

    assert len({intent.reference for intent in intents}) == 1
    assert [answer.result for answer in results if isinstance(answer, PaymentState)] == ["succeeded"] * 2
    assert await face.charged_minor() == [33900]


async def test_an_intent_that_succeeded_is_not_charged_again_with_forgotten_keys(face: Face) -> None:
    reference, method = await prepared(face, "success")
    await confirmed(face, reference, method, "col:1:c1")

    await face.engine.forget_keys()
    again = await confirmed(face, reference, method, "col:1:c1")

    assert again is ProviderRejected
    assert await face.charged_minor() == [33900]


async def test_an_intent_is_found_by_its_collection(face: Face) -> None:
    reference, _ = await prepared(face, "success")

    found, nothing = await face.provider.find("col-1"), await face.provider.find("col-2")

    assert found is not None
    assert found.reference == reference
    assert nothing is None


async def test_a_canceled_intent_moves_no_money_and_a_paid_one_says_so(face: Face) -> None:
    open_reference, method = await prepared(face, "success")
    paid = await face.provider.prepare("col-2", EUROS, "cus_1", method, key="col:2")
    await confirmed(face, paid.reference, method, "col:2:c1")

    canceled = await face.provider.cancel(open_reference, key="x:1")
    too_late = await face.provider.cancel(paid.reference, key="x:2")

    assert (canceled.result, too_late.result) == (Result.CANCELED, Result.SUCCEEDED)
    assert await confirmed(face, open_reference, method, "col:1:c1") is ProviderRejected


async def test_processing_succeeds_later_and_a_challenge_when_the_payer_answers(face: Face) -> None:
    slow, slow_method = await prepared(face, "processing")
    await confirmed(face, slow, slow_method, "col:1:c1")
    asked_method = await face.method("requires_action")
    asked = await face.provider.prepare("col-2", EUROS, "cus_1", asked_method, key="col:2")
    await confirmed(face, asked.reference, asked_method, "col:2:c1")

    looks = [(await face.provider.lookup(slow)).result for _ in range(2)]
    await face.engine.authenticate_intent(asked.reference)

    assert looks == [Result.PROCESSING, Result.SUCCEEDED]
    assert (await face.provider.lookup(asked.reference)).result is Result.SUCCEEDED


async def test_refunds_stay_within_the_charge_and_are_found_by_our_id(face: Face) -> None:
    reference, method = await prepared(face, "success")
    await confirmed(face, reference, method, "col:1:c1")
    part = type(EUROS)(30000, "EUR")

    refunds = [
        await face.provider.refund(reference, part, refund_id="r-1", reason=None, key="refund:r-1")
        for _ in range(2)
    ]
    with pytest.raises(ProviderRejected):
        await face.provider.refund(reference, part, refund_id="r-2", reason=None, key="refund:r-2")

    assert refunds[0] == refunds[1] == await face.provider.get_refund(refunds[0].reference)
    assert await face.provider.find_refund(reference, "r-1") == refunds[0]
    assert await face.provider.find_refund(reference, "r-2") is None


async def test_a_setup_intent_keeps_a_method_that_can_be_shown(face: Face) -> None:
    customer = await face.provider.ensure_customer("contact-1", key="cus:contact-1")
    begun = await face.provider.create_setup_intent(customer, key="si:1")

    await face.engine.confirm_setup_intent(begun.reference, "insufficient")
    done = await face.provider.get_setup_intent(begun.reference)
    method = await face.provider.get_method(done.method_id or "")
    await face.provider.detach_method(method.external_id, key="detach:1")

    assert (begun.has_succeeded, done.has_succeeded, bool(begun.client_secret)) == (False, True, True)
    assert (method.type, method.brand, method.last4, method.exp_year) == ("card", "visa", "9995", 2040)


async def test_events_come_oldest_first_after_the_cursor(face: Face) -> None:
    reference, method = await prepared(face, "success")
    await confirmed(face, reference, method, "col:1:c1")
    before, cursor = await face.provider.events_since(None)

    dispute = (await face.engine.open_dispute(reference)).document
    after, newest = await face.provider.events_since(cursor)
    nothing, same = await face.provider.events_since(newest)

    assert (list(before), list(nothing), same) == ([], [], newest)
    assert [(event.type, event.object_id) for event in after] == [("charge.dispute.created", dispute["id"])]
    assert (await face.provider.get_dispute(dispute["id"])).amount_minor == 33900
