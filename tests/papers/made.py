"""Papers made for the tests: eight of each kind and hard cases, every person and office in them invented, fixed seeds.

The layouts are rough imitations; titles, form numbers, citations and signature blocks are those of the federal forms.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import Literal

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

MARK = "INVENTED FOR TESTING - NOT A REAL PAPER"
MADE_KINDS = ("i247a", "i200", "i205", "i138", "judicial_warrant", "judicial_subpoena", "court_order", "letter")
Form = Literal["text", "pdf", "form", "email", "scan", "scanned pdf"]
TICK, EMPTY, LINE = "[X] ", "[ ] ", "_" * 34


@dataclass(frozen=True)
class Person:
    name: str
    born: str
    number: str
    case: str
    day: str
    officer: str
    office: str
    phone: str
    judge: str
    district: str


@dataclass(frozen=True)
class Draft:
    """What stands on a paper, line by line; `fields` are filled in as form fields where the paper is a fillable PDF."""

    kind: str
    lines: tuple[str, ...]
    fields: tuple[tuple[str, str | bool], ...] = ()
    signed: bool = True


@dataclass(frozen=True)
class Made:
    name: str
    kind: str  # its true kind
    form: Form
    data: bytes
    expect: str = ""  # what must be said of it, where that is not its kind
    person: Person | None = None
    inside: tuple[str, ...] = field(default=())  # the kinds of an e-mail's attachments


def person(seed: int) -> Person:
    r = random.Random(seed)
    first = r.choice(("Juan", "Amina", "Pavel", "Lin", "Rosa", "Idris", "Marta", "Otto"))
    last = r.choice(("Inventado", "Madeup", "Fictiva", "Notreal", "Examplar", "Sampleton", "Testov", "Placeholder"))
    return Person(
        name=f"{last}, {first}",
        born=f"{r.randint(1, 12):02}/{r.randint(1, 28):02}/{r.randint(1960, 2004)}",
        number=f"A{r.randint(200, 219):03}-{r.randint(0, 999):03}-{r.randint(0, 999):03}",
        case=f"1:26-mj-{r.randint(100, 9999):05}",
        day=f"{r.randint(1, 11):02}/{r.randint(1, 28):02}/2026",
        officer=r.choice(("Pat Fictional", "Sam Imaginary", "Lee Pretend", "Kim Makebelieve")),
        office=r.choice(("Springfield Field Office", "Rivertown Field Office", "Lakeside Field Office")),
        phone=f"(555) 555-01{r.randint(10, 99)}",
        judge=r.choice(("Ada Invented", "Bo Fictional", "Cy Madeup", "Di Sampleton")),
        district=r.choice(("Southern District of New York", "District of Oregon", "Northern District of Illinois")),
    )


# --- what stands on each kind -----------------------------------------------------------------------


def _sign(signed: bool, name: str) -> str:
    return f"/s/ {name}" if signed else LINE


def i247a(p: Person, n: int = 0) -> Draft:
    edition, title, revised = (
        ("I-247A", "IMMIGRATION DETAINER - NOTICE OF ACTION", "3/17"),
        ("I-247D", "IMMIGRATION DETAINER - REQUEST FOR VOLUNTARY ACTION", "5/15"),
        ("I-247N", "REQUEST FOR VOLUNTARY NOTIFICATION OF RELEASE OF SUSPECTED PRIORITY ALIEN", "5/15"),
        ("I-247", "IMMIGRATION DETAINER - NOTICE OF ACTION", "12/12"),
    )[n % 4 if n > 4 else 0]
    ticks = [bool(n & 1), not n & 1, bool(n & 2), False]
    bases = (
        "A final order of removal against the alien;",
        "The pendency of ongoing removal proceedings against the alien;",
        "Biometric confirmation of the alien's identity and a records check of federal databases;",
        "Statements made by the alien to an immigration officer and/or other reliable evidence.",
    )
    hold = (
        "Maintain custody of the alien for a period NOT TO EXCEED 48 HOURS beyond the time when he/she",
        "would otherwise have been released from your custody to allow DHS to assume custody.",
        "This request arises from 8 C.F.R. 287.7.",
    )
    return Draft(
        "i247a",
        (
            "DEPARTMENT OF HOMELAND SECURITY",
            title,
            "",
            f"Subject ID: {4000000 + n}     File No: {p.number}",
            f"Event #: SPR2611{n:06}     Date: {p.day}",
            "",
            "TO: (Name and Title of Institution - OR Any Subsequent Law Enforcement Agency)",
            "Invented County Jail, 1 Example Street, Springfield",
            f"FROM: {p.office}, Enforcement and Removal Operations",
            "",
            f"Name of Alien: {p.name}",
            f"Date of Birth: {p.born}     Citizenship: Examplia     Sex: M",
            "",
            "1. DHS HAS DETERMINED THAT PROBABLE CAUSE EXISTS THAT THE SUBJECT IS A REMOVABLE ALIEN.",
            "THIS DETERMINATION IS BASED ON (complete box 1 or 2):",
            *(f"{TICK if t else EMPTY}{b}" for t, b in zip(ticks, bases, strict=True)),
            "2. DHS TRANSFERRED THE ALIEN TO YOUR CUSTODY FOR A PROCEEDING OR INVESTIGATION",
            "",
            "IT IS THEREFORE REQUESTED THAT YOU:",
            "Notify DHS as early as practicable (at least 48 hours, if possible) before the alien is released",
            f"from your custody. Please notify DHS by calling {p.phone}.",
            *(() if edition == "I-247N" else hold),
            "",
            f"{p.officer}, Deportation Officer     {_sign(True, p.officer)}",
            "(Name and title of Immigration Officer)     (Signature of Immigration Officer)",
            "",
            f"DHS Form {edition} ({revised})     Page 1 of 3",
        ),
        (
            ("Name of Alien", p.name),
            ("Date of Birth", p.born),
            ("File No", p.number),
            ("Date", p.day),
            *((b.rstrip(";."), t) for t, b in zip(ticks, bases, strict=True)),
        ),
    )


def i200(p: Person, n: int = 0) -> Draft:
    return Draft(
        "i200",
        (
            "U.S. DEPARTMENT OF HOMELAND SECURITY          Warrant for Arrest of Alien",
            "WARRANT FOR ARREST OF ALIEN",
            "",
            f"File No. {p.number}",
            f"Date: {p.day}",
            "",
            "To: Any immigration officer authorized pursuant to sections 236 and 287 of the Immigration and",
            "Nationality Act and part 287 of title 8, Code of Federal Regulations, to serve warrants of arrest",
            "for immigration violations",
            "",
            f"I have determined that there is probable cause to believe that {p.name}",
            "is removable from the United States. This determination is based upon:",
            f"{TICK if n % 2 else EMPTY}the execution of a charging document to initiate removal proceedings against the subject;",
            f"{EMPTY if n % 2 else TICK}the pendency of ongoing removal proceedings against the subject;",
            f"{EMPTY}the failure to establish admissibility subsequent to deferred inspection;",
            f"{TICK}biometric confirmation of the subject's identity and a records check of federal databases.",
            "",
            "YOU ARE COMMANDED to arrest and take into custody for removal proceedings under the Immigration",
            "and Nationality Act, the above-named alien.",
            "",
            _sign(True, p.officer),
            "(Signature of Authorized Immigration Officer)",
            f"{p.officer}, Supervisory Detention and Deportation Officer",
            "(Printed Name and Title of Authorized Immigration Officer)",
            "",
            "Certificate of Service",
            "I hereby certify that the Warrant for Arrest of Alien was served by me at Springfield",
            "",
            "Form I-200 (Rev. 09/16)",
        ),
        (("Name of alien", p.name), ("File No", p.number), ("Date", p.day)),
    )


def i205(p: Person, n: int = 0) -> Draft:
    bodies = (
        "an immigration judge in exclusion, deportation, or removal proceedings",
        "a designated official",
        "the Board of Immigration Appeals",
        "a United States District or Magistrate Court Judge",
    )
    return Draft(
        "i205",
        (
            "DEPARTMENT OF HOMELAND SECURITY",
            "U.S. Immigration and Customs Enforcement",
            "WARRANT OF REMOVAL/DEPORTATION",
            "",
            f"File No: {p.number}",
            f"Date: {p.day}",
            "",
            "To any immigration officer of the United States Department of Homeland Security:",
            p.name,
            "(Full name of alien)",
            "who entered the United States at Exampleport on 01/01/2001",
            "is subject to removal/deportation from the United States, based upon a final order by:",
            *(f"{TICK if i == n % 4 else EMPTY}{b}" for i, b in enumerate(bodies)),
            "and pursuant to the following provisions of the Immigration and Nationality Act: 237(a)(1)(B)",
            "",
            "I, the undersigned officer of the United States, by virtue of the power and authority vested in the",
            "Secretary of Homeland Security under the laws of the United States and by his or her direction,",
            "command you to take into custody and remove from the United States the above-named alien,",
            "pursuant to law, at the expense of the United States. 8 C.F.R. 241.2",
            "",
            _sign(True, p.officer),
            "(Signature of immigration officer)",
            "Field Office Director",
            "(Title of immigration officer)",
            f"{p.day}, {p.office}",
            "(Date and office location)",
            "",
            "ICE Form I-205 (8/07)     Page 1 of 2",
        ),
        (("Full name of alien", p.name), ("File No", p.number), ("Date", p.day)),
    )


def i138(p: Person, n: int = 0) -> Draft:
    return Draft(
        "i138",
        (
            "U.S. Department of Homeland Security",
            "IMMIGRATION ENFORCEMENT SUBPOENA",
            "to Appear and/or Produce Records",
            "8 U.S.C. 1225(d), 8 C.F.R. 287.4",
            "",
            "1. To (Name, Address, City, State, Zip Code): Invented County Jail, Springfield",
            f"2. Subpoena Number: SPR-2026-{n:04}",
            f"3. In Reference To: {p.name}",
            f"File Number: {p.number}",
            "",
            "By the service of this subpoena upon you, YOU ARE HEREBY SUMMONED AND REQUIRED TO:",
            f"{EMPTY}(A) APPEAR before the U.S. Customs and Border Protection or ICE official named in Block 2",
            f"{TICK}(B) PRODUCE the records (books, papers, or other documents) indicated in Block 4",
            "4. Records required to be produced for inspection: booking sheet and release date",
            "",
            "Failure to comply with this subpoena may subject you to an order of contempt by a federal District",
            "Court, as provided by law.",
            "",
            "5. Issuing Official",
            _sign(True, p.officer),
            "(Signature)",
            f"{p.officer}, Supervisory Special Agent",
            "(Printed Name and Title of Issuing Official)",
            f"Date: {p.day}     Telephone: {p.phone}",
            "",
            "DHS Form I-138 (6/09)",
        ),
        (("Name of subject", p.name), ("Subpoena Number", f"SPR-2026-{n:04}"), ("Date", p.day)),
    )


def judicial_warrant(p: Person, n: int = 0, signed: bool = True) -> Draft:
    given, last = p.name.split(", ")[1], p.name.split(", ")[0]
    if n % 2 == 0:
        return Draft(
            "judicial_warrant",
            (
                "AO 442 (Rev. 11/11) Arrest Warrant",
                "UNITED STATES DISTRICT COURT",
                "for the",
                p.district,
                "",
                "United States of America",
                "v.",
                f"{given} {last}     Case No. {p.case}",
                "Defendant",
                "",
                "ARREST WARRANT",
                "",
                "To: Any authorized law enforcement officer",
                "YOU ARE COMMANDED to arrest and bring before a United States magistrate judge without",
                "unnecessary delay",
                f"(name of person to be arrested) {given} {last}",
                "who is accused of an offense or violation based on the following document filed with the court:",
                f"{EMPTY}Indictment  {EMPTY}Superseding Indictment  {TICK}Complaint  {EMPTY}Violation Notice",
                "This offense is briefly described as follows: wire fraud, 18 U.S.C. 1343",
                "",
                f"Date: {p.day}",
                _sign(signed, p.judge),
                "Issuing officer's signature",
                "City and state: Springfield",
                f"Hon. {p.judge}, United States Magistrate Judge",
                "Printed name and title",
                "",
                "Return",
                "This warrant was received on (date) and the person was arrested on (date)",
            ),
            (("Name of person to be arrested", f"{given} {last}"), ("Case No", p.case), ("Date", p.day)),
            signed,
        )
    return Draft(
        "judicial_warrant",
        (
            "AO 93 (Rev. 11/13) Search and Seizure Warrant",
            "UNITED STATES DISTRICT COURT",
            "for the",
            p.district,
            "",
            "In the Matter of the Search of",
            f"records of the Invented County Jail     Case No. {p.case}",
            "",
            "SEARCH AND SEIZURE WARRANT",
            "",
            "To: Any authorized law enforcement officer",
            "An application by a federal law enforcement officer or an attorney for the government requests the",
            "search of the following person or property located in the District.",
            "I find that the affidavit(s), or any recorded testimony, establish probable cause to search and seize.",
            "YOU ARE COMMANDED to execute this warrant on or before 12/31/2026 (not to exceed 14 days)",
            "as required by Fed. R. Crim. P. 41.",
            "",
            f"Date and time issued: {p.day}",
            _sign(signed, p.judge),
            "Judge's signature",
            "City and state: Springfield",
            f"Hon. {p.judge}, United States Magistrate Judge",
            "Printed name and title",
        ),
        (("Case No", p.case), ("Date", p.day)),
        signed,
    )


def judicial_subpoena(p: Person, n: int = 0) -> Draft:
    given, last = p.name.split(", ")[1], p.name.split(", ")[0]
    number, title, rule = (
        (
            "AO 89 (Rev. 08/09) Subpoena to Testify at a Hearing or Trial in a Criminal Case",
            "SUBPOENA TO TESTIFY AT A HEARING OR TRIAL IN A CRIMINAL CASE",
            "See Fed. R. Crim. P. 17.",
        ),
        (
            "AO 110 (Rev. 06/09) Subpoena to Testify Before a Grand Jury",
            "SUBPOENA TO TESTIFY BEFORE A GRAND JURY",
            "See Fed. R. Crim. P. 17.",
        ),
        (
            "AO 88B (Rev. 02/14) Subpoena to Produce Documents, Information, or Objects in a Civil Action",
            "SUBPOENA TO PRODUCE DOCUMENTS, INFORMATION, OR OBJECTS",
            "The following provisions of Fed. R. Civ. P. 45 are attached.",
        ),
    )[n % 3]
    return Draft(
        "judicial_subpoena",
        (
            number,
            "UNITED STATES DISTRICT COURT",
            "for the",
            p.district,
            "",
            "United States of America",
            "v.",
            f"{given} {last}     Case No. {p.case.replace('mj', 'cr')}",
            "",
            title,
            "",
            "To: Keeper of Records, Invented County Jail",
            "YOU ARE COMMANDED to appear in this United States district court at the time, date, and place",
            "shown below. You must also bring with you the following documents: booking sheet.",
            rule,
            "",
            "(SEAL)",
            f"Date: {p.day}",
            "CLERK OF COURT",
            _sign(True, "Clementine Clerk"),
            "Signature of Clerk or Deputy Clerk",
            "",
            f"The name and telephone number of the attorney who requests this subpoena: Max Pretend, {p.phone}",
        ),
        (("Case No", p.case.replace("mj", "cr")), ("Date", p.day)),
    )


def court_order(p: Person, n: int = 0, signed: bool = True) -> Draft:
    given, last = p.name.split(", ")[1], p.name.split(", ")[0]
    head = (
        ("UNITED STATES DISTRICT COURT", p.district.upper())
        if n % 2 == 0
        else ("SUPERIOR COURT OF INVENTED COUNTY", "STATE OF EXAMPLIA")
    )
    sign = "United States District Judge" if n % 2 == 0 else "Judge of the Superior Court"
    title = ("ORDER", "ORDER TO PRODUCE RECORDS", "PROTECTIVE ORDER")[n % 3]
    return Draft(
        "court_order",
        (
            *head,
            "",
            "United States of America",
            "v.",
            f"{given} {last}     Case No. {p.case.replace('mj', 'cr')}",
            "",
            title,
            "",
            "Upon the motion of the government, and good cause having been shown,",
            "IT IS HEREBY ORDERED that the Invented County Jail produce the booking sheet of the defendant",
            "to the United States Attorney within ten days.",
            "",
            f"Dated: {p.day}",
            "SO ORDERED.",
            _sign(signed, p.judge),
            f"Hon. {p.judge}",
            sign,
        ),
        (),
        signed,
    )


def letter_text(p: Person, n: int = 0) -> Draft:
    asks = (
        "we request that you provide the home address and the release date of the person named below.",
        "please notify this office before the person named below is released.",
        "I am requesting a copy of the booking records of the person named below. A judicial warrant will follow.",
        "please hold the person named below until our officers arrive. Form I-200 is attached.",
    )
    return Draft(
        "letter",
        (
            "U.S. Department of Homeland Security",
            "Immigration and Customs Enforcement",
            p.office,
            "",
            f"Date: {p.day}",
            f"Re: {p.name}, born {p.born}, {p.number}",
            "",
            "Dear Sheriff,",
            "",
            "As part of an official inquiry " + asks[n % 4],
            f"Please call {p.phone} with any question.",
            "",
            "Sincerely,",
            f"/s/ {p.officer}",
            p.officer,
            "Deportation Officer",
        ),
    )


DRAFTS: dict[str, Callable[[Person, int], Draft]] = {
    "i247a": i247a,
    "i200": i200,
    "i205": i205,
    "i138": i138,
    "judicial_warrant": judicial_warrant,
    "judicial_subpoena": judicial_subpoena,
    "court_order": court_order,
    "letter": letter_text,
}

# --- how it is written down -------------------------------------------------------------------------


def as_text(draft: Draft) -> bytes:
    return "\n".join((MARK, "", *draft.lines)).encode()


def as_pdf(*drafts: Draft, fill: bool = False) -> bytes:
    """A page for each draft; with `fill` the values are form fields and the lines keep only their labels."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=True, pageCompression=1)
    for draft in drafts:
        lines = _blanked(draft) if fill else draft.lines
        y = 750
        canvas.setFont("Helvetica", 7)
        canvas.drawString(60, 770, MARK)
        for line in lines:
            canvas.setFont("Helvetica-Bold" if line.isupper() else "Helvetica", 10)
            canvas.drawString(60, y, line)
            y -= 15 if line else 9
        if fill:
            _fill(canvas, draft, y - 10)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _blanked(draft: Draft) -> tuple[str, ...]:
    values = [v for _, v in draft.fields if isinstance(v, str)]
    lines = []
    for line in draft.lines:
        for value in values:
            line = line.replace(value, "")
        lines.append(line.replace(TICK, EMPTY))
    return tuple(lines)


