-- Parts of invoices are written off, and that is taken back.

-- The invoice's version that decided it last: what is older, or comes again, changes nothing.
ALTER TABLE receivable ADD COLUMN write_off_version bigint NOT NULL DEFAULT 0;
-- What the receivable showed after it; null in rows from before.
ALTER TABLE allocation
    ADD COLUMN receivable_written_off_minor bigint,
    ADD COLUMN receivable_write_off_version bigint;
