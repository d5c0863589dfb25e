"""Every sentence that the watch says to a reader, in English and in Spanish, and how numbers and days are written in them.

A table and not a catalogue: the sentences are few, each is chosen by what was found, and both languages stand side by side so
that whoever changes one sees the other.
"""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from brightline.watch.problems import WatchError

LANGUAGES = ("en", "es")

SENTENCES: dict[str, tuple[str, str]] = {
    # --- headlines
    "rose": (
        "{counted}{place} rose{against} after {day}, {by}. This coincides with {policy}.",
        "{counted}{place}: subió{against} después del {day}, {by}. Esto coincide con {policy}.",
    ),
    "fell": (
        "{counted}{place} fell{against} after {day}, {by}. This coincides with {policy}.",
        "{counted}{place}: bajó{against} después del {day}, {by}. Esto coincide con {policy}.",
    ),
    "rose_no_cause": (
        "{counted}{place} rose{against} after {day}, {by}.",
        "{counted}{place}: subió{against} después del {day}, {by}.",
    ),
    "fell_no_cause": (
        "{counted}{place} fell{against} after {day}, {by}.",
        "{counted}{place}: bajó{against} después del {day}, {by}.",
    ),
    "raised": (
        "{policy} raised {counted}{place}{against}, {by}, as far as counts can show a cause.",
        "{policy} hizo subir {counted}{place}{against}, {by}, hasta donde los números muestran una causa.",
    ),
    "lowered": (
        "{policy} lowered {counted}{place}{against}, {by}, as far as counts can show a cause.",
        "{policy} hizo bajar {counted}{place}{against}, {by}, hasta donde los números muestran una causa.",
    ),
    "none": (
        "{counted}{place} did not move{against} by more than {limit} after {day}.",
        "{counted}{place}: no se movió{against} más de {limit} después del {day}.",
    ),
    "untold": (
        "It could not be told whether {counted}{place} changed{against} after {day}.",
        "No se pudo saber si hubo un cambio{against} después del {day}: {counted}{place}.",
    ),
    "moving_up": (
        "{counted}{place} rose{against}, {by}. They moved apart before {day} too, so it could not be told whether that "
        "day changed anything.",
        "{counted}{place}: subió{against}, {by}. Ya se separaban antes del {day}, así que no se pudo saber si ese día "
        "cambió algo.",
    ),
    "moving_down": (
        "{counted}{place} fell{against}, {by}. They moved apart before {day} too, so it could not be told whether that "
        "day changed anything.",
        "{counted}{place}: bajó{against}, {by}. Ya se separaban antes del {day}, así que no se pudo saber si ese día "
        "cambió algo.",
    ),
    "explained_up": (
        "{counted}{place} rose{against} after {day}, {by}. What else moved before that day could explain as much, so it could not "
        "be told whether that day changed anything.",
        "{counted}{place}: subió{against} después del {day}, {by}. Lo demás que se movía antes podría explicar otro tanto, así que "
        "no se pudo saber si ese día cambió algo.",
    ),
    "explained_down": (
        "{counted}{place} fell{against} after {day}, {by}. What else moved before that day could explain as much, so it could not "
        "be told whether that day changed anything.",
        "{counted}{place}: bajó{against} después del {day}, {by}. Lo demás que se movía antes podría explicar otro tanto, así que "
        "no se pudo saber si ese día cambió algo.",
    ),
    "against": (
        " against {against}",
        " frente a {against}",
    ),
    "the_others": (
        "the others",
        "los demás",
    ),
    "refused": ("No answer is given. {reason}", "No se da respuesta. {reason}"),
    "needed": ("What would be needed: {needed}", "Lo que haría falta: {needed}"),
    "fragile": (
        "FRAGILE: the result rests on one {what} alone ({which}).",
        "FRÁGIL: el resultado depende de un solo dato ({what}: {which}).",
    ),
    "fragile_only": (
        "FRAGILE: there is only one {what} after the date, and nothing to check it with.",
        "FRÁGIL: solo hay un dato ({what}) después de la fecha, y nada con que compararlo.",
    ),
    # --- sizes
    "by_times": (
        "to {ratio} times what was expected",
        "a {ratio} veces lo esperado",
    ),
    "by_percent_up": (
        "to {percent} percent above what was expected",
        "un {percent} por ciento más de lo esperado",
    ),
    "by_percent_down": (
        "to {percent} percent below what was expected",
        "un {percent} por ciento menos de lo esperado",
    ),
    "by_percent_against": (
        "by {percent} percent",
        "un {percent} por ciento",
    ),
    "by_times_against": (
        "to {ratio} times the earlier ratio",
        "a {ratio} veces la razón anterior",
    ),
    "limit_percent": ("{percent} percent", "un {percent} por ciento"),
    "limit_times": ("a factor of {ratio}", "un factor de {ratio}"),
    "size_times": (
        "That figure may in truth be anywhere from {low} to {high} times.",
        "Esa cifra puede ser en verdad cualquiera entre {low} y {high} veces.",
    ),
    "size_percent": (
        "In truth that may be anything from {low} to {high} percent.",
        "En verdad puede ser cualquier cosa entre {low} y {high} por ciento.",
    ),
    "size_untold": (
        "The best guess is a change{against} of {percent} percent, but anything from {low} to {high} percent fits the "
        "numbers.",
        "La mejor estimación es un cambio{against} de {percent} por ciento, pero todo entre {low} y {high} por ciento es "
        "posible.",
    ),
    "from_expected": (
        " from what was expected",
        " respecto de lo esperado",
    ),
    "size_any": (
        "There is too little to go by: a change of nearly any size fits the numbers.",
        "Hay muy poco en que basarse: un cambio de casi cualquier tamaño es posible.",
    ),
    "mde_percent": (
        "The numbers move so much by themselves that only a rise of {rise} percent or more, or a fall of {fall} percent "
        "or more, was likely to be seen.",
        "Los números varían tanto por sí solos que solo una subida de {rise} por ciento o más, o una bajada de {fall} por"
        " ciento o más, se habría visto.",
    ),
    "mde_times": (
        "The numbers move so much by themselves that only a rise to {ratio} times or more, or a fall to {inverse} times "
        "or less, was likely to be seen.",
        "Los números varían tanto por sí solos que solo una subida a {ratio} veces o más, o una bajada a {inverse} veces "
        "o menos, se habría visto.",
    ),
    "without_fragile": (
        "With that {what} the result is {with_ratio} times. Without it, it is {without_ratio} times.",
        "Con ese dato el resultado es {with_ratio} veces. Sin él es {without_ratio} veces.",
    ),
    # --- how sure
    "placebo": (
        "We ran the same test on {n} earlier dates when nothing was decided. Dates that moved as far as this one: {k}.",
        "Hicimos la misma prueba con {n} fechas anteriores en las que no se decidió nada. Fechas que se movieron tanto como esta: {k}.",
    ),
    "placebo_units": (
        "We ran the same test {n} times on others that the date did not touch. Those that moved as far: {k}.",
        "Hicimos la misma prueba {n} veces con otros a los que la fecha no tocó. Las que se movieron tanto: {k}.",
    ),
    "randomised": (
        "We gave the event to other places {n} times by chance. Times that they moved as far: {k}.",
        "Dimos el hecho {n} veces a otros lugares al azar. Veces que se movieron tanto: {k}.",
    ),
    "randomised_dates": (
        "We put the event on {n} other dates. Dates that moved as far as this one: {k}.",
        "Pusimos el hecho en otras {n} fechas. Fechas que se movieron tanto como esta: {k}.",
    ),
    "planned": (
        "The question and the method were written down before the numbers were read.",
        "La pregunta y el método se escribieron antes de leer los números.",
    ),
    "exploratory": (
        "EXPLORATORY: this is a hint and no proof, because {why}.",
        "EXPLORATORIO: es una pista y no una prueba, porque {why}.",
    ),
    "exploratory_untold": (
        "EXPLORATORY: {why}.",
        "EXPLORATORIO: {why}.",
    ),
    "not_cause": (
        "This does not show a cause. Other things may have changed at the same time.",
        "Esto no muestra una causa. Otras cosas pueden haber cambiado al mismo tiempo.",
    ),
    "cause": (
        "What the policy does not touch did not move the same way, and the result holds if other things moved up to "
        "{mbar} times as much as before.",
        "Lo que la medida no toca no se movió igual, y el resultado se mantiene si otras cosas se movieron hasta {mbar} "
        "veces más que antes.",
    ),
    "bounds_weak": (
        "Movements of other things only {mbar} times as large as those before the date could explain all of it.",
        "Movimientos de otras cosas de solo {mbar} veces los de antes de la fecha podrían explicarlo todo.",
    ),
    "bounds_none": (
        "Step by step, the change cannot be told from none, even if nothing else had moved.",
        "Paso a paso, el cambio no se distingue de ninguno, aunque nada más se hubiera movido.",
    ),
    "bounds": (
        "Other things would have to move {mbar} times as much as before the date to explain it.",
        "Otras cosas tendrían que moverse {mbar} veces más que antes de la fecha para explicarlo.",
    ),
    "trend_forms": (
        "With another form of the trend the answer is different, so do not lean on it.",
        "Con otra forma de la tendencia la respuesta es distinta, así que no se apoye en ella.",
    ),
    "trend_wide": (
        "With another form of the trend the numbers show no clear change: anything from {low} to {high} times fits.",
        "Con otra forma de la tendencia los números no muestran un cambio claro: todo entre {low} y {high} veces es "
        "posible.",
    ),
    "control_moved": (
        "{control}, which the policy should not touch, moved as well.",
        "{control}, que la medida no debería tocar, también se movió.",
    ),
    "control_blunt": (
        "{control}, which the policy should not touch, is too uneven to tell whether it moved as well.",
        "{control}, que la medida no debería tocar, es demasiado irregular para saber si también se movió.",
    ),
    "control_still": (
        "{control}, which the policy should not touch, did not clearly move.",
        "{control}, que la medida no debería tocar, no se movió con claridad.",
    ),
    "controls_moved": (
        "Of the series which the policy should not touch ({n}), these moved as well: {moved}.",
        "De las series que la medida no debería tocar ({n}), también se movieron: {moved}.",
    ),
    "controls_still": (
        "Of the series which the policy should not touch ({n}), none clearly moved.",
        "De las series que la medida no debería tocar ({n}), ninguna se movió con claridad.",
    ),
    "change": (
        "A search that was not told the date found a {way} level from about {day} on (between {low} and {high}).",
        "Una búsqueda a la que no se le dijo la fecha halló un nivel {way} desde {day} más o menos (entre {low} y "
        "{high}).",
    ),
    "change_sure": (
        "A search that was not told the date found a {way} level from {day} on.",
        "Una búsqueda a la que no se le dijo la fecha halló un nivel {way} desde {day}.",
    ),
    "no_change": (
        "A search that was not told the date found no lasting change of level.",
        "Una búsqueda a la que no se le dijo la fecha no halló ningún cambio de nivel que dure.",
    ),
    "higher": (
        "higher",
        "más alto",
    ),
    "lower": (
        "lower",
        "más bajo",
    ),
    "more_changes": (
        "It found earlier changes too ({n}).",
        "También halló cambios anteriores ({n}).",
    ),
    "drift": (
        "The level drifts slowly, so a date that it finds may be an accident.",
        "El nivel se mueve despacio, así que una fecha que halla puede ser casualidad.",
    ),
    "nth": (
        "This is analysis number {n} of this series in the log.",
        "Este es el análisis número {n} de esta serie en el registro.",
    ),
    # --- why a result is exploratory
    "why_no_log": (
        "no plan was logged before the numbers were read",
        "no se registró un plan antes de leer los números",
    ),
    "why_seen": ("the author had seen the numbers", "quien escribió el plan había visto los números"),
    "why_snapshot": (
        "the author had read these same data before",
        "quien escribió el plan había leído antes estos mismos datos",
    ),
    "why_analysed": (
        "the series had been analysed before the plan was logged",
        "la serie se había analizado antes de registrar el plan",
    ),
    "why_scanned": (
        "the file had been scanned before the plan was logged",
        "el archivo se había barrido antes de registrar el plan",
    ),
    # --- flags
    "flag_partial": (
        "Periods not counted to their end: {n}. They are {how}.",
        "Períodos que no se contaron hasta el final: {n}. Estos {how}.",
    ),
    "left_out": ("left out", "no se usan"),
    "kept": ("kept, because the plan says so", "se usan, porque el plan lo dice"),
    "flag_late": (
        "The newest periods are left out ({n}), because late records still come in.",
        "Los períodos más nuevos ({n}) no se usan, porque todavía llegan registros tardíos.",
    ),
    "flag_lag": (
        "The source says that its newest periods still grow ({n} of them), and the plan leaves out {late}.",
        "La fuente dice que sus períodos más nuevos todavía crecen ({n}), y el plan deja fuera {late}.",
    ),
    "flag_missing": (
        "Periods without a count: {n}. They are left out; missing is not zero.",
        "Períodos sin cuenta: {n}. No se usan; sin dato no es cero.",
    ),
    "flag_between": (
        "Periods left out because they lie between before and after: {n}.",
        "Períodos que no se usan porque están entre el antes y el después: {n}.",
    ),
    "flag_begun": (
        "The first period after the date begins {days} before it. What was counted in those days is from before.",
        "El primer período de después empieza {days} antes de la fecha. Lo que se contó en esos días es de antes.",
    ),
    "flag_definition": (
        "On {day} the way of counting changed: {what}. {how}",
        "El {day} cambió la forma de contar: {what}. {how}",
    ),
    "definition_modelled": (
        "The model takes out a step of {ratio} times there.",
        "El modelo quita allí un salto de {ratio} veces.",
    ),
    "definition_far": (
        "It is outside the stretch that is compared.",
        "Está fuera del tramo que se compara.",
    ),
    "flag_spike": ("Single periods stand far out: {days}.", "Algunos períodos sueltos se salen mucho: {days}."),
    "flag_dispersion": (
        "The counts vary {ratio} times as much as pure chance would make them; the intervals allow for it.",
        "Las cuentas varían {ratio} veces más que por puro azar; los intervalos lo tienen en cuenta.",
    ),
    "flag_few_windows": (
        "Few earlier dates could be tried ({n}), so the interval is a rough one.",
        "Se pudieron probar pocas fechas anteriores ({n}), así que el intervalo es aproximado.",
    ),
    "flag_one_drops": (
        "Without one {what} ({which}) the numbers would show a change. That is no ground for a claim.",
        "Sin un dato ({what}: {which}) los números mostrarían un cambio. Eso no permite afirmar nada.",
    ),
    "flag_window": (
        "Each test looks back over {n} periods and not over the usual {usual}, so that the history has room for earlier "
        "dates.",
        "Cada prueba mira {n} períodos atrás y no los {usual} normales, para que en la historia quepan fechas anteriores.",
    ),
    "flag_log": (
        "The comparison of units ({method}) is of a typical unit's change in percent, not of totals (it averages "
        "logarithms).",
        "La comparación de unidades ({method}) es del cambio en porcentaje de una unidad típica, no de totales (promedia "
        "logaritmos).",
    ),
    "flag_few_stretches": (
        "The other dates overlap; they are worth {n} separate stretches, and p allows for that.",
        "Las otras fechas se traslapan; valen {n} tramos separados, y p cuenta con eso.",
    ),
    "flag_shares": (
        "The exposure of a unit is a share. The ratio is that of what the exposed units counted together; the step-by-step plot is "
        "for a share of 1.",
        "La exposición de una unidad es una parte. La razón es la de lo que contaron juntas las unidades expuestas; el dibujo paso a "
        "paso es para una parte de 1.",
    ),
    "flag_begun_before": (
        "Units whose date lies before these counts begin are left out ({n}): {names}.",
        "Unidades cuya fecha es anterior al comienzo de estas cuentas no se usan ({n}): {names}.",
    ),
    "flag_few_units": (
        "Few units have the event ({n}), so the range comes from chance draws and not from the usual formula.",
        "Pocas unidades tienen el hecho ({n}), así que el margen sale de sorteos y no de la fórmula normal.",
    ),
    "flag_forbidden": (
        "An ordinary two-way regression would take {percent} percent of its weight from wrong comparisons.",
        "Una regresión común tomaría el {percent} por ciento de su peso de comparaciones erróneas.",
    ),
    "flag_not_run": ("{name} could not be run: {why}", "{name} no se pudo hacer: {why}"),
    "flag_no_people": (
        "How many people are newly exposed is not told, because it is not known how many would have come without the change.",
        "No se dice cuántas personas quedan expuestas, porque no se sabe cuántas habrían llegado sin el cambio.",
    ),
    "flag_no_people_rose": (
        "How many people are newly exposed is not told: more of the ratio comes from a fall of the others than from a rise here.",
        "No se dice cuántas personas quedan expuestas: la razón viene más de una bajada de los demás que de una subida aquí.",
    ),
    "flag_reader": ("{note}", "{note}"),
    "flag_pretrend": (
        "Before the date the test would have found only a drift of {percent} percent a step or more. That it found none "
        "proves little.",
        "Antes de la fecha la prueba solo habría hallado una deriva de {percent} por ciento por paso o más. Que no la "
        "hallara prueba poco.",
    ),
    "flag_moving": (
        "Before the date the numbers were moving already, by {percent} percent a step, so what came after it says less.",
        "Antes de la fecha los números ya se movían, {percent} por ciento por paso, así que lo que vino después dice "
        "menos.",
    ),
    # --- refusals: the reason, and what would be needed
    "r1": (
        "Counts alone do not show a cause, and this plan asks for causal words. Missing: {missing}.",
        "Los números solos no muestran una causa, y este plan pide palabras causales. Falta: {missing}.",
    ),
    "n1": (
        "A sourced date, 24 periods before it, earlier dates for comparison, a series that the policy does not touch, trends "
        "before the date, bounds that hold, and a plan logged before the data are read. Until then it “coincides with”.",
        "Una fecha con fuente, 24 períodos antes, fechas anteriores para comparar, una serie que la medida no toca, tendencias "
        "antes de la fecha, límites que se mantienen, y un plan registrado antes de leer los datos. Hasta entonces, «coincide con».",
    ),
    "m_date": ("a source for the date", "una fuente para la fecha"),
    "m_periods": ("24 periods before the date ({n} are there)", "24 períodos antes de la fecha (hay {n})"),
    "m_placebo": ("a test at earlier dates or other places", "una prueba en fechas anteriores u otros lugares"),
    "m_blunt": (
        "a control that could have shown such a move (of {control} it is not known)",
        "un control que pudiera mostrar un movimiento así (de {control} no se sabe)",
    ),
    "m_control": ("a control or a negative control", "un control o un control negativo"),
    "m_pretrend": ("the trend before the date and bounds", "la tendencia antes de la fecha y los límites"),
    "m_bounds": (
        "bounds that hold when other things move as much as before (they hold up to {mbar} times)",
        "límites que se mantienen si otras cosas se mueven tanto como antes (se mantienen hasta {mbar} veces)",
    ),
    "m_moved": ("a control that stood still ({control} moved)", "un control que no se movió ({control} se movió)"),
    "m_significant": ("a change that can be told at all", "un cambio que se pueda ver"),
    "m_plan": ("a plan logged before the data were read", "un plan registrado antes de leer los datos"),
    "m_trend": (
        "the same answer under other forms of the trend",
        "la misma respuesta con otras formas de la tendencia",
    ),
    "r1_name": (
        "The plan calls something “{name}”, and that name claims a cause.",
        "El plan llama a algo «{name}», y ese nombre afirma una causa.",
    ),
    "n1_name": (
        "Names that claim nothing. A cause belongs in the question or the claim, where it is judged by what was shown.",
        "Nombres que no afirmen nada. Una causa va en la pregunta o en la afirmación, donde se juzga por lo que se mostró.",
    ),
    "r2_poisson": (
        "Poisson errors are too small here: the counts vary {ratio} times as much as they allow.",
        "Los errores de Poisson son demasiado pequeños: las cuentas varían {ratio} veces más de lo que permiten.",
    ),
    "r2_newey": (
        "Newey-West errors find changes that are not there when few periods follow the date ({n} here, 30 are needed).",
        "Los errores de Newey-West hallan cambios falsos cuando hay pocos períodos después de la fecha (hay {n}, hacen falta 30).",
    ),
    "r2_newey_long": (
        "Newey-West errors are not offered: in every trial other errors were nearer to the truth.",
        "No se ofrecen errores de Newey-West: en todas las pruebas otros errores fueron mejores.",
    ),
    "n2": (
        "Errors learned from earlier dates, which show how much the counts move by themselves (`inference: placebo_t`).",
        "Errores aprendidos de fechas anteriores, que muestran cuánto se mueven las cuentas por sí solas (`inference: placebo_t`).",
    ),
    "r2_two": (
        "Two numbers alone do not say how much such numbers move by themselves.",
        "Dos números solos no dicen cuánto se mueven por sí mismos.",
    ),
    "n2_two": (
        "The whole series behind them. Two numbers may stand beside it as a note, with the spread of a like series (`two_counts` "
        "under `secondary`).",
        "La serie completa de la que vienen. Dos números pueden ir al lado como nota, con la dispersión de una serie parecida "
        "(`two_counts` en `secondary`).",
    ),
    "r3": (
        "The units begin on different dates, and a two-way regression would compare them with units that had already begun.",
        "Las unidades empiezan en fechas distintas, y una regresión de dos vías las compararía con otras que ya habían empezado.",
    ),
    "n3": (
        "Compare with units that have not begun (`estimator: callaway_santanna`).",
        "Comparar con unidades que aún no han empezado (`estimator: callaway_santanna`).",
    ),
    "r4": (
        "Reported crime is crime times reporting, so it cannot show that people stopped reporting.",
        "Los delitos denunciados son delitos por denuncias, así que no muestran que la gente dejó de denunciar.",
    ),
    "n4": (
        "A second series that does not depend on a report: a survey of victims, deaths, or ambulance calls (a control with `role: "
        "reporting_free`).",
        "Otra serie que no dependa de una denuncia: una encuesta de víctimas, muertes o llamadas de ambulancia (un control con "
        "`role: reporting_free`).",
    ),
    "r5": (
        "“No effect” cannot be said without saying how large an effect would have been seen.",
        "No se puede decir «sin efecto» sin decir qué tamaño de efecto se habría visto.",
    ),
    "r5_wide": (
        "“No effect” cannot be said: an effect as large as {limit}, which the plan calls large enough to matter, fits the numbers.",
        "No se puede decir «sin efecto»: un efecto de hasta {limit}, que el plan considera importante, es posible.",
    ),
    "n5": (
        "The smallest effect that would matter, written in the plan (`smallest_effect_of_interest`), and an interval that lies "
        "within it.",
        "El efecto más pequeño que importaría, escrito en el plan (`smallest_effect_of_interest`), y un intervalo que quede dentro.",
    ),
    "r6": (
        "Only {n} events would be expected without a change. A percentage of so few says nothing.",
        "Sin cambio solo se esperarían {n} casos. Un porcentaje de tan pocos no dice nada.",
    ),
    "n6": (
        "At least 20 events: longer periods, a larger area, or more time. Until then tell the counts themselves.",
        "Al menos 20 casos: períodos más largos, un área mayor o más tiempo. Hasta entonces, diga las cuentas mismas.",
    ),
    "r6_ranking": (
        "A ranking of raw ratios puts the smallest places first and last, by chance.",
        "Una lista de razones sin ajustar pone primero y último a los lugares más pequeños, por azar.",
    ),
    "n6_ranking": (
        "Ratios drawn towards their mean, with intervals (`ranking: shrunk`).",
        "Razones acercadas a su promedio, con intervalos (`ranking: shrunk`).",
    ),
    "r7_break": (
        "The way of counting changed on {day} ({what}), so a step there may come from the new way of counting alone.",
        "La forma de contar cambió el {day} ({what}), así que un salto allí puede venir solo de la nueva forma de contar.",
    ),
    "n7_break": (
        "A plan that takes the change of form out or begins after it (`definition_changes: model` or `start_after`), with at least "
        "six periods between that day and the policy.",
        "Un plan que quite el cambio de forma o que empiece después (`definition_changes: model` o `start_after`), con al menos "
        "seis períodos entre ese día y la medida.",
    ),
    "n7_same_day": (
        "Numbers that were counted in one way, before {day} and after. Both began on that day, the policy and the new form. No "
        "model can tell them apart.",
        "Números contados de una sola manera, antes del {day} y después. Ese día empezaron la medida y la nueva forma. Ningún "
        "modelo puede separarlas.",
    ),
    "r7_mixed": (
        "Different populations are joined ({populations}).",
        "Se juntan poblaciones distintas ({populations}).",
    ),
    "n7_mixed": (
        "Numbers of one population on both sides of the date.",
        "Números de una sola población a ambos lados de la fecha.",
    ),
    "r8": (
        "Without one {what} ({which}) the result is another one.",
        "Sin un dato ({what}: {which}) el resultado es otro.",
    ),
    "r8_only": (
        "One {what} follows the date, and without it nothing is left.",
        "Solo un dato ({what}) sigue a la fecha, y sin él no queda nada.",
    ),
    "n8": (
        "More periods or units, so that the result does not hang on one of them.",
        "Más períodos o unidades, para que el resultado no dependa de uno solo.",
    ),
    "r9": (
        "Shares of an area say nothing of any one person in it, nor of anybody's immigration status.",
        "La composición de un área no dice nada de una persona, ni de la situación migratoria de nadie.",
    ),
    "n9": (
        "Words about places (“districts with a high share of …”), or records that say of each person what is asked.",
        "Palabras sobre lugares («distritos con un alto porcentaje de …»), o datos que digan de cada persona lo que se pregunta.",
    ),
    "r10": (
        "The date was found in these data, so these data cannot test it.",
        "La fecha se encontró en estos datos, así que estos datos no pueden ponerla a prueba.",
    ),
    "n10": (
        "A date from a source outside the data, or new data after it. What the data show by themselves is listed with the range "
        "of its date.",
        "Una fecha de una fuente externa, o datos nuevos. Lo que los datos muestran por sí solos figura con el margen de su fecha.",
    ),
    # --- the names of the refusals, and what stands in a line of the forest
    "rule_1": ("causal words", "palabras causales"),
    "rule_2": ("errors that are too small", "errores demasiado pequeños"),
    "rule_3": ("two-way regression on staggered dates", "regresión de dos vías con fechas escalonadas"),
    "rule_4": ("reporting fell", "bajaron las denuncias"),
    "rule_5": ("no effect", "sin efecto"),
    "rule_6": ("percentages of few events", "porcentajes de pocos casos"),
    "rule_7": ("a change of definition or of population", "un cambio de definición o de población"),
    "rule_8": ("fragile", "frágil"),
    "rule_9": ("individual inference from areas", "inferencia individual a partir de áreas"),
    "rule_10": ("a date from the data", "una fecha sacada de los datos"),
    "e_step": (
        "Step, trend and seasons (quasi-Poisson)",
        "Salto, tendencia y estaciones (cuasi-Poisson)",
    ),
    "e_share": ("Share in {name} (odds ratio)", "Parte de {name} (razón de momios)"),
    "e_control": ("Ratio to {name}", "Razón con {name}"),
    "e_trend_spline": ("With a bent trend", "Con una tendencia que se dobla"),
    "e_no_trend": ("Without a trend", "Sin tendencia"),
    "e_ar1": (
        "Errors that follow each other (AR 1), no placebo",
        "Errores que se siguen unos a otros (AR 1), sin fechas falsas",
    ),
    "e_local_level": ("A level that wanders", "Un nivel que se mueve solo"),
    "e_leave_one_out": ("Without the period that matters most", "Sin el período que más pesa"),
    "e_drop_last": ("Without the last period", "Sin el último período"),
    "e_placebo_units": ("Its rank among the controls", "Su lugar entre los controles"),
    "e_reporting_free": ("A measure that needs no report", "Una medida que no depende de una denuncia"),
    "e_untouched": ("Untouched by the policy", "Sin relación con la medida"),
    "e_two_counts": (
        "Two published numbers: {before} and {after}",
        "Dos números publicados: {before} y {after}",
    ),
    "e_ppml": (
        "Exposed against other units, Poisson with unit and period effects",
        "Unidades expuestas frente a otras, Poisson con efectos de unidad y período",
    ),
    "e_staggered": (
        "Units with a date against units that have not begun",
        "Unidades con fecha frente a las que no han empezado",
    ),
    "e_sdid": (
        "Against weighted controls (synthetic difference-in-differences)",
        "Frente a controles ponderados (diferencias en diferencias sintéticas)",
    ),
    "not_in_plan": ("not in the plan, always shown", "no está en el plan, se muestra siempre"),
    "units_of": ("{n} of {of} units", "{n} de {of} unidades"),
    "other_units": ("{n} other units", "{n} unidades más"),
    "how_rank": ("rank among {n}", "lugar entre {n}"),
    "how_dates": ("randomisation over dates", "sorteo de fechas"),
    "how_units": ("randomisation over units", "sorteo de unidades"),
    "how_placebo_units": ("placebo over units", "placebo con otras unidades"),
    "how_dispersion": ("dispersion {value}", "dispersión {value}"),
    "event_study": ("The event study", "El estudio de eventos"),
    "ev_alone": ("The series by itself, by blocks of {width}", "La serie sola, en bloques de {width}"),
    "ev_against": (
        "The series against {others}, by blocks of {width}",
        "La serie frente a {others}, en bloques de {width}",
    ),
    "ev_units": (
        "{n} exposed of {of} units, by blocks of {width}",
        "{n} expuestas de {of} unidades, en bloques de {width}",
    ),
    "ev_since": (
        "{n} of {of} units, by periods since their date",
        "{n} de {of} unidades, por períodos desde su fecha",
    ),
    "weighted_controls": ("the weighted controls", "los controles ponderados"),
    "w_calibrated": (
        "calibrated weights (entropy balancing, alike in {n} stretches before the date)",
        "pesos calibrados (balance de entropía, iguales en {n} tramos antes de la fecha)",
    ),
    "e_composition": ("Share among all groups (odds ratio)", "Parte entre todos los grupos (razón de momios)"),
    "groups_up": (
        "For whom: these groups became a larger share of all: {groups}.",
        "Para quién: estos grupos pasaron a ser una parte mayor del total: {groups}.",
    ),
    "groups_down": (
        "These became a smaller share, which their own counts need not show: {groups}.",
        "Estos pasaron a ser una parte menor, lo que sus propias cuentas no tienen que mostrar: {groups}.",
    ),
    "flag_group_hangs": (
        "The share of a group moves only with one period in it: {groups}. Nothing is said of it.",
        "La parte de un grupo solo se mueve con un período: {groups}. De él no se dice nada.",
    ),
    "note_one_period": ("not without {which}", "no sin {which}"),
    "groups_still": (
        "For whom: no group clearly moved against the others ({n} were compared).",
        "Para quién: ningún grupo se movió con claridad frente a los demás (se compararon {n}).",
    ),
    "flag_few_in_group": (
        "Groups with fewer than {n} events before the date are not told one by one: {groups}.",
        "Los grupos con menos de {n} casos antes de la fecha no se dicen uno por uno: {groups}.",
    ),
    "w_sdid": ("synthetic difference-in-differences", "diferencias en diferencias sintéticas"),
    "excess": ("excess {counted}", "exceso de {counted}"),
    "this_analysis": ("this analysis ({plan})", "este análisis ({plan})"),
    "share_definition": (
        "the way of counting changed on {day} ({what}), within the stretch that is compared; no step of a form is modelled "
        "here. Begin after it with `definition_changes: start_after`, or choose another series.",
        "la forma de contar cambió el {day} ({what}), dentro del tramo que se compara; aquí no se modela ningún salto de forma. "
        "Empiece después con `definition_changes: start_after`, o elija otra serie.",
    ),
    # --- several questions in one plan
    "flag_family": (
        "The plan asks {n} questions at once, so chance has more tries; p is adjusted for that ({method}): {p}.",
        "El plan hace {n} preguntas a la vez, así que el azar tiene más intentos; p se ajusta por eso ({method}): {p}.",
    ),
    "flag_beside": (
        "Beside the plan's own question, other estimates: {n}. Allowing for so many tries ({method}, {rate} percent), "
        "those that stand out: {k}. They are hints.",
        "Además de la pregunta del plan, otras estimaciones: {n}. Contando con tantos intentos ({method}, {rate} por "
        "ciento), las que destacan: {k}. Son pistas.",
    ),
    # --- people
    "exposed": (
        "Between {low} and about {high} people may be newly exposed ({percent} of 100 runs of the chain; the middle is {middle}).",
        "Entre {low} y unas {high} personas pueden quedar expuestas ({percent} de 100 cálculos de la cadena; el medio es {middle}).",
    ),
    "none_at_all": ("none", "ninguna"),
    "exposed_widest": ("The widest uncertainty is `{factor}`.", "Lo más incierto es `{factor}`."),
    "exposed_means": (
        "Exposed means that a record of the contact can be seen; it does not say what follows.",
        "Expuestas quiere decir que se puede ver un registro del contacto; no dice qué sigue.",
    ),
    # --- names of periods
    "day": ("day", "día"),
    "week": ("week", "semana"),
    "month": ("month", "mes"),
    "quarter": ("quarter", "trimestre"),
    "year": ("year", "año"),
    "unit": ("unit", "unidad"),
    "in": (" in {place}", " en {place}"),
    # --- a scan
    "scan": (
        "{series} series were looked at and {tested} could be tested. {found} moved after {day}, and about {chance} would by "
        "chance if each was tested alone.",
        "Se miraron {series} series y se pudieron probar {tested}. Con un movimiento después del {day}: {found}. Por puro azar "
        "serían unas {chance}, si cada una se probara sola.",
    ),
    "scan_changes": (
        "{changed} of {series} series have a change of level. That ranks and dates; it shows no cause and tests nothing.",
        "Series con un cambio de nivel: {changed} de {series}. Eso ordena y fecha; no muestra una causa ni prueba nada.",
    ),
    "scan_label": (
        "EXPLORATORY: a scan finds questions. To answer one, plan it and use data that were not scanned.",
        "EXPLORATORIO: un barrido halla preguntas. Para responder una, planéela y use datos que no se barrieron.",
    ),
}


