-- Search by the beginnings of words. Row security lets an index serve only comparisons that leak nothing:
-- no ILIKE, no text search, no expression. So each word is a row, found by a range of plain text.

-- Without case and accents, whatever the database's own locale.
CREATE FUNCTION search_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE WHEN octet_length(value) = length(value) THEN casefold(value COLLATE pg_unicode_fast)
        ELSE translate(casefold(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]+', '', 'g')
            COLLATE pg_unicode_fast), 'øłđıħ', 'oldih') END;

-- The value from the beginning of each of its words on, letters and digits alone: `INV-2026-00042` gives
-- inv202600042, 202600042, 00042; and where it ends in digits, those from behind, after a `<`. Of each the first
-- twenty characters.
CREATE FUNCTION search_words(value text) RETURNS text[] LANGUAGE plpgsql STRICT IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text[] := string_to_array(btrim(regexp_replace(search_fold(value), '[^[:alnum:]]+', ' ', 'g')), ' ');
    joined text := array_to_string(words, '');
    found text[] := ARRAY['<' || left(reverse(substring(joined FROM '[0-9]+$')), 20)];
    place integer := 1;
    word text;
BEGIN
    FOREACH word IN ARRAY words LOOP
        found := found || substr(joined, place, 20);
        place := place + length(word);
    END LOOP;
    RETURN array_remove(array_remove(found, NULL), '');
END $$;

-- Tags are looked up whole.
CREATE FUNCTION search_tag(tag text) RETURNS text LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN
    '#' || left(tag, 200);
CREATE FUNCTION search_words(tags text[]) RETURNS text[] LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN
    ARRAY(SELECT search_tag(tag) FROM unnest(tags) AS tag);

-- What is asked for: the words of a query, folded, letters and digits alone.
CREATE FUNCTION search_prefixes(query text) RETURNS text[] LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN
    array_remove(string_to_array(regexp_replace(
        regexp_replace(search_fold(query), '\s+', ' ', 'g'), '[^[:alnum:] ]+', '', 'g'), ' '), '');

-- The longest of them, by which rows are looked up.
CREATE FUNCTION search_lead(query text) RETURNS text LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(prefix, 20) FROM unnest(search_prefixes(query)) WITH ORDINALITY AS asked (prefix, place)
    ORDER BY length(prefix) DESC, place LIMIT 1
$$;

-- Digits as they are looked for from behind, `0042` as `<24`; null of any other word.
CREATE FUNCTION search_ending(prefix text) RETURNS text LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN
    CASE WHEN prefix ~ '^[0-9]+$' THEN '<' || left(reverse(regexp_replace(prefix, '^0+(?=.)', '')), 20) END;
CREATE FUNCTION search_tail(query text) RETURNS text LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN
    search_ending(search_lead(query));

-- Whether each of the prefixes begins one of these words, or ends the digits at the end of one of the values.
CREATE FUNCTION search_finds(words text[], prefixes text[]) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    prefix text;
    word text;
    ending text;
    is_found boolean;
BEGIN
    FOREACH prefix IN ARRAY prefixes LOOP
        is_found := false;
        ending := search_ending(prefix);
        prefix := left(prefix, 20);
        FOREACH word IN ARRAY coalesce(words, '{}') LOOP
            IF starts_with(word, prefix) OR starts_with(word, ending) THEN
                is_found := true;
                EXIT;
            END IF;
        END LOOP;
        IF NOT is_found THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END $$;

-- Makes `<parent>_word`, which holds the words of these columns of each row, and keeps it so. Words of `kept`
-- columns stay when their column changes: documents made before still show them.
CREATE FUNCTION search_table(parent text, columns text[], key text DEFAULT 'id', kept text[] DEFAULT '{}')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    new_words text := (SELECT string_agg('search_words(NEW.' || c || ')', ' || ') FROM unnest(columns) AS c);
    old_words text := (SELECT string_agg('search_words(OLD.' || c || ')', ' || ')
        FROM unnest(columns) AS c WHERE c <> ALL (kept));
    every_old text := replace(new_words, 'NEW.', 'OLD.');
    added text := format('INSERT INTO %I_word (workspace_id, word, id) SELECT %%s ON CONFLICT DO NOTHING', parent);
BEGIN
    EXECUTE format('CREATE TABLE %1$I_word (workspace_id uuid NOT NULL, word text COLLATE "C" NOT NULL,
        id uuid NOT NULL, CONSTRAINT %1$I_word_pk PRIMARY KEY (workspace_id, word, id))', parent);
    EXECUTE format('CREATE FUNCTION %1$s_words_insert() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $f$ BEGIN '
        '%2$s; RETURN NULL; END $f$', parent, format(added, format(
        'DISTINCT added.workspace_id, word, added.%I FROM new_rows AS added, unnest(%s) AS word', key,
        replace(new_words, 'NEW.', 'added.'))));
    EXECUTE format('CREATE FUNCTION %1$s_words_update() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $f$ BEGIN '
        'DELETE FROM %1$I_word WHERE workspace_id = OLD.workspace_id AND id = OLD.%2$I AND word = ANY (ARRAY('
        'SELECT unnest(%3$s) EXCEPT SELECT unnest(%4$s))); %5$s; RETURN NULL; END $f$',
        parent, key, coalesce(old_words, '''{}''::text[]'), new_words, format(added, format(
        'DISTINCT NEW.workspace_id, word, NEW.%I FROM unnest(%s) AS word', key, new_words)));
    EXECUTE format('CREATE FUNCTION %1$s_words_delete() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $f$ BEGIN '
        'DELETE FROM %1$I_word WHERE workspace_id = OLD.workspace_id AND id = OLD.%2$I AND word = ANY (%3$s); '
        'RETURN NULL; END $f$', parent, key, every_old);
    EXECUTE format('CREATE TRIGGER words_insert AFTER INSERT ON %1$I REFERENCING NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION %1$s_words_insert()', parent);
    EXECUTE format('CREATE TRIGGER words_update AFTER UPDATE ON %1$I FOR EACH ROW WHEN (%2$s) '
        'EXECUTE FUNCTION %1$s_words_update()', parent,
        (SELECT string_agg(format('(OLD.%1$s) IS DISTINCT FROM (NEW.%1$s)', c), ' OR ') FROM unnest(columns) AS c));
    EXECUTE format('CREATE TRIGGER words_delete AFTER DELETE ON %1$I FOR EACH ROW '
        'EXECUTE FUNCTION %1$s_words_delete()', parent);
END $$;

-- The words of the rows that are there already, in a revision outside a transaction; returns how many. In the
-- order of their index, which takes them many times faster so.
CREATE FUNCTION search_fill(parent text, columns text[], key text DEFAULT 'id') RETURNS bigint
LANGUAGE plpgsql SET work_mem = '128MB' AS $$
DECLARE
    filled bigint;
BEGIN
    EXECUTE format('INSERT INTO %I_word (workspace_id, word, id) SELECT DISTINCT workspace_id, word COLLATE "C", %I '
        'FROM %I, unnest(%s) AS word ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING', parent, key, parent,
        (SELECT string_agg('search_words(' || c || ')', ' || ') FROM unnest(columns) AS c));
    GET DIAGNOSTICS filled = ROW_COUNT;
    RETURN filled;
END $$;
