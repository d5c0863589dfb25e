"""Why something could not be done, in Spanish beside the English of each WatchError: every part and format is in both.

A sentence that is not here is said in English, so this table is to be kept whole; a test holds it to what is raised.
"""

from __future__ import annotations

ERRORS: dict[str, str] = {
    # --- panel
    "It is not known when these units were treated: {units}. Unknown is not never: say when, or leave the units out.": (
        "No se sabe cuándo empezó el tratamiento de estas unidades: {units}. No saber no es nunca: diga cuándo, o deje fuera las unidades."
    ),
    "The periods are not evenly spaced ({periods} …): a period is missing for every unit. Load it, or use longer "
    "periods.": (
        "Los períodos no están a la misma distancia ({periods} …): falta un período en todas las unidades. Cárguelo, o use "
        "períodos más largos."
    ),
    "The panel has no rows.": "El panel no tiene filas.",
    "{unit} in {period:g} is told {times} times ({cells} such cells); keep one row for each unit and period, or sum them.": (
        "{unit} en {period:g} aparece {times} veces (casillas así: {cells}); deje una fila por unidad y período, o súmelas."
    ),
    "{unit} has more than one date of first treatment; a unit has one, or none.": (
        "{unit} tiene más de una fecha de primer tratamiento; una unidad tiene una, o ninguna."
    ),
    "A panel is a table with a row for each unit and a column for each period.": (
        "Un panel es una tabla con una fila por unidad y una columna por período."
    ),
    "There is one unit only, and nothing to compare it with. Add units that the policy does not touch, or use an "
    "interrupted series with placebo dates.": (
        "Hay una sola unidad, y nada con que compararla. Agregue unidades a las que la medida no toca, o use una serie "
        "interrumpida con fechas falsas."
    ),
    "There are too few periods: at least one before and one after the date are needed.": (
        "Hay muy pocos períodos: hace falta al menos uno antes de la fecha y uno después."
    ),
    "{given} {what} are named, and the table has {wanted}.": (
        "Nombres de {what} que se dan: {given}; la tabla tiene {wanted}."
    ),
    "units": "unidades",
    "periods": "períodos",
    "{bad} of {cells} cells are missing (first: {where}). Fill them from the source, or leave the unit or the period out "
    "for all. Missing is not zero.": (
        "Faltan datos en {bad} de {cells} casillas (la primera: {where}). Complételas con la fuente, o deje fuera de todo la "
        "unidad o el período. Sin dato no es cero."
    ),
    "{unit} in {period:g}": "{unit} en {period:g}",
    "{unit} in period {column}": "{unit} en el período {column}",
    "unit {row} in {period:g}": "la unidad {row} en {period:g}",
    "unit {row} in period {column}": "la unidad {row} en el período {column}",
    "{names}": "{names}",
    "{names} and {more} more": "{names} y {more} más",
    # --- units with an event
    "One unit alone is exposed, or one alone is not, so nothing tells its own chance from the event: an event study has no "
    "standard errors. Use placebo dates or placebo units, or divide the unit into smaller ones.": (
        "Una sola unidad está expuesta, o una sola no lo está, así que nada distingue su propio azar del hecho: un estudio de "
        "eventos no tiene errores estándar. Use fechas falsas u otras unidades de prueba, o divida la unidad en otras más "
        "pequeñas."
    ),
    "Blocks of {width} periods do not fit the {early} periods before the event.": (
        "Los bloques de {width} períodos no caben antes del hecho (períodos que hay: {early})."
    ),
    "Blocks of {width} periods do not fit the {late} periods after the event.": (
        "Los bloques de {width} períodos no caben después del hecho (períodos que hay: {late})."
    ),
    "Counts are a table with a row for each unit and a column for each period.": (
        "Las cuentas son una tabla con una fila por unidad y una columna por período."
    ),
    "The event is period {number} of {periods}; {before} periods before it and {after} from it on are needed.": (
        "El hecho es el período {number} de {periods}; antes de él hacen falta {before}, y {after} desde él en adelante."
    ),
    "Too many periods around period {number} are missing; four fifths of the {before} before and of the {after} after it "
    "must have been counted for all units.": (
        "Faltan demasiados períodos alrededor del período {number}; cuatro quintos de los de antes ({before}) y de los de "
        "después ({after}) deben estar contados en todas las unidades."
    ),
    "{free} other dates are free of events; at least {fewest} are needed. Load a longer series or choose a shorter window.": (
        "Otras fechas sin hechos cerca: {free}; hacen falta al menos {fewest}. Cargue una serie más larga o elija una ventana "
        "más corta."
    ),
    "There are {units} units, and an exposure for {exposures}; each unit needs one.": (
        "Hay {units} unidades, y una exposición para {exposures}; cada unidad necesita una."
    ),
    "The exposure of {unknown} units is not known. Unknown is not unexposed: find it or leave the units out.": (
        "Unidades cuya exposición no se sabe: {unknown}. No saber no es no estar expuesta: averígüela o deje fuera las unidades."
    ),
    "All units are exposed alike, so none can serve as a control. Add units that the event does not touch.": (
        "Todas las unidades están igual de expuestas, así que ninguna sirve de control. Agregue unidades a las que el hecho "
        "no toca."
    ),
    "No unit is exposed, so there is no effect to look for.": (
        "Ninguna unidad está expuesta, así que no hay efecto que buscar."
    ),
    "A count cannot be negative; if these are corrections, add them to their periods.": (
        "Una cuenta no puede ser negativa; si son correcciones, súmelas a sus períodos."
    ),
    "The event is outside the data: its first period would be number {number} of {periods}, and at least one period before "
    "and one after are needed.": (
        "El hecho está fuera de los datos: su primer período sería el número {number} de {periods}, y hace falta al menos un "
        "período antes y uno después."
    ),
    "Nothing was counted in the {who} {side}, and a ratio needs a count. Check that the series did not end or change its "
    "name; if nothing happened, say so in words.": (
        "No se contó nada en {who} {side}, y una razón necesita una cuenta. Revise que la serie no haya terminado ni cambiado "
        "de nombre; si no pasó nada, dígalo con palabras."
    ),
    "exposed units": "las unidades expuestas",
    "other units": "las demás unidades",
    "before the event": "antes del hecho",
    "after the event": "después del hecho",
    "The counts give no finite ratio: on one side of the event they lie in units of one exposure only. Use longer periods "
    "or larger units.": (
        "Las cuentas no dan una razón finita: de un lado del hecho solo las hay en unidades de una misma exposición. Use "
        "períodos más largos o unidades más grandes."
    ),
    "Nothing was counted in any unit in one of the blocks of periods; make the blocks longer.": (
        "En uno de los bloques de períodos no se contó nada en ninguna unidad; haga los bloques más largos."
    ),
    "In one of the blocks of periods only units of one exposure have counts, so its ratio is not finite. Make the blocks "
    "longer.": (
        "En uno de los bloques de períodos solo tienen cuentas las unidades de una misma exposición, así que su razón no es "
        "finita. Haga los bloques más largos."
    ),
    # --- bounds
    "The bounds need estimates before the reference period and after it; there are {before} and {after}. Load more periods "
    "before the event.": (
        "Los límites necesitan estimaciones antes y después del período de referencia; hay {before} y {after}. Cargue más "
        "períodos de antes del hecho."
    ),
    "{n} estimates need a covariance of {n} by {n} numbers.": (
        "Para {n} estimaciones hace falta una covarianza de {n} por {n} números."
    ),
    "A standard error of zero leaves nothing to bound: some estimates have no variation.": (
        "Con un error estándar de cero no hay nada que limitar: algunas estimaciones no varían."
    ),
    "There are {after} periods after the event; each needs a weight, and one must not be zero.": (
        "Períodos después del hecho: {after}; cada uno necesita un peso, y al menos uno no debe ser cero."
    ),
    "Mbar says how many times larger a departure may be: a number from 0 on.": (
        "Mbar dice cuántas veces mayor puede ser una desviación: un número de 0 en adelante."
    ),
    # --- weights
    "There are fewer than two controls, and nothing to weight. Add units without the policy.": (
        "Hay menos de dos controles, y nada que ponderar. Agregue unidades sin la medida."
    ),
    "{columns} columns describe the controls and {wanted} the treated; they must match.": (
        "Columnas que describen los controles: {columns}; las unidades tratadas: {wanted}. Deben ser las mismas."
    ),
    "A characteristic is missing for a unit; fill it, or leave the column or the unit out.": (
        "A una unidad le falta una característica; complétela, o deje fuera la columna o la unidad."
    ),
    "Each control needs a base weight above zero.": "Cada control necesita un peso de base mayor que cero.",
    "No weights can do it: in `{label}` the treated have {value:g}, and the controls lie between {low:g} and {high:g}. Leave "
    "`{label}` out, or find controls beyond it.": (
        "No hay pesos que lo logren: en `{label}` las unidades tratadas tienen {value:g}, y los controles están entre {low:g} y "
        "{high:g}. Deje fuera `{label}`, o busque controles más allá de ese valor."
    ),
    "column {number}": "columna {number}",
    "{first} to {last}": "{first} a {last}",
    "No positive weights make the controls equal to the treated in all columns at once (the best differ by {gap:.2g} "
    "standard deviations). Use fewer columns or more controls.": (
        "No hay pesos positivos que igualen los controles con las unidades tratadas en todas las columnas a la vez (los mejores "
        "difieren en {gap:.2g} desviaciones estándar). Use menos columnas o más controles."
    ),
    "No unit is treated within the periods of the data.": (
        "Ninguna unidad recibe el tratamiento dentro de los períodos de los datos."
    ),
    "The units are treated at {dates} different dates; a synthetic control needs one. Use the group-time estimator for "
    "staggered dates, or one date at a time.": (
        "Las unidades reciben el tratamiento en {dates} fechas distintas; un control sintético necesita una sola. Use el "
        "estimador por grupo y período para fechas escalonadas, o una fecha a la vez."
    ),
    "All units are treated, and none is left as a control.": (
        "Todas las unidades reciben el tratamiento, y no queda ninguna como control."
    ),
    "There is one control only; a weighted comparison needs at least two.": (
        "Hay un solo control; una comparación ponderada necesita al menos dos."
    ),
    "There are {before} periods before the date; weights need at least two, and better twenty.": (
        "Períodos antes de la fecha: {before}; los pesos necesitan al menos dos, y mejor veinte."
    ),
    "Placebos need more controls than treated units: there are {controls} controls and {treated} treated. Use the "
    "jackknife.": (
        "La prueba con otras unidades necesita más controles que unidades tratadas. Controles: {controls}; tratadas: "
        "{treated}. Use el jackknife (dejar fuera una unidad por vez)."
    ),
    "The jackknife needs at least two treated units and is not made for a synthetic control; use placebos.": (
        "El jackknife (dejar fuera una unidad por vez) necesita al menos dos unidades tratadas y no sirve para un control "
        "sintético; use la prueba con otras unidades."
    ),
    "One control has all of the weight, so it cannot be left out; use placebos.": (
        "Un solo control tiene todo el peso, así que no se puede dejar fuera; use la prueba con otras unidades."
    ),
    # --- units that begin at different dates
    "No unit is treated within the periods of the data, after the first one.": (
        "Ninguna unidad recibe el tratamiento dentro de los períodos de los datos, después del primero."
    ),
    "Every unit is treated in the end, so there is no never-treated control. Compare with the units that are not yet treated "
    "instead.": (
        "Al final todas las unidades reciben el tratamiento, así que no hay un control que nunca lo reciba. Compare con las "
        "unidades que todavía no lo reciben."
    ),
    "All units are treated at once, and none is left as a control. Add units that the policy does not touch.": (
        "Todas las unidades reciben el tratamiento a la vez, y no queda ninguna como control. Agregue unidades a las que la "
        "medida no toca."
    ),
    "There is no comparison to take apart: the treated units begin at one date and there are no others, or nobody is treated "
    "(units: {units}).": (
        "No hay una comparación que desglosar: las unidades tratadas empiezan en una misma fecha y no hay otras, o ninguna "
        "recibe el tratamiento (unidades: {units})."
    ),
    "No unit is treated after the first period while others are not: there is no overall effect.": (
        "Ninguna unidad recibe el tratamiento después del primer período mientras otras no lo reciben: no hay un efecto de "
        "conjunto."
    ),
    # --- one series
    "The date is outside the data: period {number} of {periods}.": (
        "La fecha está fuera de los datos: período {number} de {periods}."
    ),
    "The model is for {periods} periods, and there are {counts} counts.": (
        "El modelo es para {periods} períodos, y hay {counts} cuentas."
    ),
    "A count cannot be negative.": "Una cuenta no puede ser negativa.",
    "The denominator of a rate must be a number above zero in each period that has a count.": (
        "El denominador de una tasa debe ser un número mayor que cero en cada período que tiene una cuenta."
    ),
    "The model has no finite estimate at the date or at most of the fake dates: the counts are too thin or too many periods "
    "are missing. Use a longer period (quarters for months) or a larger area.": (
        "El modelo no tiene una estimación finita en la fecha o en la mayoría de las fechas falsas: las cuentas son muy "
        "pequeñas o faltan demasiados períodos. Use un período más largo (trimestres en vez de meses) o un área mayor."
    ),
    "{early} periods before the date and {late} after it leave {fakes} fake dates, and {fewest} are the fewest: {needed} "
    "periods before it are needed. Load more history, or plan fewer periods after or a window shorter than {before} in "
    "front.": (
        "Con {early} períodos antes de la fecha y {late} después, el número de fechas falsas posibles es {fakes}, y lo mínimo "
        "son {fewest}: hacen falta {needed} períodos antes. Cargue más historia, o planee menos períodos después o una ventana "
        "de antes más corta que {before}."
    ),
    "{series} series can be estimated; moderation over series needs at least 3.": (
        "Series que se pueden estimar: {series}; para compartir la variación entre series hacen falta al menos 3."
    ),
    "{early} periods before the date make fewer than three blocks of {width}: no trend before it can be seen.": (
        "Los períodos antes de la fecha ({early}) no llegan a tres bloques de {width}: no se puede ver una tendencia anterior."
    ),
    "The counts are too thin for an event study in blocks of this length.": (
        "Las cuentas son muy pequeñas para un estudio de eventos en bloques de este largo."
    ),
    # --- ratios
    "The part has {part} periods and the whole {whole}; they must cover the same ones.": (
        "La parte tiene {part} períodos y el total {whole}; deben cubrir los mismos."
    ),
    "In period {number} the part ({part:g}) is more than the whole ({whole:g}); the whole must count the part as well.": (
        "En el período {number} la parte ({part:g}) es más que el total ({whole:g}); el total debe contar también la parte."
    ),
    "On one side of the date the part is all of the whole: there is no finite odds ratio.": (
        "De un lado de la fecha la parte es todo el total: no hay una razón de momios finita."
    ),
    "The share has no finite estimate at the date or at most of the fake dates: the counts are too thin. Use a longer period "
    "or a larger area.": (
        "La parte del total no tiene una estimación finita en la fecha o en la mayoría de las fechas falsas: las cuentas son muy "
        "pequeñas. Use un período más largo o un área mayor."
    ),
    "A count must be a number of 0 or more.": "Una cuenta debe ser un número de 0 o más.",
    "One of the two counts is zero: a ratio says nothing; tell both numbers instead.": (
        "Una de las dos cuentas es cero: una razón no dice nada; dé mejor los dos números."
    ),
    "The dispersion must be at least 1 and both denominators above zero.": (
        "La dispersión debe ser al menos 1 y los dos denominadores mayores que cero."
    ),
    # --- many p-values
    "A p-value lies between 0 and 1; {value:g} does not.": "Un valor p está entre 0 y 1; {value:g} no lo está.",
    "`{name}` is named twice; each unit has one p-value.": (
        "`{name}` aparece dos veces; cada unidad tiene un solo valor p."
    ),
    "`{name}` lies in `{above}`, which has no p-value of its own; add that series.": (
        "`{name}` está dentro de `{above}`, que no tiene un valor p propio; agregue esa serie."
    ),
    "`{name}` lies in itself; correct the units above.": (
        "`{name}` está dentro de sí misma; corrija las unidades de arriba."
    ),
    # --- units, and the ways of comparing them
    "There is one unit only ({unit}), and a comparison needs others. Load more places, or use `its_quasipoisson`.": (
        "Hay una sola unidad ({unit}), y una comparación necesita otras. Cargue más lugares, o use `its_quasipoisson`."
    ),
    "The unit `{unit}` stands in the comparison twice; leave one out.": (
        "La unidad `{unit}` está dos veces en la comparación; deje fuera una."
    ),
    "No period is left on one side of the date in which every unit was counted; leave units out.": (
        "A un lado de la fecha no queda ningún período en el que se haya contado en todas las unidades; deje fuera algunas."
    ),
    "The plan gives no exposure for the unit `{unit}`; unknown is not zero.": (
        "El plan no da la exposición de la unidad `{unit}`; no saber no es cero."
    ),
    "The plan names the unit `{unit}`, which is not in the data; there are {names}.": (
        "El plan nombra la unidad `{unit}`, que no está en los datos; están {names}."
    ),
    "{n} placebos are too few for a p below {alpha:g}, so this test could find nothing. Add units.": (
        "{n} placebos son pocos para una p menor que {alpha:g}, así que esta prueba no podría hallar nada. Agregue unidades."
    ),
    "The unit `{unit}` counted nothing on one side of the date, and a ratio to nothing cannot be told; leave it out, "
    "or compare with `ppml_event_study`.": (
        "La unidad `{unit}` no contó nada a un lado de la fecha, y no hay razón con nada; déjela fuera, o compare con "
        "`ppml_event_study`."
    ),
    "{n} chance assignments are too few for a p below {alpha:g}, so this test could find nothing. "
    "Add units or load a longer series.": (
        "{n} sorteos son pocos para una p menor que {alpha:g}, así que esta prueba no podría hallar nada. Agregue unidades o "
        "cargue una serie más larga."
    ),
    # --- one series
    "{series}: no denominator comes with it; name a series as `offset`, or write none.": (
        "{series}: no trae denominador; nombre una serie como `offset`, o escriba none."
    ),
    "{series}: the denominator must be above zero in each period that is used.": (
        "{series}: el denominador debe ser mayor que cero en cada período que se usa."
    ),
    "{series}: the change of definition cannot be modelled, the counts around it are too few.": (
        "{series}: el cambio de definición no se puede modelar, hay muy pocas cuentas a su alrededor."
    ),
    "the series `{series}` has {n} groups in {place}, and a comparison of "
    "groups needs two; read it with `each_group: true`, or give a plain table with a column `group`.": (
        "la serie `{series}` tiene {n} grupos en {place}, y una comparación de grupos necesita dos; léala con `each_group: true`, "
        "o dé una tabla simple con una columna `group`."
    ),
    "this place": "este lugar",
    "No block of periods lies before the date but the one that is compared with.": (
        "Antes de la fecha no hay más bloque de períodos que aquel con el que se compara."
    ),
}
