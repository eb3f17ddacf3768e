-- When what is billed was supplied: a date or a period of whole days, on documents and on lines.
ALTER TABLE invoice
    ADD COLUMN supply_date date,
    ADD COLUMN supply_start date,
    ADD COLUMN supply_end date,
    -- The tax in the currency of the seller's accounts: {"currency", "exchange_rate", …, "tax_minor"}.
    ADD COLUMN tax_conversion jsonb,
    ADD CONSTRAINT invoice_supply_ends_after_start
        CHECK ((supply_start IS NULL) = (supply_end IS NULL) AND supply_start <= supply_end) NOT VALID;
ALTER TABLE quote
    ADD COLUMN supply_date date,
    ADD COLUMN supply_start date,
    ADD COLUMN supply_end date;
ALTER TABLE credit_note
    ADD COLUMN supply_date date,
    ADD COLUMN supply_start date,
    ADD COLUMN supply_end date,
    ADD COLUMN tax_conversion jsonb;
ALTER TABLE invoice_line
    ADD COLUMN supply_start date,
    ADD COLUMN supply_end date;
ALTER TABLE quote_line
    ADD COLUMN supply_start date,
    ADD COLUMN supply_end date;
ALTER TABLE credit_note_line
    ADD COLUMN supply_start date,
    ADD COLUMN supply_end date;

-- The tax office's number for the seller, besides a VAT number.
ALTER TABLE business ADD COLUMN tax_number text;

-- include: row_security_v1
