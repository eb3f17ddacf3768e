-- What happened to an invoice's money, as its timeline tells it: told by the payment service's events.
CREATE TABLE payment_fact (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    -- The payment's version, and what happened at it: `payment.refunded`.
    sequence bigint NOT NULL,
    type text NOT NULL,
    actor text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- The invoice's version that shows it.
    invoice_version bigint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT payment_fact_pk PRIMARY KEY (workspace_id, invoice_id, payment_id, sequence, type),
    CONSTRAINT payment_fact_of_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE NO ACTION
);
REVOKE UPDATE, DELETE, TRUNCATE ON payment_fact FROM invoice_api, invoice_worker;

-- include: row_security_v1
