"""Two laws on the same contacts: the counts are those of two audits, both ways round, and what it turns on is true."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from brightline.contact.frame import from_row
from brightline.contact.problems import ContactError
from brightline.contact.read import read
from brightline.contact.samples import sample
from brightline.law.pack import Law
from brightline.law.problems import LawError
from brightline.law.reform import shipped_reforms
from brightline.reason.audit import AuditError
from brightline.reason.compare import KEYS, compare, compare_parquet, group_columns
from brightline.reason.comparison import ROLES, Comparison
from brightline.reason.decide import decide
from brightline.reason.engines import run_audit
from brightline.reason.patterns import OUTPUT
from brightline.reason.program import Program
from brightline.reason.sides import Side, side
from brightline.reason.suppose import SUPPOSED, suppose, suppositions
from brightline.reason.truth import facts_of
from brightline.reason.turning import BARRED, OPEN, PASSES, turning
from tests.reason.random_contacts import facts_of_rows, program_of, random_frame, situations

NYC_2013, NYC_2015 = "us-ny-nyc@2013-06-01", "us-ny-nyc@2015-06-01"
PAIRS = [
    (NYC_2013, NYC_2015),
    ("us-ny-nyc", "us-ny-nyc~s10_178_e_primarily.of_contact"),
    ("us-ny-nyc", "us-ny-nyc+no-ice-task-force"),
    ("us-ny-nyc@2026-02-01", "us-ny-nyc@2018-02-01+no-disclosure-without-warrant"),
    ("us-ca", "us-ca~s7282_5_a_6_misdemeanor.offense_only"),
    ("us-or@2015-01-01", "us-or"),
    ("us-tx", "us"),
]


def random_contacts(a: Side, b: Side, rows: int = 12, every: int = 9, unknown: float = 0.4) -> pl.DataFrame:
    """Contacts for the norms of both sides, many of whose facts are unknown."""
    rng = np.random.default_rng(len(a.text) + len(b.text))
    judge = b.reasoner()
    found = list(situations(b.law, b.levels))[::every]
    frames = [
        random_frame(program_of(judge, d, actor, action), d, actor, action, rows, unknown, rng)
        for d, actor, action in found
    ]
    whole = pl.concat(frames, how="diagonal")
    return whole.with_columns(contact=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))


@pytest.fixture(scope="module", params=PAIRS, ids=lambda p: f"{p[0]} {p[1]}")
def compared(request: pytest.FixtureRequest, law: Law) -> tuple[pl.DataFrame, Comparison]:
    a, b = (side(law, text) for text in request.param)
    contacts = random_contacts(a, b)
    return contacts, compare(contacts, a, b)


@pytest.fixture(scope="module")
def detainers(law: Law) -> pl.DataFrame:
    return read(sample("ice-detainers-fy2015"), None, law.vocabulary, only=["nyc_agency"]).contacts


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(KEYS).cast(pl.String))


# --- the counts are those of two audits ---------------------------------------------------------


def test_every_row_is_that_of_two_audits(compared: tuple[pl.DataFrame, Comparison]) -> None:
    contacts, found = compared
    a, b = (
        run_audit(contacts, s.reasoner()).select("contact", pl.col(OUTPUT).cast(pl.String)) for s in (found.a, found.b)
    )
    pairs = Counter(zip(a["verdict"], b["verdict"], strict=True))
    assert {(x, y): n for x, y, n in found.verdicts.iter_rows()} == pairs
    verified = Counter(zip(a["as_verified"], b["as_verified"], strict=True))
    assert {(x, y): n for x, y, n in found.verified.iter_rows()} == verified
    assert found.moved == sum(n for (x, y), n in pairs.items() if x != y) == found.changes["verdict"]
    assert found.moved_verified == sum(n for (x, y), n in verified.items() if x != y)
    assert sum(found.changes.values()) == found.total == contacts.height
    rows = as_text(found.rows)
    assert rows["contact"].is_sorted() and rows["contact"].is_unique().all()
    for letter, audited in (("a", a), ("b", b)):
        mine = rows.select("contact", *(pl.col(f"{c}_{letter}").alias(c) for c in OUTPUT))
        assert mine.equals(audited.filter(pl.col("contact").is_in(rows["contact"].implode())))
    unchanged = pl.col("contact").is_in(rows["contact"].implode()).not_()
    kept = ["verdict", "as_verified", "action", "exception", "reading", "rests_on", "settled_by"]
    assert a.filter(unchanged).select(kept).equals(b.filter(unchanged).select(kept))


def test_clauses_are_counted_by_hand(compared: tuple[pl.DataFrame, Comparison]) -> None:
    contacts, found = compared
    audits = [run_audit(contacts, s.reasoner())["norm"].cast(pl.String) for s in (found.a, found.b)]
    counts: Counter[tuple[str, str]] = Counter()
    for cells in zip(*audits, strict=True):
        one, two = ({n for n in (cell or "").split("; ") if n} for cell in cells)
        counts.update([(n, "a") for n in one - two] + [(n, "b") for n in two - one] + [(n, "both") for n in one & two])
    told = {(r["norm"], k): r[k] for r in found.clauses.iter_rows(named=True) for k in ("a", "b", "both") if r[k]}
    assert told == counts


def test_each_split_counts_every_contact(compared: tuple[pl.DataFrame, Comparison]) -> None:
    contacts, found = compared
    for split in found.splits:
        table = found.by(split)
        assert table["contacts"].sum() == contacts.height
        assert table["verdict"].sum() == found.moved
        assert table["changed"].sum() == found.total - found.changes["none"]
    years = Counter(contacts["date"].dt.year().cast(pl.String))
    assert dict(found.by("year").select("value", "contacts").iter_rows()) == years


def test_a_law_against_itself_changes_nothing(compared: tuple[pl.DataFrame, Comparison]) -> None:
    contacts, found = compared
    for s in (found.a, found.b):
        same = compare(contacts, s, s)
        assert same.changes["none"] == same.total == contacts.height
        assert same.rows.is_empty() and same.groups.is_empty() and same.same_law
        assert same.verdicts.filter(pl.col("a") != pl.col("b")).is_empty()
        assert same.clauses.filter((pl.col("a") > 0) | (pl.col("b") > 0)).is_empty()
    assert not found.same_law


def test_from_b_to_a_is_from_a_to_b_turned_round(compared: tuple[pl.DataFrame, Comparison]) -> None:
    contacts, found = compared
    back = compare(contacts, found.b, found.a)
    for there, here in ((found.verdicts, back.verdicts), (found.verified, back.verified)):
        assert {(a, b): n for a, b, n in there.iter_rows()} == {(b, a): n for a, b, n in here.iter_rows()}
    assert back.changes == found.changes
    assert back.rows["contact"].equals(found.rows["contact"])
    turned = {r["norm"]: (r["b"], r["a"], r["both"]) for r in back.clauses.iter_rows(named=True)}
    assert turned == {r["norm"]: (r["a"], r["b"], r["both"]) for r in found.clauses.iter_rows(named=True)}
    facts = [f"{role}_{s}" for role in ROLES for s in "ab"]
    swapped = [f"{role}_{s}" for role in ROLES for s in "ba"]
    assert set(found.facts.select("fact", *facts).iter_rows()) == set(back.facts.select("fact", *swapped).iter_rows())


@pytest.mark.parametrize("reform", ["no-ice-task-force", "no-disclosure-without-warrant", "shown-criminal-purpose"])
def test_a_reform_changes_exactly_the_contacts_that_decide_differently(law: Law, reform: str) -> None:
    if reform not in shipped_reforms(law):
        pytest.skip(f"the reform {reform} is not among the laws")
    a, b = side(law, "us-ny-nyc"), side(law, f"us-ny-nyc+{reform}")
    contacts = random_contacts(a, b, rows=6, every=3, unknown=0.3)
    found = compare(contacts, a, b)
    judges = (a.reasoner(), b.reasoner())
    differing = []
    for row in contacts.iter_rows(named=True):
        verdicts = [decide(from_row(row, b.law.vocabulary), judge).verdict for judge in judges]
        differing += [row["contact"]] if verdicts[0] != verdicts[1] else []
    assert differing, "the random contacts do not meet the reform"
    assert found.rows.filter(pl.col("change") == "verdict")["contact"].to_list() == differing


# --- engines, files, frames ---------------------------------------------------------------------


def test_the_engines_agree(law: Law) -> None:
    a, b = side(law, NYC_2013), side(law, NYC_2015)
    contacts = random_contacts(a, b)
    here, there = compare(contacts, a, b), compare(contacts, a, b, "duckdb")
    assert here.ways.equals(there.ways)
    assert as_text(here.rows).equals(as_text(there.rows))
    assert {s: f.rows() for s, f in here.splits.items()} == {s: f.rows() for s, f in there.splits.items()}


@pytest.mark.spark
@pytest.mark.slow
def test_spark_agrees(law: Law) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install brightline[spark]")
    if shutil.which("java") is None:
        pytest.skip("Java 17 is not on this machine: the Spark engine is not tested")
    a, b = side(law, NYC_2013), side(law, NYC_2015)
    contacts = random_contacts(a, b, rows=4)
    here, there = compare(contacts, a, b), compare(contacts, a, b, "spark")
    assert here.ways.equals(there.ways)
    assert as_text(here.rows).equals(as_text(there.rows))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_rows_stay_in_their_order_whatever_their_numbers(law: Law, engine: str) -> None:
    a, b = side(law, NYC_2013), side(law, NYC_2015)
    contacts = random_contacts(a, b).sample(fraction=1.0, shuffle=True, seed=3).with_columns(contact=pl.lit(7))
    labelled = contacts.with_columns(label=pl.int_range(pl.len()).cast(pl.String))
    found = compare(labelled, a, b, engine)
    assert found.rows["label"].cast(pl.Int64).is_sorted()
    assert found.verdicts.equals(compare(contacts, a, b).verdicts)


def test_a_file_is_compared_in_parts_as_the_whole_is(law: Law, tmp_path: Path) -> None:
    a, b = side(law, NYC_2013), side(law, NYC_2015)
    contacts = random_contacts(a, b)
    contacts.write_parquet(tmp_path / "contacts.parquet")
    given = suppositions(["required_by_federal_law=no"], law.vocabulary)
    whole = compare(contacts, a, b, suppositions=given)
    parts = compare_parquet(tmp_path / "contacts.parquet", a, b, tmp_path / "rows.parquet", given, batch_rows=50)
    assert parts.ways.equals(whole.ways)
    assert {s: parts.splits[s].rows() for s in ("agency", "year")} == {
        s: whole.splits[s].rows() for s in ("agency", "year")
    }
    assert parts.supposed == whole.supposed
    assert as_text(pl.read_parquet(tmp_path / "rows.parquet")).equals(as_text(whole.rows))
    assert {p.name for p in tmp_path.iterdir()} == {"contacts.parquet", "rows.parquet"}


def test_a_full_disk_leaves_nothing_half_written(law: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    a, b = side(law, NYC_2013), side(law, NYC_2015)
    random_contacts(a, b).write_parquet(tmp_path / "contacts.parquet")
    target = tmp_path / "rows.parquet"
    target.write_text("the rows of last year")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(AuditError, match="No space left"):
        compare_parquet(tmp_path / "contacts.parquet", a, b, target)
    assert target.read_text() == "the rows of last year"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["contacts.parquet", "rows.parquet"]


def test_no_contacts_give_an_empty_comparison(law: Law, detainers: pl.DataFrame) -> None:
    found = compare(detainers.clear(), side(law, NYC_2013), side(law, NYC_2015))
    assert found.total == 0 and found.rows.is_empty() and found.facts.is_empty()
    assert found.sentences() == ["There are no contacts in these data."]


def test_contacts_without_day_or_agency_are_counted_as_such(law: Law, detainers: pl.DataFrame) -> None:
    bare = detainers.with_columns(date=pl.lit(None, dtype=pl.Date), actor=pl.lit(None, dtype=pl.String))
    found = compare(bare, side(law, NYC_2013), side(law, NYC_2015))
    assert found.under("a")["unsettled"] == found.changes["none"] == bare.height
    assert found.by("year")["value"].to_list() == found.by("agency")["value"].to_list() == [None]


def test_columns_of_the_source_called_like_ours_are_kept(law: Law, detainers: pl.DataFrame) -> None:
    odd = detainers.with_columns(verdict_a=pl.lit("theirs"), change=pl.lit("theirs"), agency=pl.lit("x"))
    found = compare(odd, side(law, NYC_2013), side(law, NYC_2015))
    assert found.changes == compare(detainers, found.a, found.b).changes
    assert found.rows["source_verdict_a"].unique().to_list() == ["theirs"]
    assert found.rows["source_change"].unique().to_list() == ["theirs"]


def test_a_frame_that_is_no_frame_of_contacts_is_refused(law: Law, detainers: pl.DataFrame) -> None:
    a, b = side(law, NYC_2013), side(law, NYC_2015)
    with pytest.raises(AuditError, match="lack the column `actor`"):
        compare(detainers.drop("actor"), a, b)
    with pytest.raises(AuditError, match="already have a column `verdict`"):
        compare(detainers.with_columns(verdict=pl.lit("barred")), a, b)


def test_no_column_that_could_mean_a_person_becomes_a_table(law: Law) -> None:
    names = ["last_name", "subject_id", "gender", "serial", "office"]
    frame = pl.DataFrame(
        {n: [f"{n}{k % 3}" for k in range(12)] for n in names} | {"serial": [str(k) for k in range(12)]}
    )
    assert group_columns(frame, law.vocabulary) == ("gender", "office")


# --- what it turns on ---------------------------------------------------------------------------


def spoken_of(program: Program) -> set[str]:
    """The facts that the norms themselves speak of, not only the vocabulary's constraints."""
    return {f for s in program.scopes for n in s.norms for e in (n.reach, n.excused) for f in facts_of(e)}


