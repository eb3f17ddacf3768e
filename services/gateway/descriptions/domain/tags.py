"""The chapters of the public description: one for each tag that operations have, with a sentence."""

from shared.kernel.json import JsonMapping, JsonObject

TEXTS = {
    "allocations": "Which payments settle which invoices, and how much of them.",
    "api-keys": "Keys of the workspace: made, rotated, revoked.",
    "audit log": "Who changed what, and when.",
    "bank": "Accounts at banks, their files, and what each line of them pays.",
    "business": "The seller: what documents show of the workspace's own company.",
    "channel settings": "Accounts of one's own for sending: mail servers, SMS, access points.",
    "client-portal": "All that one customer may see, in one reply.",
    "contacts": "Whom documents are made out to.",
    "credit balances": "What the workspace owes its contacts.",
    "credit notes": "Documents that take invoices back, whole or in part.",
    "deliveries": "Webhooks on their way to endpoints, with every attempt.",
    "documents": "Invoices, credit notes and quotes as PDF and as UBL.",
    "dunning": "What is done about collections that failed.",
    "e-invoices": "Invoices that go to other systems over a network such as Peppol.",
    "events": "What happened, as a feed to read, and the types there are.",
    "explain": "Why something is as it is.",
    "invoice lines": "Lines of drafts, one by one.",
    "invoices": "From a draft to what is paid, credited or written off.",
    "ledger": "Accounts and entries of all money.",
    "memberships": "People who may enter the workspace.",
    "message templates": "Wordings of one's own for what customers are sent.",
    "messages": "What endpoints are told: the platform's events and one's own.",
    "meters": "What of the told usage counts, and how.",
    "operators": "For those who run the platform: dead letters and lanes.",
    "payment methods": "Cards and accounts that are collected from without the payer.",
    "payments": "Money that came in or is collected.",
    "prices": "What a quantity costs at a price, before anything is charged.",
    "products": "What is sold, with its price and tax.",
    "provider connections": "Accounts at payment providers.",
    "quotes": "Offers to customers, which become invoices.",
    "receivables": "What invoices ask for, as the books see it.",
    "refunds": "Money that goes back.",
    "reminders": "How and when customers are reminded of open invoices.",
    "renewal-runs": "Days on which subscriptions renew: forecast, progress, what was set aside.",
    "sandbox": "What only a sandbox can do: move its clock, play the payer's bank.",
    "sending": "How documents are sent, and what became of it.",
    "subscriptions": "What is billed again and again.",
    "usage": "Usage as CloudEvents, each counted once; what it adds up to; what was refused or taken back.",
    "webhook endpoints": "Where events are sent, with secrets, jobs and statistics.",
    "webhooks": "What endpoints get.",
    "workspaces": "Tenants of the platform, and their sandboxes.",
}


def described(*sections: JsonMapping) -> list[JsonObject]:
    """The tags of the operations in these sections of a description, in the alphabet's order."""
    used = {
        tag
        for section in sections
        for operations in section.values()
        for operation in operations.values()
        for tag in operation.get("tags", ())
    }
    return [{"name": tag, "description": TEXTS.get(tag, "")} for tag in sorted(used)]
