-- Numbers and references as bank statements spell them. Row security lets no index of an expression serve the
-- API's login, so each is a row; those of before are filled in by the next revision.
CREATE TABLE receivable_key (
    workspace_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    invoice_id uuid NOT NULL,
    CONSTRAINT receivable_key_pk PRIMARY KEY (workspace_id, key, invoice_id)
);
CREATE FUNCTION receivable_key_of(value text) RETURNS text LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN
    upper(regexp_replace(value, '[^A-Za-z0-9]', '', 'g'));
CREATE FUNCTION receivable_keys_insert() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO receivable_key (workspace_id, key, invoice_id)
    SELECT workspace_id, receivable_key_of(number), invoice_id FROM new_rows
    UNION
    SELECT workspace_id, receivable_key_of(reference), invoice_id FROM new_rows WHERE reference IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION receivable_keys_update() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM receivable_key WHERE workspace_id = OLD.workspace_id AND invoice_id = OLD.invoice_id
        AND key IN (receivable_key_of(OLD.number), receivable_key_of(OLD.reference))
        AND key NOT IN (receivable_key_of(NEW.number), coalesce(receivable_key_of(NEW.reference), ''));
    INSERT INTO receivable_key (workspace_id, key, invoice_id)
    SELECT NEW.workspace_id, key, NEW.invoice_id
    FROM unnest(ARRAY[receivable_key_of(NEW.number), receivable_key_of(NEW.reference)]) AS key WHERE key IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_insert AFTER INSERT ON receivable REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION receivable_keys_insert();
CREATE TRIGGER keys_update AFTER UPDATE ON receivable FOR EACH ROW
    WHEN (OLD.number IS DISTINCT FROM NEW.number OR OLD.reference IS DISTINCT FROM NEW.reference)
    EXECUTE FUNCTION receivable_keys_update();

-- include: row_security_v1
