-- Contacts, products, invoices and their numbers.
-- include: outbox_v1, inbox_v1, idempotency_v1, workspace_v1

CREATE TABLE contact (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name text NOT NULL,
    email text,
    phone text,
    address jsonb,
    country text,
    locale text,
    vat_id text,
    external_id text,
    tags text[] NOT NULL DEFAULT '{}',
    metadata jsonb NOT NULL DEFAULT '{}',
    archived_at timestamptz,
    CONSTRAINT contact_pk PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX contact_external_id_is_unique ON contact (workspace_id, external_id)
    WHERE external_id IS NOT NULL;

-- The seller: one row a workspace, made when it is first needed.
CREATE TABLE business (
    workspace_id uuid NOT NULL CONSTRAINT business_pk PRIMARY KEY,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name text NOT NULL,
    address jsonb,
    country text,
    email text,
    phone text,
    vat_id text,
    registration_number text,
    iban text,
    bic text,
    logo_url text,
    currency text NOT NULL,
    payment_terms_days integer NOT NULL,
    rounding_level text NOT NULL,
    rounding_mode text NOT NULL,
    -- Number formats by series: {"invoices": "INV-{year}-{seq:5}", …}
    number_formats jsonb NOT NULL,
    CONSTRAINT business_rounding CHECK (rounding_level IN ('total', 'line')
        AND rounding_mode IN ('half_up', 'half_even'))
);

-- What the payment service says that the workspace owes a contact.
CREATE TABLE contact_credit_balance (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT contact_credit_balance_pk PRIMARY KEY (workspace_id, contact_id, currency),
    CONSTRAINT contact_credit_balance_of_contact FOREIGN KEY (workspace_id, contact_id)
        REFERENCES contact (workspace_id, id)
);

CREATE TABLE product (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name text NOT NULL,
    description text,
    sku text,
    unit text,
    unit_price numeric NOT NULL,
    currency text NOT NULL,
    tax_rate numeric NOT NULL,
    tax_category text,
    tax_behavior text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    archived_at timestamptz,
    CONSTRAINT product_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT product_tax_behavior CHECK (tax_behavior IN ('exclusive', 'inclusive'))
);
CREATE UNIQUE INDEX product_sku_is_unique ON product (workspace_id, sku) WHERE sku IS NOT NULL;

CREATE TABLE invoice (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    contact_id uuid NOT NULL,
    -- The contact as it is to stand on the document; fixed when the invoice is issued.
    contact jsonb NOT NULL,
    -- The business as it is to stand on the document; fixed likewise.
    seller jsonb,
    currency text NOT NULL,
    status text NOT NULL,
    series text NOT NULL,
    number text,
    issue_date date,
    due_date date,
    payment_terms_days integer NOT NULL,
    subtotal_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    tax_breakdown jsonb NOT NULL,
    discount jsonb,
    rounding_level text NOT NULL,
    rounding_mode text NOT NULL,
    amount_paid_minor bigint NOT NULL DEFAULT 0,
    amount_credited_minor bigint NOT NULL DEFAULT 0,
    -- The newest version of the payment service's receivable that is shown here.
    receivable_version bigint NOT NULL DEFAULT 0,
    notes text,
    reference text,
    external_id text,
    collection_method text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    sent_at timestamptz,
    opened_at timestamptz,
    issued_at timestamptz,
    paid_at timestamptz,
    voided_at timestamptz,
    written_off_at timestamptz,
    -- When the due date's passing was told, so that it is told once.
    overdue_at timestamptz,
    quote_id uuid,
    subscription_id uuid,
    period_start timestamptz,
    period_end timestamptz,
    CONSTRAINT invoice_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT invoice_of_contact FOREIGN KEY (workspace_id, contact_id) REFERENCES contact (workspace_id, id),
    CONSTRAINT invoice_status CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
    CONSTRAINT invoice_total_is_the_sum CHECK (total_minor = subtotal_minor + tax_minor),
    CONSTRAINT invoice_number_is_taken_at_issue CHECK ((status = 'draft') = (issued_at IS NULL)),
    CONSTRAINT invoice_issued_has_number CHECK (status = 'draft' OR number IS NOT NULL)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX invoice_number_is_unique ON invoice (workspace_id, number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX invoice_external_id_is_unique ON invoice (workspace_id, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX invoice_by_contact ON invoice (workspace_id, contact_id, id DESC);
CREATE INDEX invoice_open_by_due_date ON invoice (due_date)
    WHERE status = 'open' AND overdue_at IS NULL;
-- One invoice per subscription and period, whatever the inbox has forgotten.
CREATE UNIQUE INDEX invoice_one_per_period ON invoice (workspace_id, subscription_id, period_start)
    WHERE subscription_id IS NOT NULL;

CREATE TABLE invoice_line (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    position integer NOT NULL,
    type text NOT NULL,
    description text NOT NULL,
    quantity numeric,
    unit text,
    unit_price numeric,
    tax_rate numeric,
    tax_category text,
    tax_behavior text,
    tax_exemption_reason text,
    discount jsonb,
    product_id uuid,
    parent_line_id uuid,
    classification_number text,
    project text,
    discount_share_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    gross_minor bigint NOT NULL,
    CONSTRAINT invoice_line_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT invoice_line_of_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT invoice_line_of_product FOREIGN KEY (workspace_id, product_id)
        REFERENCES product (workspace_id, id),
    CONSTRAINT invoice_line_type CHECK (type IN ('item', 'text')),
    CONSTRAINT invoice_line_gross_is_the_sum CHECK (gross_minor = net_minor + tax_minor)
);
CREATE INDEX invoice_line_by_invoice ON invoice_line (workspace_id, invoice_id, position);

CREATE TABLE quote (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    contact_id uuid NOT NULL,
    contact jsonb NOT NULL,
    seller jsonb,
    currency text NOT NULL,
    status text NOT NULL,
    number text,
    issue_date date,
    valid_until date,
    subtotal_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    tax_breakdown jsonb NOT NULL,
    discount jsonb,
    rounding_level text NOT NULL,
    rounding_mode text NOT NULL,
    notes text,
    reference text,
    external_id text,
    metadata jsonb NOT NULL DEFAULT '{}',
    invoice_id uuid,
    sent_at timestamptz,
    accepted_at timestamptz,
    declined_at timestamptz,
    CONSTRAINT quote_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT quote_of_contact FOREIGN KEY (workspace_id, contact_id) REFERENCES contact (workspace_id, id),
    CONSTRAINT quote_status CHECK (status IN ('draft', 'sent', 'accepted', 'declined', 'expired')),
    CONSTRAINT quote_number_is_taken_when_sent CHECK ((status = 'draft') = (number IS NULL)),
    CONSTRAINT quote_accepted_has_invoice CHECK ((status = 'accepted') = (invoice_id IS NOT NULL)),
    CONSTRAINT quote_accepted_as_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE NO ACTION
);
CREATE UNIQUE INDEX quote_number_is_unique ON quote (workspace_id, number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX quote_external_id_is_unique ON quote (workspace_id, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX quote_by_contact ON quote (workspace_id, contact_id, id DESC);
CREATE INDEX quote_sent_by_validity ON quote (valid_until) WHERE status = 'sent';

CREATE TABLE quote_line (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    quote_id uuid NOT NULL,
    position integer NOT NULL,
    type text NOT NULL,
    description text NOT NULL,
    quantity numeric,
    unit text,
    unit_price numeric,
    tax_rate numeric,
    tax_category text,
    tax_behavior text,
    tax_exemption_reason text,
    discount jsonb,
    product_id uuid,
    parent_line_id uuid,
    classification_number text,
    project text,
    discount_share_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    gross_minor bigint NOT NULL,
    CONSTRAINT quote_line_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT quote_line_of_quote FOREIGN KEY (workspace_id, quote_id)
        REFERENCES quote (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT quote_line_of_product FOREIGN KEY (workspace_id, product_id)
        REFERENCES product (workspace_id, id),
    CONSTRAINT quote_line_type CHECK (type IN ('item', 'text')),
    CONSTRAINT quote_line_gross_is_the_sum CHECK (gross_minor = net_minor + tax_minor)
);
CREATE INDEX quote_line_by_quote ON quote_line (workspace_id, quote_id, position);

-- Every change of every resource: who, what, when. Append-only; it is the audit log and the timelines.
CREATE TABLE change_log (
    workspace_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    sequence bigint NOT NULL,
    types text[] NOT NULL,
    actor text NOT NULL,
    request_id text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    data_sha256 bytea NOT NULL,
    CONSTRAINT change_log_pk PRIMARY KEY (workspace_id, position),
    CONSTRAINT change_log_one_row_a_change UNIQUE (workspace_id, resource, resource_id, sequence)
);

-- The last number given out; its row lock makes the series gapless, so it is taken as the last step.
CREATE TABLE number_counter (
    workspace_id uuid NOT NULL,
    series text NOT NULL,
    year smallint NOT NULL,
    last_number bigint NOT NULL,
    CONSTRAINT number_counter_pk PRIMARY KEY (workspace_id, series, year)
);

-- include: row_security_v1

-- What happened cannot be made not to have happened.
REVOKE UPDATE, DELETE, TRUNCATE ON change_log FROM invoice_api, invoice_worker;
