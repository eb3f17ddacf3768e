-- include: outbox_v1, inbox_v1, idempotency_v1, workspace_v1

-- Copies of what the invoice service owns, fed by its events and guarded by their sequence.
CREATE TABLE contact_copy (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    sequence bigint NOT NULL,
    name text NOT NULL,
    external_id text,
    is_archived boolean NOT NULL,
    CONSTRAINT contact_copy_pk PRIMARY KEY (workspace_id, contact_id)
);

CREATE TABLE product_copy (
    workspace_id uuid NOT NULL,
    product_id uuid NOT NULL,
    sequence bigint NOT NULL,
    name text NOT NULL,
    description text,
    unit text,
    unit_price numeric NOT NULL,
    currency text NOT NULL,
    tax_rate numeric NOT NULL,
    tax_category text,
    tax_behavior text NOT NULL,
    is_archived boolean NOT NULL,
    CONSTRAINT product_copy_pk PRIMARY KEY (workspace_id, product_id)
);

-- include: row_security_v1
