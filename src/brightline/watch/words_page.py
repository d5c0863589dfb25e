"""What stands around the sentences: headings, labels, diagnostics and plots, in English and in Spanish, and their numbers.

`words` has the sentences that say what was found. This has the words of the page, the PDF, the plots and the terminal.
A count of things stands after a colon where a verb would have to follow it in number.
"""

from __future__ import annotations

import math
from datetime import date, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal

from brightline.watch.series import step

UNKNOWN = "–"

PAGE: dict[str, tuple[str, str]] = {
    # --- labels
    "EXPLORATORY": ("EXPLORATORY", "EXPLORATORIO"),
    "FRAGILE": ("FRAGILE", "FRÁGIL"),
    "PLANNED": ("PLANNED", "PLANEADO"),
    "EXPLORATORY_means": (
        "No plan was written before the counts were seen, or the later counts were already known. Take this as a question"
        " for new data, not as an answer.",
        "No se escribió un plan antes de ver las cuentas, o ya se conocían las de después de la fecha. Tome esto como una"
        " pregunta para datos nuevos, no como una respuesta.",
    ),
    "FRAGILE_means": (
        "The answer hangs on one period or one unit. Do not rest anything on it.",
        "La respuesta depende de un solo período o de una sola unidad. No apoye nada en ella.",
    ),
    "PLANNED_means": (
        "The question and the method were written down before the counts were read.",
        "La pregunta y el método se escribieron antes de leer las cuentas.",
    ),
    # --- the frame of a page
    "skip": ("Skip to the answer", "Ir a la respuesta"),
    "brand": ("The watch: did practice change?", "La vigilancia: ¿cambió la práctica?"),
    "counted": ("Counted: {what}. Date: {day} ({policy}).", "Se contó: {what}. Fecha: {day} ({policy})."),
    "counted_no_day": ("Counted: {what}. No date ({policy}).", "Se contó: {what}. Sin fecha ({policy})."),
    "what": ("{counted} by {period}, {place}", "{counted} por {period}, {place}"),
    "what_no_place": ("{counted} by {period}", "{counted} por {period}"),
    "the_answer": ("The answer", "La respuesta"),
    "page_of": ("Page {page} of {pages}", "Página {page} de {pages}"),
    "made_on": ("made on {made} with {version}", "hecho el {made} con {version}"),
    "foot": (
        "{label}. Made with {version} on {made}. It counts; it does not say what any officer or any person meant.",
        "{label}. Hecho con {version} el {made}. Cuenta hechos; no dice qué quiso hacer ningún agente ni ninguna persona.",
    ),
    "not_said": ("What is not said here, and why", "Lo que aquí no se dice, y por qué"),
    "needed": ("Needed: {needed}", "Hace falta: {needed}"),
    "care": ("Read with care", "Léase con cuidado"),
    "numbers": ("The numbers ({rows})", "Los números ({rows})"),
    "places": ("Place by place", "Lugar por lugar"),
    "places_table": ("Places", "Lugares"),
    "places_how": (
        "A place is tested only if something was found in the whole above it. Where a level has four places or more, their ratios are drawn to the mean of the level.",
        "Un lugar se prueba solo si se halló algo en el conjunto al que pertenece. Donde un nivel tiene cuatro lugares o más, sus razones se acercan a la media del nivel.",
    ),
    "trust": ("How far the result can be trusted", "Hasta dónde se puede confiar en el resultado"),
    "diagnostics": ("Diagnostics", "Comprobaciones"),
    "sources": ("Where the numbers come from", "De dónde vienen los números"),
    "again": ("To run it again", "Para repetirlo"),
    "plan": ("Plan", "Plan"),
    "not_logged": ("(no plan was logged before)", "(no se registró un plan antes)"),
    "plan_hash": ("Hash of the plan", "Huella del plan"),
    "data_hash": ("Hash of the counts", "Huella de las cuentas"),
    "none": ("none", "ninguna"),
    "seed": ("Seed", "Semilla"),
    "made": ("Made", "Hecho"),
    "with": ("{made} with {version}", "{made} con {version}"),
    "logged": ("Logged", "Registrado"),
    "plan_and_counts": ("Plan {plan} · counts {counts}", "Plan {plan} · cuentas {counts}"),
    # --- the numbers at the top
    "aside": (
        "Beside the answer, another count. {what}: {ratio} times, but anything from {low} to {high} times fits. Two "
        "numbers do not show how much such counts move by themselves; that was taken from like series.",
        "Aparte de la respuesta, otra cuenta. {what}: {ratio} veces, pero todo entre {low} y {high} veces es posible. Dos"
        " números no muestran cuánto se mueven por sí solas esas cuentas; eso se tomó de series parecidas.",
    ),
    "fact_ratio": (
        "Times what was expected",
        "Veces lo esperado",
    ),
    "interval_of": ("{level} interval {low} to {high}", "intervalo del {level}: de {low} a {high}"),
    "no_interval": ("no interval", "sin intervalo"),
    "fact_ratio_share": (
        "Times the earlier ratio to {against}",
        "Veces la razón anterior con {against}",
    ),
    "fact_chance": ("How often chance alone gives as much", "Con qué frecuencia el azar solo da tanto"),
    "p_by": ("p, by {method}", "p, según {method}"),
    "fact_counted": (
        "Each {period} after the date ({periods})",
        "Cada {period} después de la fecha ({periods})",
    ),
    "was_expected": (
        "{n} would have been expected",
        "se habrían esperado {n}",
    ),
    "fact_rise": (
        "Smallest rise that is likely to be noticed",
        "La menor subida que es probable notar",
    ),
    "fact_fall": (
        "Smallest fall that is likely to be noticed",
        "La menor bajada que es probable notar",
    ),
    "or_more": (
        "or more: noticed four times in five",
        "o más: se nota cuatro de cada cinco veces",
    ),
    "or_lower": (
        "or lower: noticed four times in five",
        "o menos: se nota cuatro de cada cinco veces",
    ),
    "times": ("{ratio} ×", "{ratio} ×"),
    "to": ("{low} to {high}", "{low} a {high}"),
    "to_times": ("{low} to {high} ×", "{low} a {high} ×"),
    "unknown": ("unknown", "no se sabe"),
    "without_end": ("without end", "sin límite"),
    # --- diagnostics, each with what it means
    "d_before": ("{periods} before", "{periods} antes"),
    "d_before_means": ("How long the history is.", "Qué tan larga es la historia."),
    "d_after": ("{periods} after", "{periods} después"),
    "d_after_means": ("How long the new time is.", "Qué tan largo es el tiempo nuevo."),
    "d_base": (
        "events expected after",
        "casos esperados después",
    ),
    "d_base_means": (
        "If nothing had changed. Under 20, a percentage says nothing.",
        "Si nada hubiera cambiado. Con menos de 20, un porcentaje no dice nada.",
    ),
    "d_level_before": ("events before, in as long a stretch", "casos antes, en un tramo igual de largo"),
    "d_level_before_means": (
        "What was counted in as many periods before the date.",
        "Lo que se contó en otros tantos períodos antes de la fecha.",
    ),
    "d_dispersion": ("dispersion", "dispersión"),
    "d_dispersion_means": (
        "1 is pure chance. The larger, the more the counts jump by themselves.",
        "1 es puro azar. Cuanto mayor, más saltan las cuentas por sí solas.",
    ),
    "d_rho": ("rho", "rho"),
    "d_rho_means": (
        "How much each count is like the one before. Near 0: not at all.",
        "Cuánto se parece cada cuenta a la anterior. Cerca de 0: nada.",
    ),
    "d_fakes": (
        "fake dates or places",
        "fechas o lugares falsos",
    ),
    "d_fakes_means": (
        "How often the same test was tried when nothing was decided.",
        "Cuántas veces se hizo la misma prueba cuando no se decidió nada.",
    ),
    "d_df": ("degrees of freedom", "grados de libertad"),
    "d_df_means": (
        "How much the fake dates are worth; p allows for their being few. Under 3, the interval is very wide.",
        "Cuánto valen las fechas falsas; p cuenta con que son pocas. Con menos de 3, el intervalo es muy ancho.",
    ),
    "d_mde": (
        "smallest rise likely to be noticed",
        "menor subida que es probable notar",
    ),
    "d_mde_means": (
        "A smaller one would be missed more than one time in five.",
        "Una menor no se vería en más de una de cada cinco veces.",
    ),
    "d_one_out": ("leave one out", "sin uno de ellos"),
    "d_one_out_means": (
        "The result without each period after, or each unit.",
        "El resultado sin cada período de después, o sin cada unidad.",
    ),
    "d_last": ("drop the last", "sin el último"),
    "d_last_means": ("The result without the last period.", "El resultado sin el último período."),
    "d_trends": ("other trends", "otras tendencias"),
    "d_trends_means": (
        "The result with other forms of the trend.",
        "El resultado con otras formas de la tendencia.",
    ),
    "d_definition": (
        "declared changes of definition",
        "cambios de definición declarados",
    ),
    "d_definition_means": (
        "Days from which the same name counts something else.",
        "Días desde los que el mismo nombre cuenta otra cosa.",
    ),
    "d_partial": ("partial periods", "períodos incompletos"),
    "d_partial_means": ("Not counted to their end.", "No se contaron hasta el final."),
    "d_late": ("late periods", "períodos tardíos"),
    "d_late_means": (
        "Left out, because records still arrive.",
        "No se usan, porque todavía llegan registros.",
    ),
    "d_missing": ("missing periods", "períodos sin dato"),
    "d_missing_means": ("Missing is not zero.", "Sin dato no es cero."),
    "d_pretrend": ("trend before", "tendencia antes"),
    "d_pretrend_means": (
        "How much it moved by step before the date, against the others where there are others.",
        "Cuánto se movía en cada paso antes de la fecha, frente a los demás si los hay.",
    ),
    "d_pretrend_mde": (
        "smallest trend before likely to be noticed",
        "menor tendencia antes que es probable notar",
    ),
    "d_pretrend_mde_means": ("A smaller one would have been missed.", "Una menor no se habría visto."),
    "d_breakdown": (
        "drift that undoes it (Mbar)",
        "deriva que lo deshace (Mbar)",
    ),
    "d_breakdown_means": (
        "1: as much as in the worst step before the date. Over 1, the result stands on firmer ground.",
        "1: tanta como en el peor paso de antes de la fecha. Con más de 1, el resultado es más firme.",
    ),
    "d_controls": ("effective controls", "controles efectivos"),
    "d_controls_means": (
        "What the comparison is worth, in places of equal weight.",
        "Lo que vale la comparación, en lugares de igual peso.",
    ),
    "d_analyses": ("analyses so far", "análisis hasta ahora"),
    "d_analyses_means": (
        "Runs on this series in the log, with this one. Many tries find something.",
        "Los que el registro conoce de esta serie, con este. Quien prueba mucho halla algo.",
    ),
    # --- columns
    "c_what": ("What", "Qué"),
    "c_value": ("Value", "Valor"),
    "c_means": ("What it means", "Qué significa"),
    "c_place": ("Place", "Lugar"),
    "c_p": ("p", "p"),
    "c_adjusted": ("Adjusted p", "p ajustada"),
    "c_found": ("Found", "Hallado"),
    "c_ratio": ("Ratio", "Razón"),
    "c_interval": ("Interval", "Intervalo"),
    "c_interval_of": ("{level} interval", "Intervalo del {level}"),
    "c_period": ("Period", "Período"),
    "c_counted": ("Counted", "Contado"),
    "c_expected": ("Expected", "Esperado"),
    "c_lowest": ("Lowest", "Mínimo"),
    "c_highest": ("Highest", "Máximo"),
    "c_remark": ("Remark", "Nota"),
    "c_specification": ("Specification", "Análisis"),
    "c_series": ("Series", "Serie"),
    "c_made_by": ("Interval made by", "Cómo se hizo el intervalo"),
    "c_first_after": ("First period after", "Primer período después"),
    "c_change_se": ("Change in standard errors", "Cambio en errores estándar"),
    "c_share_changes": ("Share of chance changes below", "Parte de los cambios al azar por debajo"),
    "c_change": ("Change", "Cambio"),
    "c_block": ("Block", "Bloque"),
    "c_alone": ("Alone, {level}", "Solo, {level}"),
    "c_together": ("All together, {level}", "Todos juntos, {level}"),
    "c_drift": ("Drift allowed (Mbar)", "Deriva permitida (Mbar)"),
    "c_holds_one": (
        "Includes 1 (no change)",
        "Incluye 1 (sin cambio)",
    ),
    "c_share_ratios": ("Share of chance ratios below", "Parte de las razones al azar por debajo"),
    "c_first_new": ("First period of the new level", "Primer período del nuevo nivel"),
    "c_probability": ("Probability", "Probabilidad"),
    "c_against": ("Compared with", "Comparado con"),
    "c_weight": ("Weight", "Peso"),
    "c_factor": ("Factor", "Factor"),
    "c_range": ("Range", "Margen"),
    "c_people": ("People", "Personas"),
    "c_source": ("Source", "Fuente"),
    "yes": ("yes", "sí"),
    "no": ("no", "no"),
    "not_tested": ("not tested", "no se probó"),
    # --- remarks on a period
    "note_partial": ("partial", "incompleto"),
    "note_late": ("late", "tardío"),
    "note_missing": ("missing", "sin dato"),
    "note_between": ("between", "intermedio"),
    "note_spike": ("spike", "pico"),
    "note_other definition": ("other definition", "otra definición"),
    # --- the series
    "dots": ("Dots: what was counted.", "Puntos: lo que se contó."),
    "steps": (
        "Steps: what would have come if the earlier level and trend had gone on.",
        "Escalones: lo que habría venido si el nivel y la tendencia de antes hubieran seguido.",
    ),
    "steps_band": (
        "Steps with band: what would have come if the earlier level and trend had gone on, and the range that chance allows.",
        "Escalones con banda: lo que habría venido si el nivel y la tendencia de antes hubieran seguido, y el margen que el azar "
        "permite.",
    ),
    "upright": ("Upright line: {policy}, {day}.", "Línea vertical: {policy}, {day}."),
    "crosses": (
        "Crosses: counts that are not used, or are to be read with care (see the table).",
        "Cruces: cuentas que no se usan, o que hay que leer con cuidado (vea la tabla).",
    ),
    "series_from": ("{what}: from {first} to {last}.", "{what}: desde {first} hasta {last}."),
    "series_before": (
        "Before: {middle} in the middle, from {low} to {high}.",
        "Antes: {middle} en el medio, de {low} a {high}.",
    ),
    "series_after": (
        "After: {middle} in the middle, from {low} to {high}.",
        "Después: {middle} en el medio, de {low} a {high}.",
    ),
    "series_end": (
        "At the end {n} would have been expected.",
        "Al final se habrían esperado {n}.",
    ),
    "series_definition": ("Counted in another way from {days}.", "Se cuenta de otra forma desde: {days}."),
    "too_few": (
        "Too few periods to draw: a few bars side by side look like a trend and are none.",
        "Hay muy pocos períodos para dibujar: unas pocas barras juntas parecen una tendencia y no lo son.",
    ),
    "counted_each": ("counted each {period}", "cuenta por {period}"),
    "counted_otherwise": ("counted in another way", "se cuenta de otra forma"),
    # --- the forest
    "forest_many": ("The same question, asked in several ways", "La misma pregunta, hecha de varias formas"),
    "forest_one": ("The answer with its interval", "La respuesta con su intervalo"),
    "forest_how": (
        "Dot: how many times what would have been expected without a change. Bar: the {level} interval. A bar that "
        "crosses 1 shows no clear change.",
        "Punto: cuántas veces lo que se habría esperado sin un cambio. Barra: el intervalo del {level}. Una barra que "
        "cruza el 1 no muestra un cambio claro.",
    ),
    "forest_how_share": (
        "Dot: how many times the earlier ratio. Bar: the {level} interval. A bar that crosses 1 shows no clear change.",
        "Punto: cuántas veces la razón anterior. Barra: el intervalo del {level}. Una barra que cruza el 1 no muestra un cambio "
        "claro.",
    ),
    "forest_primary": (
        "The planned analysis gives {ratio} times ({interval}).",
        "El análisis planeado da {ratio} veces ({interval}).",
    ),
    "forest_about": (
        "How many specifications: {n}. They go from {low} to {high} times.",
        "Cuántos análisis: {n}. Van de {low} a {high} veces.",
    ),
    "forest_arrow": (
        "An arrow: the interval goes on beyond the drawing. Its ends are in the words above it.",
        "Una flecha: el intervalo sigue fuera del dibujo. Sus extremos están en las palabras de arriba.",
    ),
    "axis_times": (
        "times what was expected",
        "veces lo esperado",
    ),
    "axis_times_share": ("times the earlier ratio", "veces la razón anterior"),
    # --- fake dates
    "placebos_dates": ("The real date among fake dates", "La fecha real entre fechas falsas"),
    "placebos_units": ("The real comparison among chance ones", "La comparación real entre otras al azar"),
    "placebos_dates_how": (
        "Bars: the change that the same test finds at dates when nothing was decided. Thick line: the real date. Between the "
        "dotted lines a plain model would see no change.",
        "Barras: el cambio que la misma prueba halla en fechas en las que no se decidió nada. Línea gruesa: la fecha real. Entre "
        "las líneas de puntos un modelo simple no vería ningún cambio.",
    ),
    "placebos_units_how": (
        "Bars: the change that the same test finds for other dates, or other places, chosen by chance. Thick line: the real one.",
        "Barras: el cambio que la misma prueba halla en otras fechas, u otros lugares, elegidos al azar. Línea gruesa: el real.",
    ),
    "placebos_dates_about": (
        "Fake dates: {n}. Their changes run from {low} to {high}.",
        "Fechas falsas: {n}. Sus cambios van de {low} a {high}.",
    ),
    "placebos_units_about": (
        "Chance choices of dates or places: {n}. Their changes run from {low} to {high}.",
        "Fechas o lugares elegidos al azar: {n}. Sus cambios van de {low} a {high}.",
    ),
    "placebos_real": ("The real one is {real}.", "El real es {real}."),
    "placebos_naive": (
        "At {share} of them a plain model would have called a change; it should do so at {claimed}.",
        "En el {share} de ellas un modelo simple habría dicho que hubo un cambio; debería hacerlo en el {claimed}.",
    ),
    "real_row": ("{day} (real)", "{day} (real)"),
    "axis_se": ("change, in the model's own standard errors", "cambio, en errores estándar del propio modelo"),
    "axis_usual": (
        "change, in units of the usual chance change",
        "cambio, en unidades del cambio usual al azar",
    ),
    "axis_ratio": ("ratio", "razón"),
    "axis_how_many": ("how many", "cuántos"),
    "real_date": ("real date: {value}", "fecha real: {value}"),
    "real": ("real: {value}", "real: {value}"),
    # --- the event study
    "events": ("Step by step, before and after the date", "Paso a paso, antes y después de la fecha"),
    "events_how": (
        "{who}. Each dot: the ratio in {block}, against the last {block} before (open dot). Thick bar: the {level} interval of "
        "this dot alone. Light bar: a band for all dots together.",
        "{who}. Cada punto: la razón en un bloque de {block}, frente al último bloque de antes (punto abierto). Barra gruesa: el "
        "intervalo del {level} de ese punto solo. Barra clara: una banda para todos los puntos juntos.",
    ),
    "events_about": (
        "{who}. Blocks before: {before}. Blocks after: {after}. Blocks where the band for all together leaves 1 out: {out}.",
        "{who}. Bloques antes: {before}. Bloques después: {after}. Bloques donde la banda de todos juntos deja fuera el 1: {out}.",
    ),
    "events_off": (
        "Some dots before the date lie clearly off 1: something moved before it. Then what moved after it says less.",
        "Algunos puntos antes de la fecha están claramente lejos de 1: algo se movió antes. Entonces lo que se movió después dice "
        "menos.",
    ),
    "events_on": (
        "Dots before the date should lie near 1. Here the bars of all of them hold 1, which is no proof that nothing else"
        " moved.",
        "Los puntos antes de la fecha deben estar cerca de 1. Aquí las barras de todos contienen el 1, lo que no prueba "
        "que nada más se movió.",
    ),
    "axis_blocks": ("blocks of {block} from the date", "bloques de {block} desde la fecha"),
    "axis_to_before": ("ratio to the block before", "razón frente al bloque anterior"),
    # --- the fan
    "fan": ("How much drift would undo the finding?", "¿Cuánta deriva desharía el hallazgo?"),
    "fan_how": (
        "To the right, other things may move the comparison more: at 1, as much after the event as in the worst step "
        "before it. These intervals are those of the step-by-step plot, not of the answer at the top.",
        "Hacia la derecha, otras cosas pueden mover más la comparación: en 1, tanto después del hecho como en el peor "
        "paso de antes. Estos intervalos son los del dibujo paso a paso, no los de la respuesta de arriba.",
    ),
    "fan_never": (
        "The interval leaves 1 out over the whole drawing.",
        "El intervalo deja fuera el 1 en todo el dibujo.",
    ),
    "fan_at_once": (
        "Even if nothing else had moved, the interval holds 1, no change.",
        "Aunque no se hubiera movido nada más, el intervalo contiene el 1, ningún cambio.",
    ),
    "fan_from": (
        "From {mbar} on, the direction is no longer sure.",
        "Desde {mbar} la dirección ya no es segura.",
    ),
    "fan_about": (
        "{breaks} At {first} the interval is {first_interval}; at {last} it is {last_interval}.",
        "{breaks} En {first} el intervalo es {first_interval}; en {last} es {last_interval}.",
    ),
    "axis_drift": (
        "drift allowed after, as a share of the drift before (Mbar)",
        "deriva permitida después, como parte de la de antes (Mbar)",
    ),
    "axis_drift_short": ("drift allowed (Mbar)", "deriva permitida (Mbar)"),
    "axis_ratio_interval": ("ratio, {level} interval", "razón, intervalo del {level}"),
    # --- chance assignments
    "randomised_how": (
        "Bars: the ratio for other dates, or other units, chosen by chance. Thick line: the real one.",
        "Barras: la razón en otras fechas, u otras unidades, elegidas al azar. Línea gruesa: la real.",
    ),
    "randomised_about": (
        "Chance assignments: {n}, from {low} to {high} times.",
        "Sorteos: {n}, de {low} a {high} veces.",
    ),
    "randomised_far": ("So far out or farther: {n} of {of}.", "Tan lejos o más: {n} de {of}."),
    # --- the date
    "date": ("When did the level change? Most likely {day}", "¿Cuándo cambió el nivel? Lo más probable: {day}"),
    "date_how": (
        "Bars: how likely each {period} is to be the first with the new level. The data alone say this; no date was given.",
        "Barras: qué tan probable es que el nuevo nivel empiece en cada {period}. Lo dicen los datos solos; no se les dio ninguna "
        "fecha.",
    ),
    "date_about": (
        "The level went from {before} to {after} by {period}, most likely from {day} on; with {level} probability between {low} "
        "and {high}.",
        "El nivel pasó de {before} a {after} por {period}, lo más probable desde {day}; con {level} de probabilidad entre {low} y "
        "{high}.",
    ),
    "date_note": (
        "{level} of the probability: {low} to {high}. Level before {before}, after {after} by {period}.",
        "{level} de la probabilidad: entre {low} y {high}. Nivel antes: {before}; después: {after} por {period}.",
    ),
    "date_drift": (
        "The level drifts, so the date may be an accident.",
        "El nivel se mueve despacio, así que la fecha puede ser casualidad.",
    ),
    "axis_probability": ("probability", "probabilidad"),
    # --- the comparison
    "weights": ("Compared with what?", "¿Comparado con qué?"),
    "weights_how": (
        "The share of each other place or series in the comparison.",
        "La parte de cada uno de los otros lugares o series en la comparación.",
    ),
    "weights_about": (
        "How many carry weight: {n}. The heaviest is {heaviest} with {share}. Together they are worth {equal} of equal "
        "weight.",
        "Cuántos tienen peso: {n}. El de más peso es {heaviest}, con {share}. Juntos valen como {equal} de igual peso.",
    ),
    "weights_note": (
        "Together they are worth {equal} of equal weight ({method}).",
        "Juntos valen como {equal} de igual peso ({method}).",
    ),
    "weights_ten": (
        "The ten heaviest of {n}; the others are in the table.",
        "Los diez de más peso entre {n}; los demás están en la tabla.",
    ),
    "axis_share": ("share", "parte"),
    # --- how many people
    "tornado": ("Which unknown moves the number most?", "¿Qué dato incierto mueve más el número?"),
    "tornado_how": (
        "Bars: the number of people newly exposed if one factor is at its lowest and at its highest, the others in the middle.",
        "Barras: cuántas personas quedan expuestas por primera vez si un factor está en su mínimo y en su máximo, y los demás en "
        "el medio.",
    ),
    "tornado_about": (
        "{low} to {high} people. What moves this most: {factor}.",
        "De {low} a {high} personas. Lo que más mueve esto: {factor}.",
    ),
    "tornado_note": (
        "Exposed to a contact; what followed is not counted here.",
        "Expuestas a un contacto; lo que siguió no se cuenta aquí.",
    ),
    "axis_people": ("people newly exposed", "personas expuestas por primera vez"),
    # --- the terminal
    "t_refused": ("Refused", "Rechazado"),
    "t_refusal": ("{name} (exit code {code}): {reason}", "{name} (código de salida {code}): {reason}"),
    "t_instead": ("needed instead: {needed}", "hace falta en su lugar: {needed}"),
    "t_forest": ("Ratio, after by before", "Razón: después entre antes"),
    "t_what": ("what", "qué"),
    "t_ratio": ("ratio", "razón"),
    "t_low": ("low", "mínimo"),
    "t_high": ("high", "máximo"),
    "t_how": ("how", "cómo"),
    "t_hashes": ("Plan {plan}, data {data}, seed {seed}.", "Plan {plan}, datos {data}, semilla {seed}."),
    "t_more": ("Rows not shown: {n}.", "Filas que no se muestran: {n}."),
    "t_scan": ("{first} to {last}, by {period}", "De {first} a {last}, por {period}"),
    "t_written": ("Written to {where}", "Escrito en {where}"),
    "t_rows_in": ("All rows are in {where}", "Todas las filas están en {where}"),
    # --- the page of a scan
    "s_title": ("Which of many series changed?", "¿Cuáles de muchas series cambiaron?"),
    "s_title_day": (
        "Which of many series changed after {day}?",
        "¿Cuáles de muchas series cambiaron después del {day}?",
    ),
    "s_brand": ("The watch: looking through many series", "La vigilancia: un barrido de muchas series"),
    "s_skip": ("Skip to what was found", "Ir a lo que se halló"),
    "s_dek": (
        "Scanned: {source}, by {period}, from {first} to {last}.",
        "Se barrió: {source}, por {period}, desde {first} hasta {last}.",
    ),
    "s_found": ("What was found", "Lo que se halló"),
    "s_means": (
        "A scan finds questions and answers none. To answer one, write a plan and use data that were not scanned.",
        "Un barrido halla preguntas y no responde ninguna. Para responder una, escriba un plan y use datos que no se barrieron.",
    ),
    "s_fact_series": ("Series looked at", "Series que se miraron"),
    "s_fact_tested": ("could be tested at the date: {n}", "se pudieron probar en la fecha: {n}"),
    "s_fact_untested": (
        "no date was asked for, so none was tested",
        "no se pidió una fecha, así que no se probó ninguna",
    ),
    "s_fact_found": ("Moved after the date", "Se movieron después de la fecha"),
    "s_fact_rate": (
        "at most {rate} of these are expected to be false",
        "se espera que como máximo el {rate} de estas sean falsas",
    ),
    "s_fact_chance": ("By chance alone, each tested by itself", "Por puro azar, cada una probada sola"),
    "s_fact_chance_of": ("{rate} of {n}", "el {rate} de {n}"),
    "s_fact_changed": ("Changed level at some time", "Cambiaron de nivel en algún momento"),
    "s_fact_changed_of": ("of {n}; this is not a test", "de {n}; esto no es una prueba"),
    "s_care_cause": (
        "A change that comes after a date has not been shown to come from it.",
        "Que un cambio venga después de una fecha no muestra que venga de ella.",
    ),
    "s_care_same": (
        "The series may move together, because the same people, rules and recording stand behind them.",
        "Las series pueden moverse juntas, porque detrás están las mismas personas, reglas y formas de registrar.",
    ),
    "s_care_few": (
        "A series that is not found may have changed all the same: the test sees only large changes.",
        "Una serie que no se halló puede haber cambiado de todas formas: la prueba solo ve cambios grandes.",
    ),
    "s_care_best": (
        "The strongest of many look stronger than they are. Expect smaller ratios in new data.",
        "Las más fuertes entre muchas parecen más fuertes de lo que son. Espere razones menores en datos nuevos.",
    ),
    "s_when": ("When did the levels change?", "¿Cuándo cambiaron los niveles?"),
    "s_when_how": (
        "Each series counts once, at its last change of level. Dark bars up: it rose. Light bars down: it fell.",
        "Cada serie cuenta una vez, en su último cambio de nivel. Barras oscuras hacia arriba: subió. Barras claras hacia abajo: bajó.",
    ),
    "s_when_zero": (
        "Grey bars up: from nothing, or to nothing.",
        "Barras grises hacia arriba: desde nada, o hasta nada.",
    ),
    "s_when_about": (
        "Series with a change: {n}. Rose: {up}. Fell: {down}. Most changes in one stretch: {most}, from {day}.",
        "Series con un cambio: {n}. Subieron: {up}. Bajaron: {down}. Lo más en un tramo: {most}, desde {day}.",
    ),
    "s_when_note": (
        "These are likeliest dates; their ranges are in the table of the series. Dates come from the data alone and are not "
        "tested.",
        "Son las fechas más probables; sus márgenes están en la tabla de las series. Las fechas salen de los datos solos y no se "
        "ponen a prueba.",
    ),
    "s_when_many": (
        "So many changes in one stretch ({n}) often mean that the way of counting changed, and not what was counted.",
        "Tantos cambios en un mismo tramo ({n}) muchas veces indican que cambió la forma de contar, y no lo que se cuenta.",
    ),
    "s_when_bars": ("Each bar holds {periods}.", "Cada barra reúne {periods}."),
    "s_when_from": ("From", "Desde"),
    "s_when_up": ("Rose", "Subieron"),
    "s_when_down": ("Fell", "Bajaron"),
    "s_when_other": ("From or to nothing", "Desde o hasta nada"),
    "s_axis_when": ("fell · series · rose", "bajaron · series · subieron"),
    "s_asked": ("{day}: the date asked for", "{day}: la fecha pedida"),
    "s_chance": ("More than chance would give?", "¿Más de lo que daría el azar?"),
    "s_chance_how": (
        "Bars: how many series have a p-value in each step from 0 to 1. Dashed line: what chance alone would give in each.",
        "Barras: cuántas series tienen su valor p en cada paso de 0 a 1. Línea de rayas: lo que daría el azar solo en cada uno.",
    ),
    "s_chance_about": (
        "Series tested: {n}. With a p-value under {limit}: {low}. Chance alone would give about {chance}.",
        "Series probadas: {n}. Con un valor p menor que {limit}: {low}. El azar solo daría unas {chance}.",
    ),
    "s_chance_found": (
        "Found after the adjustment for many tests: {found}.",
        "Halladas tras el ajuste por muchas pruebas: {found}.",
    ),
    "s_chance_from": ("p-value from", "Valor p desde"),
    "s_chance_n": ("Series", "Series"),
    "s_axis_p": ("p-value, each series by itself", "valor p, cada serie por sí sola"),
    "s_axis_series": ("series", "series"),
    "s_forest": ("The series that moved most clearly", "Las series que se movieron con más claridad"),
    "s_forest_how": (
        "Dot: how many times what was expected. Bar: the {level} interval, for each series by itself. Clearest first; bars that "
        "overlap do not say which is larger.",
        "Punto: cuántas veces lo esperado. Barra: el intervalo del {level}, de cada serie por sí sola. Primero la más clara; "
        "barras que se cruzan no dicen cuál es mayor.",
    ),
    "s_forest_about": (
        "Series drawn: {n}. The clearest is {name}: {ratio} times ({interval}).",
        "Series en el dibujo: {n}. La más clara es {name}: {ratio} veces ({interval}).",
    ),
    "s_forest_some": (
        "Drawn: {n} of the {found} that were found. The others are in the table.",
        "En el dibujo: {n} de las {found} que se hallaron. Las demás están en la tabla.",
    ),
    "s_rows": ("The series", "Las series"),
    "s_rows_table": ("Series by series", "Serie por serie"),
    "s_rows_how": (
        "Those that were found stand first, then the others by p-value.",
        "Primero están las que se hallaron, después las otras según su valor p.",
    ),
    "s_rows_how_no_day": (
        "Those whose level changed most stand first.",
        "Primero están las que más cambiaron de nivel.",
    ),
    "s_rows_some": (
        "Here are {shown} of {n}; all of them are in scan.parquet.",
        "Aquí están {shown} de {n}; todas están en scan.parquet.",
    ),
    "s_c_events": ("Events", "Casos"),
    "s_c_last": ("Last change of level", "Último cambio de nivel"),
    "s_c_ratio": ("Ratio at the date, {level} interval", "Razón en la fecha, intervalo del {level}"),
    "s_up": ("rose, {day}", "subió, {day}"),
    "s_down": ("fell, {day}", "bajó, {day}"),
    "s_ratio": ("{ratio} ({interval})", "{ratio} ({interval})"),
    "s_range": ("{day} ({low} to {high})", "{day} ({low} a {high})"),
    "s_no_range": ("{day} (no range)", "{day} (sin margen)"),
    "s_exact": ("{day} (no other likely)", "{day} (ninguna otra probable)"),
    "s_mark_found": ("found", "hallada"),
    "s_mark_drifts": ("drifts", "deriva"),
    "s_how": ("What was done", "Qué se hizo"),
    "s_how_change": (
        "Each series was divided into stretches of one level, with a price on every change. That dates changes; it does not test "
        "them.",
        "Cada serie se dividió en tramos de un mismo nivel, con un precio por cada cambio. Eso fecha los cambios; no los pone a "
        "prueba.",
    ),
    "s_how_test": (
        "Each series was tested at the date against earlier dates of its own on which nothing was decided (placebo-t, its spread "
        "moderated over all series).",
        "Cada serie se probó en la fecha frente a fechas anteriores de la misma serie en las que no se decidió nada (placebo-t, "
        "con la dispersión moderada entre todas las series).",
    ),
    "s_how_BH": (
        "The p-values were adjusted for {n} tests (Benjamini-Hochberg). At most {rate} of those found are expected to be false.",
        "Los valores p se ajustaron por {n} pruebas (Benjamini-Hochberg). Se espera que como máximo el {rate} de las halladas sean "
        "falsas.",
    ),
    "s_how_BY": (
        "The p-values were adjusted for {n} tests (Benjamini-Yekutieli, for a list that is published). At most {rate} of those "
        "found are expected to be false.",
        "Los valores p se ajustaron por {n} pruebas (Benjamini-Yekutieli, para una lista que se publica). Se espera que como máximo "
        "el {rate} de las halladas sean falsas.",
    ),
    "s_how_none": (
        "The p-values of {n} tests were not adjusted; {rate} of those where nothing happened look like a change.",
        "Los valores p de {n} pruebas no se ajustaron; el {rate} de las que no cambiaron parecen un cambio.",
    ),
    "s_source": ("Data", "Datos"),
    "s_span": ("Periods", "Períodos"),
    "s_span_told": ("{first} to {last}, by {period}", "{first} a {last}, por {period}"),
    "s_date": ("Date", "Fecha"),
    "s_no_date": ("none was asked for", "no se pidió ninguna"),
    "s_took": ("It took", "Tardó"),
    "s_seconds": ("{seconds} seconds", "{seconds} segundos"),
    # --- why a series of a scan has no number
    "s_note_empty": ("no counts in these periods", "sin cuentas en estos períodos"),
    "s_note_missing": ("periods missing: {n}", "períodos sin dato: {n}"),
    "s_note_nothing": ("nothing counted", "no se contó nada"),
    "s_note_few": ("{n} events expected: no ratio of so few", "se esperan {n} casos: sin razón de tan pocos"),
    "s_note_infinite": ("no finite estimate", "sin estimación finita"),
}

