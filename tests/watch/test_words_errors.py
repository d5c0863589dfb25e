"""Why something could not be done is said in Spanish too, with every part of the English sentence, and stays itself in a pool."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from copy import copy
from datetime import date
from importlib.resources import files
from multiprocessing import get_context
from string import Formatter

import numpy as np
import pytest

from brightline.watch.calibrated import weighted_control
from brightline.watch.cut import MixedPopulations
from brightline.watch.event import event_study
from brightline.watch.multiple import adjusted
from brightline.watch.panel import check_table, shown
from brightline.watch.plan_file import PlanError
from brightline.watch.problems import Phrase, WatchError
from brightline.watch.run import Standing, run
from brightline.watch.weights import calibrate
from brightline.watch.words_errors import ERRORS
from tests.watch.invented import counts, loaded, plan, series

SOURCES = (
    "units.py",
    "single.py",
    "compare_weighted.py",
    "compare_exposed.py",
    "composition.py",
    "event.py",
    "bounds.py",
    "joint.py",
    "weights.py",
    "staggered.py",
    "assignments.py",
    "its.py",
    "ratio.py",
    "placebo.py",
    "panel.py",
    "calibrated.py",
    "blocks.py",
    "multiple.py",
)
SAID = ("WatchError", "Phrase")
PLANNED = Standing(True, "", 1)
# Words of the English sentences that Spanish does not have
ENGLISH = re.compile(
    r"\b(the|of|and|or|is|are|there|needed?|before|after|periods?|dates?|units?|counts?|load|use)\b", re.I
)


def raised(source: str) -> list[ast.Call]:
    tree = ast.parse((files("brightline.watch") / source).read_text("utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in SAID]


def texts(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression can be; nothing else than sentences written out, or a choice between them."""
    if isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        pytest.fail(f"line {node.lineno}: not a sentence written out: {ast.unparse(node)}")


def parts(template: str) -> set[tuple[str, str, str]]:
    return {(f, s or "", c or "") for _, f, s, c in Formatter().parse(template) if f is not None}


@pytest.mark.parametrize("source", SOURCES)
def test_every_error_is_a_template_with_the_same_parts_in_spanish(source: str) -> None:
    for call in raised(source):
        given = {keyword.arg for keyword in call.keywords}
        assert len(call.args) == 1 and None not in given, ast.unparse(call)
        for english in texts(call.args[0]):
            assert english in ERRORS, f"{source}, line {call.lineno}: no Spanish for: {english}"
            assert parts(ERRORS[english]) == parts(english), english
            assert {name for name, _, _ in parts(english)} == given, f"{source}, line {call.lineno}"


def test_nothing_is_raised_in_another_way_and_no_translation_is_left_over() -> None:
    found: set[str] = set()
    for source in SOURCES:
        for call in raised(source):
            found.update(texts(call.args[0]))
        tree = ast.parse((files("brightline.watch") / source).read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                assert ast.unparse(node.exc).startswith(("WatchError(", "AssertionError")), f"{source}: {node.lineno}"
    assert found == set(ERRORS)


def test_the_spanish_holds_no_english() -> None:
    for english, spanish in ERRORS.items():
        words = re.sub(r"\{[^}]*\}", "", spanish)
        assert not ENGLISH.search(words.replace("use ", "").replace("Use ", "")), english
        assert not set("{}") & set(words) and spanish.endswith(".") == english.endswith("."), english


def test_an_error_is_english_for_itself_and_said_in_a_language() -> None:
    error = WatchError("The date is outside the data: period {number} of {periods}.", number=3, periods=2)
    assert str(error) == error.said("en") == "The date is outside the data: period 3 of 2."
    assert error.args == (str(error),)
    assert error.said("es") == "La fecha está fuera de los datos: período 3 de 2."
    assert error.said("fr") == str(error)


def test_what_has_no_translation_is_said_in_english() -> None:
    error = WatchError("{n:,} of {x:g} and {y:.2f}", n=12345, x=0.25, y=np.float64(1.5))
    assert str(error) == error.said("es") == "12,345 of 0.25 and 1.50"


def test_formats_work_and_numbers_are_written_as_in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ERRORS, "{name}: {n:,} of {x:g}", "{name}: {n:,} de {x:g}")
    error = WatchError("{name}: {n:,} of {x:g}", name="a.b,c", n=np.int64(12345), x=np.float64(0.25))
    assert str(error) == "a.b,c: 12,345 of 0.25"
    assert error.said("es") == "a.b,c: 12.345 de 0,25"


def test_a_sentence_without_parts_is_never_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ERRORS, "Write {series}, or {", "Escriba {series}, o {")
    error = WatchError("Write {series}, or {")
    assert str(error) == "Write {series}, or {" and error.said("es") == "Escriba {series}, o {"
    braces = WatchError("`{name}` is named twice; each unit has one p-value.", name="{x}")
    assert "`{x}`" in str(braces) and "`{x}`" in braces.said("es")


def errors() -> list[WatchError]:
    units = Phrase("{names} and {more} more", names="A, B, C", more=np.int64(2))
    return [
        WatchError("There are no series {here}."),
        WatchError("A p-value lies between 0 and 1; {value:g} does not.", value=np.float64(2.5)),
        WatchError(
            "It is not known when these units were treated: {units}. "
            "Unknown is not never: say when, or leave the units out.",
            units=units,
        ),
        PlanError(["plan.yaml, line 1: a {mistake}.", "plan.yaml, line 2: another."]),
        MixedPopulations("stops", ["drivers", "{all}"]),
    ]


