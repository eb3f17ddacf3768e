"""Texts of SMS: what their characters cost (3GPP TS 23.038)."""

_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_SEPTETS = frozenset("^{}\\[~]|€\f")
# Characters that look the same as one of GSM 7 but would make the whole text cost twice.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        **dict.fromkeys("\u2018\u2019", "'"),
        **dict.fromkeys("\u201c\u201d", '"'),
        **dict.fromkeys("\u2013\u2212", "-"),
    }
)


def to_gsm_7(text: str) -> str:
    """The text with spaces, quotes and dashes that GSM 7 has."""
    return text.translate(_PLAIN).strip()


def count_segments(text: str) -> int:
    """How many messages the text is billed as: 160 septets, or 70 UTF-16 units where GSM 7 lacks one."""
    if all(c in _GSM_7 or c in _TWO_SEPTETS for c in text):
        units, single, part = sum(2 if c in _TWO_SEPTETS else 1 for c in text), 160, 153
    else:
        units, single, part = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= single else -(-units // part)
