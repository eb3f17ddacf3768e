"""What a session's token opens, and what it does not."""

import pytest

from services.gateway.console import domain as rules
from services.gateway.console.domain import Notice
from shared.kernel.key_ring import SecretUnreadable


def test_tokens_are_long_and_all_different() -> None:
    tokens = {rules.new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(rules.is_token(token) for token in tokens)
    assert not any(map(rules.is_token, ("", "a" * 42, "a" * 44, "a" * 42 + "=", "ä" * 43)))


def test_a_form_counts_for_its_session_and_its_workspace_alone() -> None:
    token = rules.new_token()
    form = rules.form_token(token, "acme")

    assert rules.is_form_token(form, token, "acme")
    assert not rules.is_form_token(form, token, "other")
    assert not rules.is_form_token(form, token, None)
    assert not rules.is_form_token(form, rules.new_token(), "acme")
    assert not rules.is_form_token("ä", token, "acme")


def test_what_is_sealed_opens_with_its_token_in_its_column_alone() -> None:
    token = rules.new_token()
    sealed = rules.seal(token, "credential", "ein Geheimnis: €")

    assert rules.unseal(token, "credential", sealed) == "ein Geheimnis: €"
    assert b"Geheimnis" not in sealed
    for other, column in ((rules.new_token(), "credential"), (token, "notice")):
        with pytest.raises(SecretUnreadable):
            rules.unseal(other, column, sealed)


def test_a_notice_comes_back_as_it_was_left() -> None:
    notice = Notice("“Shop” is ready.", secret="blg_live_x")

    assert Notice.load(notice.dump()) == notice