@pytest.mark.parametrize("text", ["us-ny-nyc", "us-ca", "us-or"])
def test_what_a_verdict_turns_on_is_so(law: Law, text: str) -> None:
    """Each yes/no fact of a random contact that is unknown or "no" is answered both ways, and judged again."""
    one = side(law, text)
    yes_or_no = {name for name, fact in law.vocabulary.facts.items() if fact.type == "yes/no"}
    judge, rng, met = one.reasoner(), np.random.default_rng(5), Counter[str]()
    for day, actor, action in list(situations(law, one.levels))[::7]:
        program = program_of(judge, day, actor, action)
        frame = random_frame(program, day, actor, action, 12, 0.5, rng)
        for facts, _stated in facts_of_rows(frame, program):
            found = turning(program, *program.masks(facts))
            verdict = program.outcome(*program.masks(facts)).verdict
            alone = {s.facts[0] for s in found.passes if len(s.facts) == 1}
            for fact in sorted(f for f in spoken_of(program) & yes_or_no if not facts.get(f)):
                answers = [program.masks(facts | {fact: told}) for told in (True, False)]
                if any(program.contradicted(*masks) for masks in answers):
                    continue  # what the vocabulary ties to it would have to give way
                verdicts = {program.verdict(*masks) for masks in answers}
                bars, lets_pass = (verdict in OPEN and bool(verdicts & set(kinds)) for kinds in (BARRED, PASSES))
                bars &= not verdicts <= set(BARRED)
                assert ((fact,) in found.bar) == bars, (fact, facts)
                assert (fact in alone) == lets_pass, (fact, facts)
                met.update(["bars"] * bars + ["lets_pass"] * lets_pass)
    assert met["bars"] > 20 and met["lets_pass"] > 20, met