NOUNS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "day": (("day", "days"), ("día", "días")),
    "week": (("week", "weeks"), ("semana", "semanas")),
    "month": (("month", "months"), ("mes", "meses")),
    "quarter": (("quarter", "quarters"), ("trimestre", "trimestres")),
    "year": (("year", "years"), ("año", "años")),
    "row": (("row", "rows"), ("fila", "filas")),
}


def say(key: str, language: str, **parts: object) -> str:
    """The words of one place on the page, with their parts filled in."""
    return PAGE[key][language == "es"].format(**parts)


def noun(name: str, language: str, n: int = 1) -> str:
    """A thing by its name, in the number that `n` asks for."""
    return NOUNS[name][language == "es"][n != 1]


def many(n: int, name: str, language: str) -> str:
    """So many of a thing: 1 month, 8 months."""
    return f"{count(n, language)} {noun(name, language, n)}"


# --- days -------------------------------------------------------------------------------------


def said(day: date, language: str) -> str:
    """A day: 5 May 2014, 5 de mayo de 2014."""
    return str(format_date(day, "d 'de' MMMM 'de' y" if language == "es" else "d MMMM y", locale=language))


def named(day: date, period: str, language: str) -> str:
    """A period by its name: 2014, April to June 2014, May 2014, the week of 5 May 2014, 5 May 2014."""
    spanish = language == "es"
    match period:
        case "year":
            return f"{day.year}"
        case "quarter":
            end = step(day, "quarter", 1) - timedelta(days=1)
            first = format_date(day, "LLLL", locale=language)
            last = format_date(end, "LLLL 'de' y" if spanish else "LLLL y", locale=language)
            return f"{first} a {last}" if spanish else f"{first} to {last}"
        case "month":
            return str(format_date(day, "LLLL 'de' y" if spanish else "LLLL y", locale=language))
        case "week":
            return f"la semana del {said(day, language)}" if spanish else f"the week of {said(day, language)}"
        case _:
            return f"el {said(day, language)}" if spanish else said(day, language)


