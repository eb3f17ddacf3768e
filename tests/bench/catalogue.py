"""Everything that is measured, by its name: works in rounds, and what is asked of a platform once."""

from tests.bench import proving, resting, starting
from tests.bench.work import Goal, Work
from tests.bench.works import gateway, invoices, messages, payments

_ALL = (*payments.WORKS, *invoices.WORKS, *messages.WORKS, *gateway.WORKS)
WORKS: dict[str, Work] = {work.name: work for work in _ALL}
ONCE = {"rest": resting.GOALS, "prove": proving.GOALS, "start": starting.GOALS}
# Modules of this folder with tables of their own, which say nothing of the whole platform.
FURTHER = ("collections", "subscriptions", "pdfs", "e_invoices", "mails", "http_clients")
GOALS: dict[str, tuple[Goal, ...]] = {name: work.goals for name, work in WORKS.items()} | ONCE
NAMES = (*GOALS, *FURTHER)