def _fill(canvas: Canvas, draft: Draft, y: float) -> None:
    for at, (name, value) in enumerate(draft.fields):
        x, high = (60, y - 22 * (at // 2)) if at % 2 == 0 else (320, y - 22 * (at // 2))
        if isinstance(value, bool):
            canvas.acroForm.checkbox(name=f"box{at}", tooltip=name, checked=value, x=x, y=high, size=14)
        else:
            canvas.acroForm.textfield(
                name=name, tooltip=name, value=value, x=x, y=high, width=200, height=16, fontSize=9
            )


def as_picture(
    draft: Draft, seed: int, *, skew: float = 2.0, noise: int = 18, contrast: float = 0.6, dpi: int = 200
) -> bytes:
    """The page as a scanner gives it: skewed, noisy, pale, a little blurred, with a signature by hand if it is signed."""
    r = random.Random(seed)
    by_hand = replace(draft, lines=tuple(LINE if line.startswith("/s/") else line for line in draft.lines))
    with pypdfium2.PdfDocument(as_pdf(by_hand)) as document:
        page = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
    at = next((i for i, line in enumerate(draft.lines) if line.startswith("/s/")), None)
    if at is not None:
        _scribble(page, r, 100, (792 - 750 + sum(15 if line else 9 for line in draft.lines[:at]) - 10) * dpi / 72)
    page = page.rotate(r.uniform(-skew, skew), Image.Resampling.BICUBIC, expand=False, fillcolor=255)
    page = page.filter(ImageFilter.GaussianBlur(0.5))
    page = page.point(lambda x: int(245 - (255 - x) * contrast))
    page = Image.blend(page, _grain(page.size, seed), noise / 255)
    out = io.BytesIO()
    page.save(out, "JPEG" if seed % 2 else "PNG", **({"quality": 80} if seed % 2 else {}))
    return out.getvalue()


def _grain(size: tuple[int, int], seed: int) -> Image.Image:
    """Noise that is the same every time: Pillow's own cannot be seeded."""
    tile = Image.frombytes("L", (256, 256), random.Random(seed).randbytes(65_536))
    grain = Image.new("L", size)
    for x in range(0, size[0], 256):
        for y in range(0, size[1], 256):
            grain.paste(tile, (x, y))
    return grain


def _scribble(page: Image.Image, r: random.Random, x: float, y: float) -> None:
    points = [(170 + x + 14 * i, y + r.uniform(-18, 18)) for i in range(16)]
    ImageDraw.Draw(page).line(points, fill=30, width=3, joint="curve")


def as_scanned_pdf(pictures: Sequence[bytes], hidden: Draft | None = None) -> bytes:
    """Pictures of pages in a PDF; `hidden` is text that nobody sees, as scanners lay it under a page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=True)
    for picture in pictures:
        if hidden is not None:
            text = canvas.beginText(60, 750)
            text.setTextRenderMode(3)
            for line in hidden.lines:
                text.textLine(line)
            canvas.drawText(text)
        with Image.open(io.BytesIO(picture)) as image:
            canvas.drawInlineImage(image.convert("L"), 0, 0, *letter)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def as_email(body: str, attached: Sequence[tuple[str, bytes]] = (), subject: str = "Request (invented)") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Pat Fictional <pat.fictional@ice.example>"
    message["To"] = "records@invented-county.example"
    message["Date"] = "Fri, 27 Nov 2026 10:00:00 -0500"
    message["Subject"] = subject
    message["Message-ID"] = "<1@ice.example>"
    message.set_content(f"{body}\n\n{MARK}\n")
    for name, data in attached:
        kind = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}.get(
            name.rsplit(".", 1)[-1], "text/plain"
        )
        main, sub = kind.split("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    if attached:
        message.set_boundary("=invented=")
    return bytes(message)


# --- the papers -------------------------------------------------------------------------------------


@cache
def text_papers() -> tuple[Made, ...]:
    """Eight of each kind that hold text: plain, PDF, fillable PDF, attached to an e-mail, some with other pages."""
    made: list[Made] = []
    for k, kind in enumerate(MADE_KINDS):
        for n in range(8):
            p = person(1000 * k + n)
            draft = DRAFTS[kind](p, n)
            name, form, inside = f"{kind}-{n}", "pdf", ()
            if n in (0, 1):
                data, form = as_pdf(draft), "pdf"
            elif n in (2, 3):
                data, form = as_text(draft), "text"
            elif n in (4, 5):
                fill = bool(draft.fields)
                data, form = as_pdf(draft, fill=fill), "form" if fill else "pdf"
            elif kind == "letter":
                data, form = as_email("\n".join(draft.lines[7:])), "email"
            else:
                body = (
                    "Please see attached and call me."
                    if n == 6
                    else "Good morning,\nplease see the attached request.\nThanks"
                )
                data, form, inside = as_email(body, [("paper.pdf", as_pdf(draft))]), "email", (kind,)
            made.append(Made(name, kind, form, data, person=p, inside=inside))  # type: ignore[arg-type]
    return tuple(made)


@cache
def scans() -> tuple[Made, ...]:
    """Four of each kind as pictures: skewed up to five degrees, noisy, pale; the last one inside a PDF."""
    ways = ({}, {"skew": 5.0}, {"noise": 45, "contrast": 0.5}, {"skew": 3.0, "contrast": 0.35, "dpi": 150})
    made: list[Made] = []
    for k, kind in enumerate(MADE_KINDS):
        for n, way in enumerate(ways):
            p = person(5000 + 1000 * k + n)
            picture = as_picture(DRAFTS[kind](p, n), 77 * k + n, **way)  # type: ignore[arg-type]
            if n == 3:
                made.append(Made(f"{kind}-scan-{n}", kind, "scanned pdf", as_scanned_pdf([picture]), person=p))
            else:
                made.append(Made(f"{kind}-scan-{n}", kind, "scan", picture, person=p))
    return tuple(made)


def with_lines(draft: Draft, at: int, *lines: str) -> Draft:
    return replace(draft, lines=(*draft.lines[:at], *lines, *draft.lines[at:]))


@cache
def hard_cases() -> tuple[Made, ...]:
    """Papers that look like what they are not, with what has to be said of each."""
    p = person(9)
    warrant = judicial_warrant(p)
    named = with_lines(
        i200(p),
        22,
        "Remarks: WARRANT FOR ARREST. Approved after review with Judge Ada Invented,",
        "United States Magistrate Judge",
    )
    headed = with_lines(i205(p), 4, "UNITED STATES DISTRICT COURT", "Southern District of New York")
    no_number = replace(i200(p), lines=tuple(x for x in i200(p).lines if "I-200" not in x))
    clerk = replace(
        warrant,
        lines=tuple(
            "Cleo Clerk, Deputy Clerk of Court" if x.startswith("Hon.") else x.replace("Ada Invented", "Cleo Clerk")
            for x in warrant.lines
        ),
    )
    claim = (
        "JUDICIAL WARRANT\n\nDear Sheriff,\n\nthis letter serves as a warrant signed by a judge of the United States "
        "District Court.\nPlease hold the person named below.\n\nSincerely,\nPat Fictional\n"
    )
    immigration_court = (
        "UNITED STATES DEPARTMENT OF JUSTICE\nEXECUTIVE OFFICE FOR IMMIGRATION REVIEW\nIMMIGRATION COURT\n\n"
        "ORDER OF THE IMMIGRATION JUDGE\n\nIT IS HEREBY ORDERED that the respondent be removed.\n\n/s/ Ada Invented\n"
        "Immigration Judge\n"
    )
    return (
        Made("I-200 that names a judge in a remark", "i200", "pdf", as_pdf(named), "i200"),
        Made("I-205 with a district court at its head", "i205", "pdf", as_pdf(headed), "i205"),
        Made("I-200 without its number", "i200", "pdf", as_pdf(no_number), "i200"),
        Made("AO 442, not signed", "judicial_warrant", "pdf", as_pdf(judicial_warrant(p, 0, False)), "unknown"),
        Made("AO 93, not signed", "judicial_warrant", "pdf", as_pdf(judicial_warrant(p, 1, False)), "unknown"),
        Made("AO 442 signed by a clerk", "judicial_warrant", "pdf", as_pdf(clerk), "unknown"),
        Made("AO 442 with a page of I-200", "judicial_warrant", "pdf", as_pdf(warrant, i200(p)), "unknown"),
        Made("I-200 with a page of AO 442", "i200", "pdf", as_pdf(i200(p), warrant), "unknown"),
        Made(
            "e-mail `judicial warrant attached` with an I-200",
            "letter",
            "email",
            as_email(
                "Judicial warrant attached. Please hold him.", [("warrant.pdf", as_pdf(i200(p)))], "Judicial warrant"
            ),
            "letter",
            inside=("i200",),
        ),
        Made("letter that claims to be a warrant", "letter", "text", claim.encode(), "letter"),
        Made("order of an immigration judge", "unknown", "text", immigration_court.encode(), "unknown"),
        Made("words of a warrant in an e-mail", "unknown", "email", as_email("\n".join(warrant.lines)), "unknown"),
        Made(
            "picture of an I-200 over the hidden text of an AO 442",
            "i200",
            "scanned pdf",
            as_scanned_pdf([as_picture(i200(p), 5)], warrant),
            "unknown",
        ),
        Made("detainer with its I-200", "i247a", "pdf", as_pdf(i247a(p), i200(p)), "i247a"),
        Made("nothing of the kind", "unknown", "text", b"A recipe for bread: flour, water, salt, time.", "unknown"),
    )