def test_sets_that_let_a_contact_pass_do(law: Law) -> None:
    """Every set of answers named for a random contact gives a verdict that lets it pass, and no part of it is idle."""
    one = side(law, "us-ny-nyc")
    judge, rng, met = one.reasoner(), np.random.default_rng(6), Counter[int]()
    for day, actor, action in list(situations(law, one.levels))[::7]:
        program = program_of(judge, day, actor, action)
        for facts, _stated in facts_of_rows(random_frame(program, day, actor, action, 8, 0.5, rng), program):
            true, false = program.masks(facts)
            sets = [set(s.facts) for s in turning(program, true, false).passes]
            assert not any(x < y for x in sets for y in sets)
            for s in turning(program, true, false).passes:
                bits = program.bits_of(s.facts)
                t, f = true & ~bits | s.true, false & ~bits | s.false
                if not program.contradicted(t, f):
                    assert program.verdict(t, f) in PASSES, (s, facts)
                met[len(s.facts)] += 1
    assert met[1] > 100 and met[2] > 20, met


def test_a_warrant_that_was_missing_is_named(law: Law) -> None:
    """Barred for want of a warrant: the record says no, and with the warrant it would not be barred for certain."""
    known = {"request": "civil_detainer", "judicial_warrant_with_detainer": False, "required_by_federal_law": False,
             "terrorist_screening_match": True, "judicial_warrant": False}  # fmt: skip
    frame = pl.DataFrame(
        {
            "contact": [1],
            "actor": ["nypd"],
            "asked": ["notify_release"],
            "done": [""],
            **{k: [v] for k, v in known.items()},
        }
    )
    frame = frame.with_columns(date=pl.date(2015, 1, 5))
    found = compare(frame, side(law, "us-ny-nyc@2013-06-01"), side(law, "us-ny-nyc"))
    row = as_text(found.rows).row(0, named=True)
    assert row["verdict_b"] == "barred" and row["verdict_a"] == "unreached"
    assert set(row["turns_on_b"].split("; ")) == {"judicial_warrant_with_detainer", "required_by_federal_law"}
    # The warrant that came with the detainer is a judicial warrant: the "no" on that one gives way with it.
    assert "judicial_warrant_with_detainer" in row["passes_with_b"].split(" or ")
    assert law.vocabulary.facts["judicial_warrant_with_detainer"].said["yes"] in row["passes_if_b"]
    assert row["turns_on_a"] is None and row["passes_with_a"] is None


