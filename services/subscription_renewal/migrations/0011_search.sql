-- Subscriptions by words of their contacts' names, and by the products of their lines.
-- include: search_v1

CREATE FUNCTION search_words(lines jsonb) RETURNS text[] LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN
    ARRAY(SELECT search_tag(line ->> 'product_id') FROM jsonb_array_elements(lines) AS line
        WHERE line ->> 'product_id' IS NOT NULL);
SELECT search_table('contact_copy', '{name,external_id}', key => 'contact_id');
SELECT search_table('subscription', '{lines}');

-- include: row_security_v1
