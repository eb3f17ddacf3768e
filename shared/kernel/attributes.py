"""Names of span attributes: OpenTelemetry's conventions still change, so only this file knows them.

None of them may hold a secret, a person's data or a value of a row: ids, names of ours and numbers only.
"""

HTTP_METHOD = "http.request.method"
HTTP_ROUTE = "http.route"
HTTP_STATUS = "http.response.status_code"
REQUEST_ID = "billing.request_id"
WORKSPACE_ID = "billing.workspace_id"
PEER = "peer.service"
ERROR_TYPE = "error.type"

DATABASE_SYSTEM = "db.system.name"
DATABASE_STATEMENT = "db.query.text"

MESSAGING_SYSTEM = "messaging.system"
MESSAGING_TOPIC = "messaging.destination.name"
MESSAGING_OPERATION = "messaging.operation.type"
MESSAGING_ID = "messaging.message.id"
MESSAGING_GROUP = "messaging.consumer.group.name"
MESSAGING_BATCH_SIZE = "messaging.batch.message_count"

WEBHOOK_DELIVERY_ID = "billing.webhook.delivery_id"
WEBHOOK_ENDPOINT_ID = "billing.webhook.endpoint_id"
WEBHOOK_EVENT_TYPE = "billing.webhook.event_type"
WEBHOOK_ATTEMPT = "billing.webhook.attempt"
WEBHOOK_OUTCOME = "billing.webhook.outcome"