# --- real detainers -----------------------------------------------------------------------------


def test_the_change_of_2014_on_the_detainers_of_new_york_city(law: Law, detainers: pl.DataFrame) -> None:
    """ICE's file says nothing of warrants: no verdict moves, and 837 now turn on clauses and on a fact they did not."""
    found = compare(detainers, side(law, NYC_2013), side(law, NYC_2015))
    assert found.total == 838 and found.changes == {
        "verdict": 0,
        "verified": 0,
        "clauses": 837,
        "grounds": 0,
        "none": 1,
    }
    warrant = found.facts.row(by_predicate=pl.col("fact") == "judicial_warrant_with_detainer", named=True)
    assert (warrant["settles_a"], warrant["settles_b"]) == (0, 837)
    assert found.sentences()[0] == "Of 838 contacts, none is judged otherwise."


def test_supposing_that_no_warrant_came(law: Law, detainers: pl.DataFrame) -> None:
    given = suppositions(["judicial_warrant_with_detainer=no", "required_by_federal_law=no"], law.vocabulary)
    found = compare(detainers, side(law, NYC_2013), side(law, NYC_2015), suppositions=given)
    by_hand = detainers.with_columns(
        judicial_warrant_with_detainer=pl.lit(False), required_by_federal_law=pl.lit(False)
    )  # no basis: stated
    audits = [run_audit(by_hand, s.reasoner())["verdict"].cast(pl.String) for s in (found.a, found.b)]
    counts = Counter(zip(*audits, strict=True))
    assert counts == {("unsettled", "barred"): 837, ("unreached", "unreached"): 1}
    assert {(a, b): n for a, b, n in found.verdicts.iter_rows()} == counts
    assert found.moved == 837 and found.moved_verified == 0, "a supposition is never verified"
    assert [s.contacts for s in found.supposed] == [838, 838]
    warrant = found.facts.row(by_predicate=pl.col("fact") == "judicial_warrant_with_detainer", named=True)
    assert (warrant["bar_a"], warrant["bar_b"]) == (0, 837)
    told = " ".join(found.sentences(lambda n: f"{n} detainers"))
    assert told.startswith("Of 838 detainers, 837 are judged otherwise: from “cannot tell” to “barred”.")
    assert "Was a warrant signed by a federal judge or magistrate presented together with the detainer?" in told
    assert told.endswith("On verified facts alone, none is judged otherwise.")
    by_agency = found.by("agency").select("value", "contacts", "barred_b").rows()
    assert by_agency == [("nypd", 506, 505), ("nyc_doc", 332, 332)]


