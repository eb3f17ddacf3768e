"""Money: registered, collected, imported, allocated, given back, and booked."""

from tests.story.invoicing import an_invoice
from tests.story.tales import World


async def payments(world: World) -> None:
    """A transfer that pays an invoice, and what is left of it for another one."""
    tell, made = world.tell, world.made
    payer = await tell.post("/v1/contacts", {"name": "De Vries BV", "email": "info@devries.example"})
    of_payer = {"contact_id": payer["id"], "status": "open"}
    invoice, other = [await an_invoice(world, **of_payer) for _ in range(2)]
    # An invoice that is heard of later would take what is left of the payment.
    await tell.until(f"/v1/receivables/{other['id']}", invoice_id=other["id"])
    transfer = {"invoice_id": invoice["id"], "amount_minor": 40000, "method": "bank_transfer"}
    payment = await tell.post("/v1/payments", {**transfer, "external_reference": "TXN-12345"})
    await tell.get(f"/v1/payments/{payment['id']}")
    await tell.get(f"/v1/payments?invoice_id={invoice['id']}")
    rest = {"payment_id": payment["id"], "invoice_id": other["id"], "amount_minor": 5000}
    allocation = await tell.post("/v1/allocations", rest)
    await tell.patch(f"/v1/allocations/{allocation['id']}", {"amount_minor": 4000})
    await tell.get(f"/v1/allocations/{allocation['id']}")
    await tell.get(f"/v1/allocations?payment_id={payment['id']}")
    await tell.delete(f"/v1/allocations/{allocation['id']}")
    refund = await tell.post(f"/v1/payments/{payment['id']}/refunds", {"amount_minor": 1000})
    await tell.get(f"/v1/payments/{payment['id']}/refunds")
    await tell.get(f"/v1/refunds/{refund['id']}")
    await tell.get("/v1/refunds")
    statement = {"reference": other["number"], "amount": "100.00", "external_reference": "TXN-12346"}
    await tell.post("/v1/payments/batch", {"payments": [statement]})
    made["payer"] = payer["id"]
    await _undo(world, payer["id"])


async def _undo(world: World, payer_id: str) -> None:
    """A transfer that was put on the wrong customer, and one that never came."""
    tell = world.tell
    wrong = await tell.post("/v1/contacts", {"name": "De Vriese BV"})
    theirs = await an_invoice(world, contact_id=payer_id, status="open")
    await tell.until(f"/v1/receivables/{theirs['id']}", invoice_id=theirs["id"])
    fields = {"contact_id": wrong["id"], "amount_minor": 5000, "method": "bank_transfer"}
    payment = await tell.post("/v1/payments", {**fields, "external_reference": "TXN-12347"})
    parts = [{"invoice_id": theirs["id"], "amount_minor": 5000}]
    moved = {"contact_id": payer_id, "allocations": parts}
    await tell.post(f"/v1/payments/{payment['id']}/move", moved)
    await tell.post(f"/v1/payments/{payment['id']}/void", {"reason": "The bank took it back the same day"})


STATEMENT = """:20:P261102000000001
:25:NL69INGB0123456789EUR
:28C:00000
:60F:C261101EUR662,23
:61:2611021102C12,00NTRFEREF//26110200000001
:86:/EREF/EV1//CNTP/NL20INGB0001234567/INGBNL2A/JANSEN EN ZONEN///REMI/USTD//Dank/
:61:2611021102D1,57NTRFPREF//26110200000002
:86:/REMI/USTD//Kosten november/
:62F:C261102EUR672,66
"""


async def bank_files(world: World) -> None:
    """A file of the bank: what names an invoice pays it, a person says what the others are."""
    tell, payer_id = world.tell, world.made["payer"]
    account = await tell.post("/v1/bank-accounts", {"name": "Current", "iban": "NL69INGB0123456789"})
    of_account = f"/v1/bank-accounts/{account['id']}"
    await tell.patch(of_account, {"name": "Current account"})
    await tell.get(of_account)
    await tell.get("/v1/bank-accounts")
    file = await tell.ask("POST", "/v1/bank-imports?file_name=november.sta", content=STATEMENT.encode())
    await tell.until(f"/v1/bank-imports/{file['id']}", status="finished")
    await tell.get("/v1/bank-imports")
    await tell.get(f"/v1/bank-statements?account_id={account['id']}")
    waiting = await tell.get("/v1/bank-lines?state=unknown")
    charge, gift = sorted(waiting["data"], key=lambda line: line["amount_minor"])
    await tell.get(f"/v1/bank-lines/{gift['id']}")
    await tell.post(f"/v1/bank-lines/{gift['id']}/match", {"contact_id": payer_id})
    await tell.post(f"/v1/bank-lines/{gift['id']}/undo", {"reason": "Another customer's"})
    ignored = {"ignored_as": "bank_charges", "reason": "Charges of November"}
    await tell.post(f"/v1/bank-lines/{charge['id']}/ignore", ignored)
    lines = [{"amount_minor": 500, "text": "Thanks", "counterparty_name": "De Vries BV"}]
    await tell.post("/v1/sandbox/bank-statements", {"account_id": account["id"], "lines": lines})


