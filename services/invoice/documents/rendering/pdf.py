"""Documents as PDF/A-3b, set by typst; the same document gives the same bytes every time.

A compiler belongs to one thread, and a process that has compiled must not fork (typst's worker threads do
not survive it), so compilers are made where they are used.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog
import typst

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import factur_x, glyphs, view, view_v1
from services.invoice.documents.rendering.glyph_fallback import replace_missing_glyphs

STATIC = Path(__file__).parents[2] / "static"
TEMPLATE_VERSION = 2
"""The newest folder of `static/documents`; a released one never changes, nor do its documents."""
_VIEWS = {1: view_v1.build_view, 2: view.build_view}
"""What the template of each version prints; the first one's leaves out by itself what cannot be set."""

_local = threading.local()
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pdf:
    """A document's bytes: whether they are PDF/A-3b, and whether they carry Factur-X data."""

    content: bytes
    is_archival: bool
    is_factur_x: bool


def render_pdf(
    model: PrintModel, logo_svg: str | None = None, version: int = TEMPLATE_VERSION, data: bytes | None = None
) -> Pdf:
    """The document set in its contact's language, with its data attached: CII that was validated before.

    Takes 10 to 50 ms, mostly without the GIL.
    """
    shown = _VIEWS[version](model)
    if version > 1:
        shown = replace_missing_glyphs(shown, glyphs.families(*_font_folders(version)))
    inputs = {"data": json.dumps(shown, ensure_ascii=False)}
    if logo_svg:
        inputs["logo"] = logo_svg
    try:
        if data is None:
            return Pdf(
                _compile(inputs, model, version, is_archival=True), is_archival=True, is_factur_x=False
            )
        pdf = _compile(inputs | {"xml": data.decode()}, model, version, is_archival=True)
        return Pdf(factur_x.declare_attachment(pdf), is_archival=True, is_factur_x=True)
    except typst.TypstError as error:
        # A glyph that no font has must not keep anybody from their invoice.
        log.error("document.not_archival", number=model.number, exc_info=error)
        return Pdf(_compile(inputs, model, version, is_archival=False), is_archival=False, is_factur_x=False)


def _compile(inputs: dict[str, str], model: PrintModel, version: int, *, is_archival: bool) -> bytes:
    content = _compiler(version).compile(
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-3b"] if is_archival else [],
        timestamp=int(model.made_at.timestamp()),
    )
    assert isinstance(content, bytes)
    return content


def _compiler(version: int) -> typst.Compiler:
    compilers: dict[int, typst.Compiler] = _local.__dict__.setdefault("compilers", {})
    if version not in compilers:
        folder = STATIC / "documents" / f"v{version}"
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=list(_font_folders(version)),
        )
        compilers[version] = typst.Compiler(folder / "document.typ", root=folder, font_paths=fonts)
    return compilers[version]


def _font_folders(version: int) -> tuple[Path, ...]:
    """The fonts of all versions, and those that came with this one: an older one must not find them."""
    return STATIC / "fonts", STATIC / "documents" / f"v{version}" / "fonts"
