-- Invoices as their payers see them: the public page, the logo, and the documents as they were issued.

-- What stands in the invoice's public address: made when it is issued, replaced when the link is to end.
ALTER TABLE invoice ADD COLUMN public_token text;

-- Uploaded logos by their content. One that was replaced stays: documents issued before show it.
CREATE TABLE logo (
    workspace_id uuid NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT logo_pk PRIMARY KEY (workspace_id, sha256),
    CONSTRAINT logo_media_type CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp')),
    CONSTRAINT logo_size CHECK (octet_length(content) BETWEEN 1 AND 524288),
    CONSTRAINT logo_pixels CHECK (width BETWEEN 1 AND 4000 AND height BETWEEN 1 AND 4000)
);
REVOKE UPDATE, DELETE, TRUNCATE ON logo FROM invoice_api, invoice_worker;

-- The logo that new documents get; null where there is none, or logo_url names one elsewhere.
ALTER TABLE business ADD COLUMN logo_sha256 text;

-- What was printed of an issued document, once for each content (one whose notes change is another content):
-- the bytes can be made again, and have this hash.
CREATE TABLE printed_document (
    workspace_id uuid NOT NULL,
    kind text NOT NULL,
    document_id uuid NOT NULL,
    content_sha256 text NOT NULL,
    sha256 text NOT NULL,
    template_version integer NOT NULL,
    is_archival boolean NOT NULL,
    is_factur_x boolean NOT NULL,
    printed_at timestamptz NOT NULL,
    CONSTRAINT printed_document_pk PRIMARY KEY (workspace_id, kind, document_id, content_sha256),
    CONSTRAINT printed_document_kind CHECK (kind IN ('invoice', 'credit_note')),
    CONSTRAINT printed_document_factur_x_is_archival CHECK (is_archival OR NOT is_factur_x)
);
REVOKE UPDATE, DELETE, TRUNCATE ON printed_document FROM invoice_api, invoice_worker;

-- include: row_security_v1
