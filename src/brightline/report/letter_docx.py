"""The answer letter as docx, from the same blocks as the PDF, with real styles so that an agency can edit it."""

from __future__ import annotations

import re
from datetime import datetime, time
from functools import lru_cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as Words

from brightline.report import letter as content
from brightline.report.about import ReportError
from brightline.report.letter import DAMAGED, Letter, Told, logo_inches, told

FONT = "Times New Roman"
SOFT = RGBColor(0x44, 0x48, 0x4F)
INK = RGBColor(0x1C, 0x24, 0x30)
TAGS = {"en": "en-US", "es": "es-US"}  # as the file names a language
WIDE = 2.1, 4.2  # inches: the two columns of what is released
USED = {
    "Normal", "Heading 1", "Heading 2", "Letterhead", "Letterhead line", "Address", "Reference", "Law citation", "Law",
    "Released", "Signature line", "Signer's title", "Header", "Footer", "Table Grid",
}  # fmt: skip
LONGEST = 255  # characters of a property, ECMA-376 part 2 as python-docx enforces it


def letter_docx(letter: Letter) -> bytes:
    """The letter as docx. Its author is the agency, its time noon of the letter's day: the same letter, the same bytes.

    It says the words of `letter_pdf`, in the same order; a page's head and foot too.
    """
    words = told(letter)
    document = Document(BytesIO(_blank(words.language)))
    _properties(document, letter, words)
    _page(document, words)
    for block in words.blocks:
        _set(document, block, letter)
    raw = BytesIO()
    document.save(raw)
    return _untimed(raw.getvalue())


@lru_cache(maxsize=len(TAGS))
def _blank(language: str) -> bytes:
    """A document with the styles of a letter and no other: python-docx brings 164, and looks through them at every paragraph."""
    document = Document()
    _styles(document, language)
    styles = document.styles
    for style in list(styles):
        if style.name not in USED and not style.element.default:
            style.delete()
    left = {style.style_id for style in styles}
    for style in styles:
        for name in ("w:link", "w:next", "w:basedOn"):
            for named in style.element.findall(qn(name)):
                if named.get(qn("w:val")) not in left:
                    style.element.remove(named)
    raw = BytesIO()
    document.save(raw)
    return raw.getvalue()


def _properties(document: Docx, letter: Letter, words: Told) -> None:
    """Nothing of the template's makers, of this program or of the person at the desk."""
    about = document.core_properties
    about.author = about.last_modified_by = words.author[:LONGEST]
    about.title = words.title[:LONGEST]
    about.subject = about.keywords = about.comments = about.category = about.version = ""
    about.identifier = words.number[:LONGEST]
    about.language = TAGS[words.language]
    about.revision = 1
    about.created = about.modified = datetime.combine(letter.dated, time(12))
    relations = document.part.package.rels
    # The template's picture of itself, and its claim to come from another program.
    others = (RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)
    for key in [k for k, r in relations.items() if r.reltype in others]:
        del relations[key]


def _styles(document: Docx, language: str) -> None:
    normal = _style(document, "Normal", 11, below=7)
    normal.paragraph_format.line_spacing = 1.12
    _style(document, "Heading 1", 14, bold=True, above=20, below=10)
    _style(document, "Heading 2", 12, bold=True, above=14, below=6)
    _style(document, "Letterhead", 17, bold=True, colour=INK, below=2)
    _style(document, "Letterhead line", 9, colour=SOFT)
    _style(document, "Address", 11)
    _style(document, "Reference", 11).paragraph_format.tab_stops.add_tab_stop(Inches(1.8))
    cite = _style(document, "Law citation", 9, bold=True, colour=INK, above=8, below=3)
    cite.paragraph_format.keep_with_next = True
    for law in (cite, _style(document, "Law", 9.5, below=5)):
        law.paragraph_format.left_indent, law.paragraph_format.right_indent = Inches(0.3), Inches(0.25)
    _style(document, "Released", 10, above=2, below=2)
    _style(document, "Signature line", 11, above=40).paragraph_format.keep_with_next = True
    _style(document, "Signer's title", 9.5, colour=SOFT)
    _style(document, "Header", 8.5, colour=SOFT)
    _style(document, "Footer", 8.5, colour=SOFT)
    defaults = document.styles.element.find(qn("w:docDefaults"))
    assert defaults is not None, "the template of python-docx has defaults"
    for lang in defaults.iter(qn("w:lang")):
        lang.set(qn("w:val"), TAGS[language])
    # Law is quoted in the language in which it was enacted.
    _spoken(document.styles["Law"], "en")


def _style(
    document: Docx,
    name: str,
    size: float,
    *,
    bold: bool = False,
    colour: RGBColor | None = None,
    above: float = 0,
    below: float = 0,
) -> ParagraphStyle:
    """The style by its name, made where the template has none; sizes and distances in points."""
    styles = document.styles
    style: Any = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
    style.font.color.rgb = colour or RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        # A font of the theme would win over the one that is named.
        fonts.attrib.pop(qn(f"w:{script}Theme"), None)
        fonts.set(qn(f"w:{script}"), FONT)
    fonts.attrib.pop(qn("w:cstheme"), None)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)
    found: ParagraphStyle = style
    return found


def _spoken(style: Any, language: str) -> None:
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), TAGS[language])
    style.element.get_or_add_rPr().append(lang)


