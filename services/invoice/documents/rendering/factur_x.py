"""What makes a PDF/A-3 with a CII attachment a Factur-X: its XMP says what the attachment is.

Factur-X 1.09, chapter 6: the four `fx:` properties and the extension schema that declares them.
"""

import io

import pikepdf

FILE_NAME = "factur-x.xml"
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": "name of the embedded XML invoice file",
    "DocumentType": "INVOICE",
    "Version": "version of the Factur-X XML schema",
    "ConformanceLevel": "conformance level of the embedded Factur-X data",
}
_DECLARED = "".join(
    '<rdf:li rdf:parseType="Resource">'
    f"<pdfaProperty:name>{name}</pdfaProperty:name>"
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
    "<pdfaProperty:category>external</pdfaProperty:category>"
    f"<pdfaProperty:description>{description}</pdfaProperty:description>"
    "</rdf:li>"
    for name, description in _PROPERTIES.items()
)
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{_DECLARED}</rdf:Seq></pdfaSchema:property>"
    "</rdf:li>"
)
_DESCRIPTION = (
    f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">'
    "<fx:DocumentType>INVOICE</fx:DocumentType>"
    f"<fx:DocumentFileName>{FILE_NAME}</fx:DocumentFileName>"
    "<fx:Version>1.0</fx:Version>"
    "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>"
    "</rdf:Description>"
)


def declare_attachment(pdf: bytes) -> bytes:
    """The PDF with its attachment declared; the same PDF gives the same bytes."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        text = opened.Root.Metadata.read_bytes().decode()
        start = "<pdfaExtension:schemas><rdf:Bag>"
        assert start in text
        text = text.replace(start, start + _SCHEMA, 1).replace("</rdf:RDF>", _DESCRIPTION + "</rdf:RDF>", 1)
        opened.Root.Metadata = opened.make_stream(
            text.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        out = io.BytesIO()
        opened.save(out, deterministic_id=True)
        return out.getvalue()


def read_data(pdf: bytes) -> bytes:
    """The XML that a Factur-X carries; raises KeyError where there is none."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        content: bytes = opened.attachments[FILE_NAME].get_file().read_bytes()
        return content