@pytest.mark.parametrize("error", errors(), ids=lambda e: type(e).__name__)
def test_an_error_is_the_same_behind_a_pipe(error: WatchError) -> None:
    error.add_note("seen in the third file")
    for same in (pickle.loads(pickle.dumps(error)), copy(error)):
        assert type(same) is type(error) and same.args == error.args and str(same) == str(error)
        assert same.said("es") == error.said("es") and same.__notes__ == error.__notes__
        if isinstance(error, PlanError):
            assert same.problems == error.problems and len(same.problems) == 2
        if isinstance(error, MixedPopulations):
            assert (same.name, same.populations) == ("stops", ("drivers", "{all}"))


def test_a_pool_raises_an_error_that_can_be_said_in_spanish() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool, pytest.raises(WatchError) as caught:
        pool.submit(adjusted, np.array([0.5, 2.5])).result()
    assert str(caught.value) == "A p-value lies between 0 and 1; 2.5 does not."
    assert caught.value.said("es") == "Un valor p está entre 0 y 1; 2,5 no lo está."


def test_parts_that_are_words_are_said_in_both_languages() -> None:
    holed = np.array([[1.0, 2.0], [3.0, np.nan]])
    for units, periods, english, spanish in (
        (("A", "B"), (2023.0, 2024.0), "(first: B in 2024)", "(la primera: B en 2024)"),
        (("A", "B"), (), "(first: B in period 2)", "(la primera: B en el período 2)"),
        ((), (2023.0, 2024.0), "(first: unit 2 in 2024)", "(la primera: la unidad 2 en 2024)"),
        ((), (), "(first: unit 2 in period 2)", "(la primera: la unidad 2 en el período 2)"),
    ):
        with pytest.raises(WatchError) as caught:
            check_table(holed, units, periods)
        assert english in str(caught.value) and spanish in caught.value.said("es")
    with pytest.raises(WatchError, match=r"^1 units are named, and the table has 2\.$") as caught:
        check_table(np.ones((2, 2)), ("A",))
    assert caught.value.said("es") == "Nombres de unidades que se dan: 1; la tabla tiene 2."
    names = shown(("A", "B", "C", "D", "E"), np.ones(5, dtype=bool))
    assert (str(names), names.said("es")) == ("A, B, C and 2 more", "A, B, C y 2 más")
    few = shown(("A", "{B}"), np.ones(2, dtype=bool))
    assert str(few) == few.said("es") == "A, {B}"


def test_who_and_when_of_nothing_counted() -> None:
    y = np.ones((4, 6))
    y[2:, 3:] = 0
    with pytest.raises(
        WatchError, match=r"^Nothing was counted in the other units after the event, and a ratio"
    ) as caught:
        event_study(y, np.array([1.0, 1.0, 0.0, 0.0]), 3)
    assert caught.value.said("es").startswith("No se contó nada en las demás unidades después del hecho, y una razón")


def test_a_column_without_a_name_and_a_stretch_of_days() -> None:
    with pytest.raises(
        WatchError, match=r"in `column 1` the treated have 5\.5, and the .* 1 and 2\. Leave `column 1`"
    ) as one:
        calibrate(np.array([[1.0], [2.0]]), np.array([5.5]))
    assert "en `columna 1` las unidades tratadas tienen 5,5, y los controles están entre 1 y 2" in one.value.said("es")
    controls = np.ones((3, 14))
    treated = np.where(np.arange(14) < 6, 5.0, 1.0)
    days = [date(2023 + i // 12, i % 12 + 1, 1) for i in range(14)]
    with pytest.raises(WatchError, match="in `2023-01-01 to 2023-06-01` the treated have") as two:
        weighted_control(treated, controls, 12, days=days)
    assert "en `2023-01-01 a 2023-06-01` las unidades tratadas tienen" in two.value.said("es")


def test_a_run_in_spanish_says_in_spanish_what_could_not_be_run() -> None:
    """A control with too little history for fake dates, beside units that have enough for their own comparison."""
    rng = np.random.default_rng(3)
    rates = [np.where(np.arange(48) >= 36, 75.0 if i < 6 else 150.0, 150.0) for i in range(24)]
    start = date(2021, 1, 1)
    made = [series(rng.poisson(r).astype(float), "calls", f"U{i:02d}", start=start) for i, r in enumerate(rates)]
    accidents = series(counts(mean=600.0, periods=48), "accidentes", "todos", start=start)
    asked = plan({
        "data.series": "calls", "data.counted": "calls", "data.from": "2021-01", "data.pre_until": "2023-12",
        "data.post": ["2024-01", "2024-12"], "policy.date": date(2024, 1, 1), "policy.name": "una orden inventada",
        "question": "Did calls change?", "hypothesis.direction": "either",
        "controls": [{"series": "accidentes", "role": "negative_control"}],
        "primary": {"estimator": "ppml_event_study", "exposed": [f"U{i:02d}" for i in range(6)]},
    })  # fmt: skip
    said = {
        language: [f.sentence for f in run(asked, loaded(*made, accidents), standing=PLANNED, language=language).flags
                   if f.code == "not_run"]
        for language in ("en", "es")
    }  # fmt: skip
    assert said["en"] == [
        "accidentes · todos could not be run: 36 periods before the date and 12 after it leave 1 fake dates, and 3 are the "
        "fewest: 46 periods before it are needed. Load more history, or plan fewer periods after or a window shorter than "
        "24 in front."
    ]
    assert said["es"] == [
        "accidentes · todos no se pudo hacer: Con 36 períodos antes de la fecha y 12 después, el número de fechas falsas "
        "posibles es 1, y lo mínimo son 3: hacen falta 46 períodos antes. Cargue más historia, o planee menos períodos "
        "después o una ventana de antes más corta que 24."
    ]
    assert not ENGLISH.search(said["es"][0])
