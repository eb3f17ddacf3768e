-- How much of an invoice the contact's credit settled when its receivable was opened: documents print it.
ALTER TABLE receivable ADD COLUMN settled_at_opening_minor bigint NOT NULL DEFAULT 0;
