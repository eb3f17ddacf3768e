"""Search by the beginnings of words, of rows whose table `search_table` has given a table of words.

Each word of the query begins one of a row's, whatever case and accents; digits also end one: `42` finds
INV-2026-00042. The functions are those of `tables/search_v1.sql`, which folds both sides alike.
"""

_RANGE = "{0}word >= search_{1}(:q) AND {0}word < search_{1}(:q) || chr(1114111)"


def terms(query: str | None) -> dict[str, str | None]:
    """The filter that a query is: of its words, or where it has none (`%`) of its characters as they are."""
    has_words = query is None or any(character.isalnum() for character in query)
    return {"q": query} if has_words else {"literal": query}


def has_words(*columns: str) -> str:
    """The condition that these columns have all words of `:q`."""
    words = " || ".join(f"search_words({column})" for column in columns)
    return f"search_finds({words}, search_prefixes(:q))"


def has_literally(*columns: str) -> str:
    """The condition that one of these columns has `:literal` as it stands."""
    return " OR ".join(f"strpos({column}, :literal) > 0" for column in columns)


def found_in(table: str) -> str:
    """Where the rows are that have the query's longest word."""
    return " UNION ALL ".join(
        f"SELECT id FROM {table}_word WHERE workspace_id = :workspace_id AND {_RANGE.format('', end)}"
        for end in ("lead", "tail")
    )


def found_whole(table: str, field: str) -> str:
    """Where the rows are that have the field as one of their tags."""
    return f"SELECT id FROM {table}_word WHERE workspace_id = :workspace_id AND word = search_tag(:{field})"


def found_in_contacts(table: str, words: str = "contact") -> str:
    """Where the rows of a table are whose contacts have that word."""
    return " UNION ALL ".join(
        f"""SELECT t.id FROM {words}_word w JOIN {table} t
            ON t.workspace_id = w.workspace_id AND t.contact_id = w.id
        WHERE w.workspace_id = :workspace_id AND {_RANGE.format("w.", end)}"""
        for end in ("lead", "tail")
    )


def either(*selects: str) -> str:
    """Rows of any of these."""
    return " UNION ALL ".join(selects)
