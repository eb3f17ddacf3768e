-- Search by the beginnings of words, and tags of contacts. What is there already is filled in by the next revision.
-- include: search_v1

-- Documents are found by the names that their contacts had before, too: they still show them.
SELECT search_table('contact', '{name,email,phone,tags}', kept => '{name}');
SELECT search_table('product', '{name,sku}');
SELECT search_table('invoice', '{number,reference}');
SELECT search_table('quote', '{number,reference}');
SELECT search_table('credit_note', ARRAY['number', 'reason', 'invoice->>''number''']);

-- include: row_security_v1
