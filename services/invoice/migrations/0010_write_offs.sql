-- Parts of invoices are written off, and that is taken back.

ALTER TABLE invoice
    ADD COLUMN amount_written_off_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN write_off_reason text,
    -- What the newest decision wants written off in all, and the version that it made: until the payment service
    -- has heard of it, what it comes to is reckoned from this.
    ADD COLUMN write_off_target_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN write_off_version bigint NOT NULL DEFAULT 0;

-- Until now all that remained was written off, or nothing.
ALTER TABLE invoice NO FORCE ROW LEVEL SECURITY;
UPDATE invoice SET amount_written_off_minor = greatest(0, total_minor - amount_paid_minor - amount_credited_minor)
WHERE status = 'uncollectible';
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