# --- suppositions -------------------------------------------------------------------------------


def test_a_supposition_fills_only_what_is_unknown(law: Law) -> None:
    frame = pl.DataFrame({
        "judicial_warrant": [True, None, False], "judicial_warrant__basis": ["verified", None, "stated"],
        "judicial_warrant__shown_by": ["the warrant", None, "a letter"],
    })  # fmt: skip
    filled, told = suppose(
        frame, suppositions(["judicial_warrant=no", "hold_hours_without_weekends=3"], law.vocabulary), law.vocabulary
    )
    assert filled["judicial_warrant"].to_list() == [True, False, False]
    assert filled["judicial_warrant__basis"].to_list() == ["verified", "stated", "stated"]
    assert filled["judicial_warrant__shown_by"].to_list() == ["the warrant", SUPPOSED, "a letter"]
    assert (
        filled["hold_hours_without_weekends"].to_list() == [3.0] * 3
        and filled["hold_hours_without_weekends__basis"].to_list() == ["stated"] * 3
    )
    assert [(s.text, s.contacts) for s in told] == [("judicial_warrant=no", 1), ("hold_hours_without_weekends=3.0", 3)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("judicial_warant=no", "did you mean `judicial_warrant`"),
        ("judicial_warrant=maybe", "write yes or no"),
        ("judicial_warrant", "write `fact=value`"),
        ("request=civil_detaner", "did you mean `civil_detainer`"),
        ("hold_hours_without_weekends=many", "a number of hours"),
        ("judgment=yes", "is a list of records"),
    ],
)
def test_a_supposition_that_cannot_be_is_refused_in_a_sentence(law: Law, text: str, said: str) -> None:
    with pytest.raises(ContactError, match=said):
        suppositions([text], law.vocabulary)


