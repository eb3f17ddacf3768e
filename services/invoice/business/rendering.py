"""A logo as typst takes it: an SVG that holds the picture, since only texts go into a template."""

import base64

import typst

from services.invoice.business.domain.logo import Logo, NotALogo

_NO_FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[])
_SHOWING = b'#image(bytes(sys.inputs.at("logo")), format: "svg", height: 16mm, alt: "logo")'


def to_svg(logo: Logo) -> str:
    """The picture within an SVG of its size."""
    size = f'width="{logo.width}" height="{logo.height}"'
    data = base64.b64encode(logo.content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {logo.width} {logo.height}">'
        f'<image {size} href="data:{logo.media_type};base64,{data}"/></svg>'
    )


def require_readable(logo: Logo) -> None:
    """Raise NotALogo unless the picture can be set: no document is ever refused because of its logo."""
    try:
        typst.compile(
            _SHOWING,
            format="pdf",
            font_paths=_NO_FONTS,
            sys_inputs={"logo": to_svg(logo)},
            pdf_standards=["a-3b"],
        )
    except typst.TypstError as error:
        raise NotALogo("The picture is damaged.") from error
