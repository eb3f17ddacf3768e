-- Credit notes and their rows, and lines with several taxes.
CREATE TABLE credit_note (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    invoice_id uuid NOT NULL,
    -- The invoice as it is with this credit note: number, dates, total and what is credited of it.
    invoice jsonb NOT NULL,
    contact_id uuid NOT NULL,
    contact jsonb NOT NULL,
    seller jsonb,
    currency text NOT NULL,
    number text NOT NULL,
    issue_date date NOT NULL,
    reason text,
    subtotal_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    tax_breakdown jsonb NOT NULL,
    rounding_level text NOT NULL,
    rounding_mode text NOT NULL,
    refund_minor bigint NOT NULL,
    out_of_band_minor bigint NOT NULL,
    notes text,
    external_id text,
    metadata jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT credit_note_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT credit_note_of_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT credit_note_of_contact FOREIGN KEY (workspace_id, contact_id)
        REFERENCES contact (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT credit_note_total_is_the_sum CHECK (total_minor = subtotal_minor + tax_minor),
    CONSTRAINT credit_note_gives_back_no_more_than_its_total CHECK (refund_minor >= 0
        AND out_of_band_minor >= 0 AND refund_minor + out_of_band_minor <= total_minor)
);
CREATE UNIQUE INDEX credit_note_number_is_unique ON credit_note (workspace_id, number);
CREATE UNIQUE INDEX credit_note_external_id_is_unique ON credit_note (workspace_id, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX credit_note_by_invoice ON credit_note (workspace_id, invoice_id, id DESC);
CREATE INDEX credit_note_by_contact ON credit_note (workspace_id, contact_id, id DESC);

CREATE TABLE credit_note_line (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    credit_note_id uuid NOT NULL,
    position integer NOT NULL,
    -- The row of the invoice that it takes back from, and the quantity; null where it is an amount.
    invoice_line_id uuid NOT NULL,
    credited_quantity numeric,
    type text NOT NULL,
    description text NOT NULL,
    quantity numeric NOT NULL,
    unit text,
    unit_price numeric NOT NULL,
    tax_rate numeric NOT NULL,
    tax_category text,
    tax_behavior text NOT NULL,
    tax_exemption_reason text,
    taxes jsonb NOT NULL DEFAULT '[]',
    discount jsonb,
    product_id uuid,
    parent_line_id uuid,
    classification_number text,
    project text,
    discount_share_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    gross_minor bigint NOT NULL,
    CONSTRAINT credit_note_line_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT credit_note_line_of_credit_note FOREIGN KEY (workspace_id, credit_note_id)
        REFERENCES credit_note (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT credit_note_line_of_invoice_line FOREIGN KEY (workspace_id, invoice_line_id)
        REFERENCES invoice_line (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT credit_note_line_of_product FOREIGN KEY (workspace_id, product_id)
        REFERENCES product (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT credit_note_line_once_a_credit_note UNIQUE (workspace_id, credit_note_id, invoice_line_id),
    CONSTRAINT credit_note_line_type CHECK (type = 'item'),
    CONSTRAINT credit_note_line_gross_is_the_sum CHECK (gross_minor = net_minor + tax_minor)
);
CREATE INDEX credit_note_line_by_credit_note ON credit_note_line (workspace_id, credit_note_id, position);
CREATE INDEX credit_note_line_by_invoice_line ON credit_note_line (workspace_id, invoice_line_id);

-- A document that was given out stays.
REVOKE DELETE, TRUNCATE ON credit_note FROM invoice_api, invoice_worker;
REVOKE UPDATE, DELETE, TRUNCATE ON credit_note_line FROM invoice_api, invoice_worker;

ALTER TABLE invoice ADD CONSTRAINT invoice_credited_within_total
    CHECK (amount_credited_minor BETWEEN 0 AND greatest(total_minor, 0)) NOT VALID;

-- Several taxes on one row: [{"tax_rate": "5", "name": "GST", …}]; empty where tax_rate is the only one.
ALTER TABLE invoice_line ADD COLUMN taxes jsonb NOT NULL DEFAULT '[]';
ALTER TABLE quote_line ADD COLUMN taxes jsonb NOT NULL DEFAULT '[]';
ALTER TABLE product ADD COLUMN taxes jsonb NOT NULL DEFAULT '[]';

-- include: row_security_v1
