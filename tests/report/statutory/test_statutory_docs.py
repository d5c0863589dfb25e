"""docs/reports.md says what the definitions say. `python -m tests.report.statutory.test_statutory_docs` writes its tables."""

from __future__ import annotations

import re

from brightline.report.statutory import fields
from brightline.report.statutory.definition import Definition, read
from brightline.report.statutory.event import Event
from brightline.report.statutory.task_force import TaskForceInPeriod
from tests.report.statutory import made

PAGE = made.ROOT / "docs" / "reports.md"
NIL = {"report": "a report that says so", "certify": "a certificate", "none": "no report"}


def _period(d: Definition) -> str:
    if d.period.kind != "year":
        return d.period.kind
    return "calendar year" if d.period.ends == "12-31" else "year to 30 June"


def reports() -> list[str]:
    return [
        f"| `{d.id}` {d.title} | {d.citation} | {d.filer} | {d.recipient} | {_period(d)} | "
        f"{ {'09-01': '1 September', '01-01': '1 January', '': 'no day set or captured'}[d.due.month_day] } | "
        f"{NIL[d.nil.rule]} |"
        for d in sorted(made.definitions().values(), key=lambda d: (d.jurisdiction, d.citation))
    ]


def rows() -> list[str]:
    found = []
    for model in (Event, TaskForceInPeriod):
        for field, info in model.model_fields.items():
            kind = fields.holds(model, field)
            words = ", ".join(f"`{w}`" for w in fields.values(model, field))
            what = words or kind.replace("_", " ")
            found.append(
                f"| `{field}` | {'list of ' if fields.many(model, field) else ''}{what} | {info.description} |"
            )
        if model is Event:
            found.append("| **of a task force** | | |")
    return found


def filled(text: str) -> str:
    for name, body in (("reports", reports()), ("fields", rows())):
        mark = re.compile(rf"(<!-- {name} -->\n\|[^\n]*\n\|[^\n]*\n).*?(<!-- /{name} -->)", re.S)
        text, times = mark.subn(lambda m, b=body: m[1] + "\n".join(b) + "\n" + m[2], text)
        assert times == 1, f"the page has no table `{name}`"
    return text


def test_the_tables_are_those_of_the_definitions() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == filled(text), "run python -m tests.report.statutory.test_statutory_docs"


def test_the_example_is_a_definition() -> None:
    text = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert text is not None
    definition = read(text[1], "reports/example.toml", made.vocabulary())
    assert definition.files("nypd") and [line.id for line in definition.lines] == ["f.1"]


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