def test_two_suppositions_on_one_fact_are_refused(law: Law) -> None:
    with pytest.raises(ContactError, match="suppose two things of one fact"):
        suppositions(["judicial_warrant=no", "judicial_warrant=yes"], law.vocabulary)


def test_a_column_of_another_kind_cannot_be_supposed(law: Law) -> None:
    frame = pl.DataFrame({"judicial_warrant": [["a"], None]})
    with pytest.raises(AuditError, match="the column `judicial_warrant` holds List"):
        suppose(frame, suppositions(["judicial_warrant=no"], law.vocabulary), law.vocabulary)


# --- sides --------------------------------------------------------------------------------------


def test_a_side_in_all_its_parts(law: Law) -> None:
    one = side(law, "us-ny-nyc@2025-03-01~s10_178_e_primarily.of_contact+no-ice-task-force")
    assert one.packs == ("no-ice-task-force",) and one.levels[1:] == ("us-ny-nyc", "us-ny", "us")
    assert (
        one.title
        == "the law of New York City as of 1 March 2025, with the proposal “No task force in which ICE takes part”, "
        "where N.Y.C. Admin. Code § 10-178 is read as “of contact”"
    )
    judge = one.reasoner()
    assert (judge.packs, judge.readings, judge.as_of) == (one.levels, one.readings, one.as_of)
    assert "ice_takes_part_in_arrangement" in one.law.vocabulary.facts
    assert "ice_takes_part_in_arrangement" not in law.vocabulary.facts, "the law itself stays as it is"