# --- numbers ----------------------------------------------------------------------------------


def decimal(value: float, language: str, digits: int) -> str:
    """A number with so many digits behind the point."""
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return str(format_decimal(value, format=pattern, locale=language)).replace("-", "−")


def count(value: float | None, language: str) -> str:
    """A count in groups of three; an expected one with as many digits as it can bear."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return decimal(value, language, 0 if abs(value) >= 100 or value == round(value) else 1)


def figure(value: float | None, language: str, digits: int = 3) -> str:
    """Any number with so many digits that count, and never 0 for what is small."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    shown = float(f"{value:.{digits}g}")
    return str(format_decimal(shown, format="#,##0.##########", locale=language)).replace("-", "−")


def ratio(value: float | None, language: str) -> str:
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value) or value >= 1e4:
        return say("without_end", language)
    if 0 < value < 0.001:
        return f"< {decimal(0.001, language, 3)}"
    return decimal(value, language, 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.01 else 3)


def interval(low: float | None, high: float | None, language: str) -> str:
    """The ends of an interval of ratios; said to be none where one end is unknown."""
    if low is None or high is None:
        return say("no_interval", language)
    return say("to", language, low=ratio(low, language), high=ratio(high, language))


def p_value(p: float | None, language: str) -> str:
    if p is None or math.isnan(p):
        return UNKNOWN
    return f"< {decimal(0.001, language, 3)}" if p < 0.001 else decimal(p, language, 3)


def percent(share: float | None, language: str, digits: int = 0) -> str:
    return UNKNOWN if share is None else f"{decimal(100 * share, language, digits)}\N{NO-BREAK SPACE}%"


def level(alpha: float, language: str) -> str:
    """How sure an interval is, for a result that may err so often: 95 %, 97.5 %."""
    return f"{figure(100 * (1 - alpha), language, 5)}\N{NO-BREAK SPACE}%"