async def books(world: World) -> None:
    """What is owed, and the ledger."""
    tell = world.tell
    await tell.get("/v1/receivables")
    await tell.get(f"/v1/credit-balances?contact_id={world.made['payer']}")
    account = (await tell.get("/v1/ledger/accounts"))["data"][0]
    await tell.get(f"/v1/ledger/accounts/{account['id']}")
    await tell.get("/v1/ledger/entries")
    await tell.post("/v1/ledger/proofs")


async def collection(world: World) -> None:
    """A card that works, and collections by hand."""
    tell, made = world.tell, world.made
    setup = {"contact_id": made["contact"], "test_card": "success"}
    intent = await tell.post("/v1/payment-methods/setup-intents", setup)
    await tell.get(f"/v1/payment-methods/setup-intents/{intent['id']}")
    method = await tell.first(f"/v1/payment-methods?contact_id={made['contact']}")
    await tell.patch(f"/v1/payment-methods/{method['id']}", {"exp_month": 12, "exp_year": 2030})
    await tell.get(f"/v1/payment-methods/{method['id']}")
    wish = {"invoice_id": (await an_invoice(world, status="open"))["id"]}
    payment = await tell.post("/v1/payments/collect", wish)
    await tell.ask("POST", f"/v1/payments/{payment['id']}/cancel", may_refuse=True)
    undecided = {"outcome": "look_up"}
    await tell.ask("POST", f"/v1/payments/{payment['id']}/resolve", undecided, may_refuse=True)
    other = await tell.post("/v1/payment-methods/setup-intents", setup)
    gone = await tell.get(f"/v1/payment-methods?contact_id={made['contact']}")
    await tell.delete(f"/v1/payment-methods/{gone['data'][0]['id']}")
    assert other["id"] != intent["id"]


async def banks(world: World) -> None:
    """What a payer's bank does afterwards: it disputes a payment and gives in, and sends a refund back."""
    tell = world.tell
    payer = await tell.post("/v1/contacts", {"name": "Smit BV"})
    await tell.post("/v1/payment-methods/setup-intents", {"contact_id": payer["id"], "test_card": "success"})
    wish = {"invoice_id": (await an_invoice(world, contact_id=payer["id"], status="open"))["id"]}
    payment = await tell.post("/v1/payments/collect", wish)
    await tell.until(f"/v1/payments/{payment['id']}", state="succeeded")
    path = f"/v1/sandbox/payments/{payment['id']}"
    await tell.post(f"{path}/dispute", {"reason": "product_not_received"})
    await tell.post(f"{path}/decide-dispute", {"outcome": "won"})
    refund = await tell.post(f"/v1/payments/{payment['id']}/refunds", {"amount_minor": 1000})
    await tell.until(f"/v1/refunds/{refund['id']}", state="succeeded")
    await tell.post(f"/v1/sandbox/refunds/{refund['id']}/fail", {"reason": "lost_or_stolen_card"})


async def providers(world: World) -> None:
    """The workspace's own account at a provider."""
    tell = world.tell
    keys = {"mode": "test", "secret_key": "rk_test_example_1234", "publishable_key": "pk_test_example"}
    connection = await tell.post("/v1/provider-connections", keys)
    await tell.patch(f"/v1/provider-connections/{connection['id']}", {"description": "Kassa"})
    await tell.get(f"/v1/provider-connections/{connection['id']}")
    await tell.get("/v1/provider-connections")
    await tell.delete(f"/v1/provider-connections/{connection['id']}")


CHAPTERS = (payments, bank_files, books, collection, banks, providers)