def test_a_reform_can_be_a_file(law: Law, tmp_path: Path) -> None:
    path = tmp_path / "a+b.md"
    path.write_text(shipped_reforms(law)["no-ice-task-force"].read_text(encoding="utf-8"), encoding="utf-8")
    assert side(law, f"us-ny-nyc+{path}").packs == ("a+b",)


def test_a_reform_of_a_level_above_stands_beside_the_city(law: Law, tmp_path: Path) -> None:
    path = tmp_path / "state.md"
    path.write_text(
        "---\ntitle: T\ncitation: C\namends: us-ny\nin_force: ..\nsources: []\nreviewed: no\n---\n"
        "### r.1\n\n> Text.\n\n```norm\nr.1 forbids notify_release by ny_local_agency\n```\n"
    )
    found = side(law, f"us-ny-nyc+{path}")
    assert found.packs == ("us-ny-nyc", "state") and set(found.levels) == {"us-ny-nyc", "us-ny", "us", "state"}
    assert found.title == "the law of New York City and New York State, with the proposal “T”"


def test_the_same_law_written_in_two_ways(law: Law) -> None:
    assert side(law, "us-ny-nyc").same_law_as(side(law, "us-ny-nyc,us"))
    assert not side(law, "us-ny-nyc").same_law_as(side(law, "us-ny-nyc@2015-01-01"))
    assert not side(law, "us-ny-nyc").same_law_as(side(law, "us-ny-nyc+no-ice-task-force"))
    assert side(law, "us-ny-nyc+no-ice-task-force").same_law_as(side(law, "us-ny-nyc+no-ice-task-force"))


@pytest.mark.parametrize(
    ("text", "wrong", "said"),
    [
        ("us-ny-nyk", "us-ny-nyk", "did you mean `us-ny-nyc`?"),
        ("us-ny-nyc,us-caa", "us-caa", "did you mean `us-ca`?"),
        ("", "", "here the name of a pack is missing"),
        ("us-ny-nyc@2015-02-30", "2015-02-30", "the last day of that month is 2015-02-28"),
        ("us-ny-nyc@June 2015", "June 2015", "write the day as 2014-12-14"),
        ("us-ny-nyc~s10_178_e_primarily.of_contakt", "s10_178_e_primarily.of_contakt", "did you mean"),
        ("us-ca~s10_178_e_primarily.of_contact", "s10_178_e_primarily.of_contact", "no part of this side"),
        ("us-ny-nyc~x.y@2015-01-01", "x.y@2015-01-01", "the day comes before the readings"),
        ("us-ny-nyc+no-ice-taskforce", "no-ice-taskforce", "did you mean `no-ice-task-force`?"),
        ("us-ca+no-ice-task-force", "no-ice-task-force", "write `us-ny-nyc+no-ice-task-force`"),
        ("us-ny-nyc+no-ice-task-force@2015-01-01", "no-ice-task-force@2015-01-01", "the reform comes last"),
    ],
)
def test_what_is_wrong_with_a_side_is_underlined(law: Law, text: str, wrong: str, said: str) -> None:
    with pytest.raises(LawError) as error:
        side(law, text, "--a")
    (problem,) = error.value.problems
    start = problem.place.column - 1
    assert text[start : start + problem.place.length] == wrong
    assert said in str(error.value) and str(error.value).startswith("--a:1:")


def test_every_part_that_is_wrong_is_told_at_once(law: Law) -> None:
    with pytest.raises(LawError) as error:
        side(law, "us-ny-nyk@2015-13-01~s10_178_e_primarly.of_contact+no-ice-taskforce")
    assert len(error.value.problems) == 4
    assert [p.place.column for p in error.value.problems] == sorted(p.place.column for p in error.value.problems)


def test_a_reform_with_mistakes_is_refused_by_its_own_lines(law: Law, tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("---\ntitle: T\ncitation: C\namends: us-ny-nyk\nin_force: ..\n---\n### r\n\n> Text.\n")
    with pytest.raises(LawError, match=r"mine\.md:4:1: error: there is no pack `us-ny-nyk`"):
        side(law, f"us-ny-nyc+{path}")