def _page(document: Docx, words: Told) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = Inches(1.1)
    section.top_margin, section.bottom_margin = Inches(0.95), Inches(1)
    section.different_first_page_header_footer = True  # the first page has the letterhead instead
    right = section.page_width - section.left_margin - section.right_margin
    for name in ("Header", "Footer"):
        stops = document.styles[name].paragraph_format.tab_stops
        stops.clear_all()
        stops.add_tab_stop(right, WD_TAB_ALIGNMENT.RIGHT)
    head = section.header.paragraphs[0]
    head.add_run(f"{words.author}\t{words.number}")
    _rule(head, "bottom", 4)
    for foot in (section.footer.paragraphs[0], section.first_page_footer.paragraphs[0]):
        foot.style = document.styles["Footer"]
        foot.add_run(f"{words.number}\t")
        for part in re.split(r"(\{pages?\})", words.page):
            if part in ("{page}", "{pages}"):
                _counted(foot, "PAGE" if part == "{page}" else "NUMPAGES")
            else:
                foot.add_run(part)


def _set(document: Docx, block: content.Block, letter: Letter) -> None:
    match block:
        case content.Head(agency, lines, alt):
            _head(document, agency, lines, alt, letter.letterhead.logo)
        case content.Lines(lines):
            for line in lines:
                document.add_paragraph(line, "Address")
        case content.References(rows):
            for n, (name, value) in enumerate(rows):
                row = document.add_paragraph(style="Reference")
                row.paragraph_format.space_before = Pt(14 if n == 0 else 0)
                row.add_run(name).font.color.rgb = SOFT
                row.add_run(f"\t{value}")
        case content.Heading(level, text):
            document.add_heading(text, level)
        case content.Paragraph(text):
            document.add_paragraph(text)
        case content.Clause(cite, paragraphs):
            document.add_paragraph(cite, "Law citation")
            for text in paragraphs:
                document.add_paragraph(text, "Law")
        case content.Fields(head, rows):
            _fields(document, head, rows)
        case content.Signatures(signers):
            for name, title in signers:
                document.paragraphs[-1].paragraph_format.keep_with_next = True  # nobody signs an empty page
                signed = document.add_paragraph(style="Signature line")
                signed.paragraph_format.right_indent = Inches(3.2)
                _rule(signed, "top", 4)
                signed.add_run(name)
                if title:
                    document.add_paragraph(title, "Signer's title")


def _head(document: Docx, agency: str, lines: tuple[str, ...], alt: str, logo: bytes | None) -> None:
    if logo is not None:
        run = document.add_paragraph(style="Letterhead").add_run()
        try:
            picture = run.add_picture(BytesIO(logo), height=Inches(logo_inches(logo)[1]))
        except (UnrecognizedImageError, UnexpectedEndOfFileError, InvalidImageStreamError, ValueError) as error:
            raise ReportError(DAMAGED) from error
        picture._inline.docPr.set("descr", alt)
    last = document.add_paragraph(agency, "Letterhead")
    for line in lines:
        last = document.add_paragraph(line, "Letterhead line")
    _rule(last, "bottom", 10)
    last.paragraph_format.space_after = Pt(22)


def _fields(document: Docx, head: tuple[str, str], rows: tuple[tuple[str, str], ...]) -> None:
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    for column, wide in zip(table.columns, WIDE, strict=True):
        column.width = Inches(wide)
    for n, row in enumerate((head, *rows)):
        cells = (table.rows[0] if n == 0 else table.add_row()).cells
        for cell, text, wide in zip(cells, row, WIDE, strict=True):
            cell.width = Inches(wide)
            words = cell.paragraphs[0]
            words.style = document.styles["Released"]
            words.add_run(text).bold = n == 0 or None
    for n, made in enumerate(table.rows):
        about = made._tr.get_or_add_trPr()
        about.append(OxmlElement("w:cantSplit"))
        if n == 0:
            about.append(OxmlElement("w:tblHeader"))
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "9A9A94")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    layout = table._tbl.tblPr.find(qn("w:tblLayout"))
    assert layout is not None, "a table that does not fit itself has a layout"
    layout.addprevious(borders)


def _rule(words: Words, side: str, eighths: int) -> None:
    """A line at one side of a paragraph, in eighths of a point."""
    border = OxmlElement("w:pBdr")
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "6"), ("color", str(INK))):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    words._p.get_or_add_pPr().insert_element_before(border, *_AFTER_BORDER)


# What must stand after a paragraph's border: ECMA-376 part 1 § 17.3.1.26 gives the order.
_AFTER_BORDER = (
    "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct",
    "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind",
    "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment",
    "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange",
)  # fmt: skip


def _counted(words: Words, field: str) -> None:
    """A number that the word processor fills in."""
    made = OxmlElement("w:fldSimple")
    made.set(qn("w:instr"), field)
    run = OxmlElement("w:r")
    shown = OxmlElement("w:t")
    shown.text = "1"
    run.append(shown)
    made.append(run)
    words._p.append(made)


def _untimed(docx: bytes) -> bytes:
    """The same file without the hour at which each part was packed."""
    packed = BytesIO()
    with ZipFile(BytesIO(docx)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type = ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            new.writestr(part, old.read(name))
    return packed.getvalue()
