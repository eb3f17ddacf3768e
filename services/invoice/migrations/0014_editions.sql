-- What an issued invoice was printed with: its edition, the link on it, and what credit settled at its issue.
ALTER TABLE invoice
    ADD COLUMN edition smallint NOT NULL DEFAULT 1,
    -- When its edition came about; null of the first.
    ADD COLUMN edited_at timestamptz,
    -- Null of invoices that were issued before links were printed.
    ADD COLUMN pay_url text,
    -- Null until the payment service has said so.
    ADD COLUMN settled_at_issue_minor bigint;

-- What earlier editions said, where the invoice says something else by now.
CREATE TABLE invoice_edition (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    edition smallint NOT NULL,
    edited_at timestamptz,
    due_date date,
    notes text,
    reference text,
    pay_url text,
    CONSTRAINT invoice_edition_pk PRIMARY KEY (workspace_id, invoice_id, edition),
    CONSTRAINT invoice_edition_of_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT invoice_edition_positive CHECK (edition >= 1)
);

-- include: row_security_v1
