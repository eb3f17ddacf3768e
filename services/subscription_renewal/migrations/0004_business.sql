-- How a workspace's invoices are rounded: a copy of what the invoice service owns.
CREATE TABLE business_copy (
    workspace_id uuid NOT NULL,
    sequence bigint NOT NULL,
    rounding_level text NOT NULL,
    rounding_mode text NOT NULL,
    CONSTRAINT business_copy_pk PRIMARY KEY (workspace_id)
);

-- include: row_security_v1
