-- Collections through a page of the provider's, where the payer pays once without keeping a method.

-- `checkout`: the payer confirms on the provider's page, so there is no method of ours.
ALTER TABLE collection ADD COLUMN kind text NOT NULL DEFAULT 'method';
-- The provider's page, and where the payer comes back to from it.
ALTER TABLE collection ADD COLUMN checkout_url text;
ALTER TABLE collection ADD COLUMN return_url text;
-- When the page is closed, on the database's clock.
ALTER TABLE collection ADD COLUMN expires_at timestamptz;
-- Code of before reads no checkouts, and writes a method always.
-- squawk-ignore ban-drop-not-null
ALTER TABLE collection ALTER COLUMN payment_method_id DROP NOT NULL;
ALTER TABLE collection ADD CONSTRAINT collection_kind CHECK (kind IN ('method', 'checkout')) NOT VALID;
ALTER TABLE collection ADD CONSTRAINT collection_has_a_method_or_a_page CHECK (
    CASE kind WHEN 'checkout' THEN payment_method_id IS NULL AND return_url IS NOT NULL AND expires_at IS NOT NULL
        ELSE payment_method_id IS NOT NULL AND checkout_url IS NULL END) NOT VALID;

-- include: row_security_v1