def say(key: str, language: str, **parts: object) -> str:
    """One sentence with its parts filled in."""
    english, spanish = SENTENCES[key]
    return (spanish if language == "es" else english).format(**parts)


def check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise WatchError(f"There is no translation to `{language}`; choose {' or '.join(LANGUAGES)}.")


def number(value: float, language: str, digits: int = 3) -> str:
    """A number for reading: three digits that count, whole when large."""
    if value == 0:
        return "0"
    shown = float(f"{value:.{digits}g}")
    return str(format_decimal(shown, format="#,##0.####", locale=language))


def percent(ratio: float, language: str) -> str:
    """The change that a ratio is, in percent with its sign left to the words: 1.3 and 0.7 are both 30."""
    return number(round(abs(100 * (ratio - 1)), 0 if abs(ratio - 1) >= 0.1 else 1), language, 2 if ratio < 10 else 3)


def signed_percent(ratio: float, language: str) -> str:
    change = 100 * (ratio - 1)
    text = percent(ratio, language)
    return text if text == "0" else f"{'−' if change < 0 else '+'}{text}"


def when(day: date, period: str, language: str) -> str:
    """A period's name: May 2025, the week of 3 May 2025, 2025."""
    match period:
        case "year":
            return str(day.year)
        case "month":
            return str(format_date(day, "LLLL y" if language == "en" else "LLLL 'de' y", locale=language))
        case "quarter":
            name = f"{(day.month - 1) // 3 + 1}"
            return f"quarter {name} of {day.year}" if language == "en" else f"trimestre {name} de {day.year}"
        case _:
            return str(format_date(day, "d MMMM y" if language == "en" else "d 'de' MMMM 'de' y", locale=language))


def since(day: date, period: str, language: str) -> str:
    """A period's name behind "from" or "between": Spanish gives a day its article, "desde el 3 de mayo"."""
    article = "el " if language == "es" and period in ("day", "week", "quarter") else ""
    return article + when(day, period, language)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
