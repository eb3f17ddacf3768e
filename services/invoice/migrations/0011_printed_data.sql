-- What a document carries as data, the rules it was held to before that, and what they found: of a document
-- without data they say why. Documents printed before have none of it.
ALTER TABLE printed_document
    ADD COLUMN data bytea,
    ADD COLUMN rule_set text,
    ADD COLUMN findings jsonb NOT NULL DEFAULT '[]';

-- include: row_security_v1
