"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const text = $("text");
  const me = crypto.randomUUID();
  const opened = new Set(); // details that the reader opened: they stay open when the answer is drawn again
  const state = { law: data.law, section: "", clause: "", act: "", purpose: "", lang: "en" };
  let asked = 0; // the number of the newest question; an older answer is not shown
  let checks = 0;
  let inFlight = null;
  let answer = null; // {before} or {proven}, in the language shown
  let problems = [];
  let good = null; // what the checker says of a text without mistakes
  let lastMistakes = "";
  let between = null;

  // --- words and elements ----------------------------------------------------------------------------

  const w = (key, values = {}) =>
    (data.words[state.lang][key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const number = (n) => new Intl.NumberFormat(state.lang).format(n);

  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ""));
    return made;
  }
  const capital = (s) => s.charAt(0).toUpperCase() + s.slice(1);
  const list = (tag, lines) => el(tag, {}, lines.map((line) => el("li", {}, line)));

  function folded(key, title, ...children) {
    const made = el("details", { open: opened.has(key) }, el("summary", {}, title), ...children);
    made.addEventListener("toggle", () => (made.open ? opened.add(key) : opened.delete(key)));
    return made;
  }

  function speak() {
    document.documentElement.lang = state.lang;
    document.title = `${w("title")} · Brightline`;
    for (const e of document.querySelectorAll("[data-t]")) e.textContent = w(e.dataset.t);
    for (const e of document.querySelectorAll("[data-t-label]")) e.setAttribute("aria-label", w(e.dataset.tLabel));
    for (const b of document.querySelectorAll("[data-lang]")) b.setAttribute("aria-pressed", String(b.dataset.lang === state.lang));
    $("law-day").textContent = w("law_of", { day: data.day[state.lang] });
    $("meanings").replaceChildren(
      ...["exception", "misstatement", "closed", "moved", "open", "unknown"].flatMap((k) => [
        el("dt", {}, el("span", { class: `mark ${k}` }, w(k))),
        el("dd", {}, w(`${k}_means`)),
      ]),
    );
    for (const id of ["said", "brief-said"]) $(id).textContent = "";
  }

  // --- asking the server -------------------------------------------------------------------------------

  async function ask(path, body, signal) {
    const reply = await fetch(path, {
      method: body ? "POST" : "GET",
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
      signal,
    });
    if (reply.headers.get("Content-Type") === "application/pdf") return { pdf: await reply.blob() };
    const told = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(told.error), { said: told.error, status: reply.status });
    return told;
  }
  const mishap = (error) => error.said || w("failed");
  const later = (wait, act) => {
    let timer = 0;
    return (...given) => {
      clearTimeout(timer);
      timer = setTimeout(() => act(...given), wait);
    };
  };

  // --- the law -----------------------------------------------------------------------------------------

  const pack = () => data.packs.find((p) => p.id === state.law);

  function choices() {
    fill($("pack"), data.packs.map((p) => [p.id, p.title]), state.law);
    const sections = pack().sections;
    if (!sections.some((s) => s.id === state.section)) state.section = sections[0]?.id ?? "";
    fill($("section"), sections.map((s) => [s.id, `${s.citation}: ${s.title}`]), state.section);
    const acts = pack().acts;
    if (!acts.some((a) => a.name === state.act)) state.act = (acts.find((a) => a.name === "place_alert") ?? acts[0])?.name ?? "";
    fill($("act"), acts.map((a) => [a.name, a.title[state.lang]]), state.act);
    if (!data.purposes.includes(state.purpose)) state.purpose = data.purposes[0];
    fill($("purpose"), data.purposes.map((p) => [p, w(p)]), state.purpose);
    const start = $("start").value;
    fill($("start"), [["", w("start_empty")], ...data.starts.map((s) => [s.name, s.title])], start);
  }

  function fill(select, options, chosen) {
    select.replaceChildren(...options.map(([value, label]) => el("option", { value }, label)));
    select.value = chosen;
  }

  async function showSection() {
    const wanted = state.section;
    try {
      const section = await ask(`api/law?section=${encodeURIComponent(wanted)}`);
      if (wanted !== state.section) return;
      $("law-text").replaceChildren(...sectionParts(section));
      const here = state.clause && document.getElementById(`clause-${state.clause}`);
      $("law-text").scrollTop = here ? here.offsetTop - $("law-text").offsetTop : 0;
    } catch (error) {
      $("law-text").replaceChildren(el("p", {}, mishap(error)));
    }
  }

  function sectionParts(section) {
    return [
      el("h3", { lang: "en" }, `${section.citation}: ${section.title}`),
      el("p", { class: "hint" }, w("in_force", { span: section.in_force })),
      ...section.clauses.map((c) => clause(c)),
    ];
  }

  function clause(c) {
    const id = `clause-${c.label}`;
    const link = (e) => {
      e.preventDefault();
      state.clause = c.label;
      for (const other of document.querySelectorAll(".clause.here")) other.classList.remove("here");
      $(id).classList.add("here");
      keep();
    };
    return el(
      "div",
      { class: state.clause === c.label ? "clause here" : "clause", id },
      el("h4", { lang: "en" },
        el("a", { class: "anchor", href: `#law=${state.law}&section=${state.section}&clause=${c.label}`, on: { click: link } },
          el("span", { class: "label" }, c.citation), capital(c.title))),
      c.quote.length ? el("blockquote", { lang: "en" }, c.quote.map((p) => el("p", {}, p))) : null,
      c.not_encoded ? el("p", { class: "hint", lang: "en" }, w("not_encoded", { why: c.not_encoded })) : null,
      c.norms.map((n) => el("pre", { tabindex: "0", role: "region", "aria-label": w("encoded", { clause: c.citation }), lang: "en" }, n)),
      el("div", { class: "buttons" }, c.targets.map((t, n) =>
        el("button", { type: "button", class: "quiet", "aria-label": `${w("amend")}: ${t.citation}`, on: { click: () => amend(t) } },
          n === 0 && c.targets.length === 1 ? w("amend") : w("amend_one", { clause: t.citation })))),
    );
  }

  function amend(target) {
    const last = Math.max(0, ...[...text.value.matchAll(/^### r\.(\d+)/gm)].map((m) => Number(m[1])));
    const label = `r.${last + 1}`;
    const fact = w("a_fact");
    const [opening, marked] = target.body
      ? [`amends ${target.id}: replace ${label} `, target.body]
      : [`amends ${target.id}: add\n  but not if ${label} `, fact];
    const head = `### ${label} — ${w("clause_amended", { clause: target.citation })}\n\n> ${w("new_words")}\n\n\`\`\`norm\n`;
    if (!text.value.trim()) replaceAll(data.empty[state.law]);
    const from = text.value.length;
    const gap = "\n".repeat(Math.max(0, 2 - (/\n*$/.exec(text.value)[0].length)));
    text.focus();
    text.setSelectionRange(from, from);
    insert(`${gap}${head}${opening}${marked}\n\`\`\`\n`);
    const at = from + gap.length + head.length + opening.length;
    text.setSelectionRange(at, at + marked.length);
    scrollTo(at);
    $("said").textContent = w("amended", { clause: target.citation });
  }

  // --- the editor --------------------------------------------------------------------------------------

  // execCommand is the one way to change the text that the browser's own undo knows.
  function insert(what) {
    if (!document.execCommand("insertText", false, what)) {
      text.setRangeText(what, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input"));
    }
  }

  // First put in, then taken away: where a selection is replaced, Chromium's redo loses the first line put in.
  // These are two steps of undo; `between` is the text between them, at which undo and redo do not stop.
  function replaceAll(what) {
    text.focus();
    text.setSelectionRange(0, 0);
    if (what) insert(what);
    between = text.value;
    text.setSelectionRange(what.length, text.value.length);
    document.execCommand("delete");
  }

  function again(e) {
    const step = { historyUndo: "undo", historyRedo: "redo" }[e.inputType];
    if (step && text.value === between) setTimeout(() => document.execCommand(step));
  }

  function lineHeight() {
    return parseFloat(getComputedStyle(text).lineHeight);
  }

  function scrollTo(offset) {
    const line = text.value.slice(0, offset).split("\n").length;
    text.scrollTop = Math.max(0, (line - 6) * lineHeight());
    text.scrollLeft = 0;
    gutterMoves();
  }

  function gutterMoves() {
    $("numbers").style.transform = `translateY(${-text.scrollTop}px)`;
  }

  function gutter() {
    const wrong = new Set(problems.map((p) => p.line));
    const count = text.value.split("\n").length;
    const lines = Array.from({ length: count }, (_, n) => el("span", { class: wrong.has(n + 1) ? "wrong" : null }, String(n + 1)));
    $("numbers").replaceChildren(...lines);
    $("numbers").parentElement.style.minWidth = `${String(count).length + 2.5}ch`;
    gutterMoves();
  }

  // The checker counts characters; the textarea counts halves of those beyond the basic plane.
  function offsetOf(line, column) {
    const lines = text.value.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0);
    return Math.min(text.value.length, before + Array.from(lines[line - 1] ?? "").slice(0, column - 1).join("").length);
  }

  function goTo(p) {
    const from = offsetOf(p.line, p.column);
    const end = offsetOf(p.line, p.column + p.length);
    text.focus();
    text.setSelectionRange(from, Math.max(from, end));
    scrollTo(from);
    text.scrollIntoView({ block: "nearest" });
  }

  function showMistakes() {
    const shown = JSON.stringify([problems, good?.changes === 0, state.lang]);
    if (shown === lastMistakes) return;
    lastMistakes = shown;
    const box = $("mistakes");
    if (!problems.length) {
      box.replaceChildren(el("p", { class: "fine" }, w(good?.changes === 0 ? "no_changes" : "no_mistakes")));
    } else {
      const said = problems.length === 1 ? w("one_mistake") : w("mistakes", { count: number(problems.length) });
      box.replaceChildren(el("p", {}, said), el("ol", {}, problems.map(mistake)));
    }
    gutter();
  }

  function mistake(p) {
    const place = { line: number(p.line), column: number(p.column) };
    const go = el("button", { type: "button", class: "go", "aria-label": w("go", place), on: { click: () => goTo(p) } }, w("at", place));
    return el("li", {}, go,
      el("p", { lang: "en" }, p.level === "warning" ? `${w("warning")}: ` : "", capital(p.message)),
      p.help ? el("p", { class: "hint", lang: "en" }, capital(p.help)) : null);
  }

  async function check() {
    const mine = ++checks;
    try {
      const told = await ask("api/check", { text: text.value, lang: state.lang });
      if (mine !== checks) return;
      problems = told.problems;
      good = problems.some((p) => p.level === "error") ? null : told;
    } catch (error) {
      if (mine !== checks) return;
      problems = [{ line: 1, column: 1, length: 1, level: "error", message: mishap(error), help: "" }];
      good = null;
    }
    showMistakes();
    proveSoon();
  }

  // --- loopholes ---------------------------------------------------------------------------------------

  async function prove() {
    const mine = ++asked;
    inFlight?.abort();
    const stop = (inFlight = new AbortController());
    const proving = Boolean(good && good.changes);
    const question = { law: state.law, action: state.act, purpose: state.purpose, lang: state.lang, page: me, number: mine };
    busy(true);
    const begun = Date.now();
    const clock = setInterval(() => {
      const seconds = Math.round((Date.now() - begun) / 1000);
      if (seconds >= 4 && seconds % 4 === 0) $("note").textContent = w("working_long", { seconds });
    }, 1000);
    try {
      const found = proving
        ? { proven: await ask("api/prove", { ...question, text: text.value }, stop.signal) }
        : { before: await ask("api/loopholes", question, stop.signal), mistakes: !good };
      if (mine !== asked) return;
      answer = found;
      draw();
    } catch (error) {
      if (mine !== asked || error.name === "AbortError") return;
      answer = null;
      draw();
      $("counts").textContent = "";
      $("note").textContent = mishap(error);
    } finally {
      clearInterval(clock);
      if (mine === asked) busy(false);
    }
  }

  function busy(yes) {
    $("loopholes").setAttribute("aria-busy", String(yes));
    if (yes) $("note").textContent = w("working");
    for (const id of ["costs", "opens", "contacts"]) $(id).classList.toggle("stale", yes);
  }

  function draw() {
    const proven = answer?.proven;
    const all = proven?.loopholes ?? answer?.before?.loopholes ?? [];
    const wanted = proven ? $("show").value : "";
    const shown = wanted ? all.filter((x) => x.status === wanted) : all;
    $("show").disabled = !proven;
    $("counts").textContent = answer ? countsSaid(all.length, proven) : "";
    $("note").textContent = notes(all, shown).join(" ");
    bar(proven, all.length);
    $("loopholes").replaceChildren(el("ol", {}, shown.map(loophole)));
    const none = (key) => el("p", { class: "hint" }, w(proven ? key : "later"));
    const lines = (items) => el("ul", {}, items.map((x) => el("li", {}, x.said)));
    $("costs").replaceChildren(proven?.cost.length ? lines(proven.cost) : none("no_costs"));
    $("opens").replaceChildren(proven?.opened.length ? lines(proven.opened) : none("no_opens"));
    $("contacts").replaceChildren(proven?.contacts.length ? contactTable(proven.contacts) : none("no_contacts"));
    $("brief").setAttribute("aria-disabled", String(!proven));
  }

  function countsSaid(count, proven) {
    const now = count === 1 ? w("count_now_one") : w("count_now", { count: number(count) });
    if (!proven) return now;
    const parts = ["closed", "moved", "open", "unknown"]
      .filter((k) => proven.counts[k] || (k !== "unknown" && k !== "moved"))
      .map((k) => w(`n_${k}`, { count: number(proven.counts[k]) }));
    return `${now} ${w("with_reform", { parts: parts.join(", ") })}`;
  }

  function notes(all, shown) {
    if (!answer) return [];
    const told = answer.proven ?? answer.before;
    const found = [];
    if (answer.before) found.push(w(answer.mistakes ? "not_proven" : "nothing_changed"));
    if (!all.length) found.push(w("none"));
    if (!told.complete) found.push(w("incomplete", { why: told.why }));
    if (shown.length < all.length) found.push(w("shown", { count: number(shown.length) }));
    return found;
  }

  function bar(proven, count) {
    $("bar").replaceChildren();
    for (const k of proven ? ["closed", "moved", "open", "unknown"] : []) {
      if (!proven.counts[k]) continue;
      const part = el("span", { class: k });
      part.style.flexGrow = proven.counts[k] / count;
      $("bar").append(part);
    }
  }

  function loophole(x) {
    const status = x.status;
    const marks = [
      el("span", { class: `mark ${status ?? "now"}` }, status ? w(status) : w("open")),
      el("span", { class: "mark" }, w(x.kind)),
    ];
    const brief = status
      ? el("button", { type: "button", class: "go", "aria-label": `${w("brief_one")}: ${x.title}`, on: { click: () => makeBrief(x.id) } }, w("brief_one"))
      : null;
    const proof = x.proof?.length
      ? folded(`proof ${x.id}`, w("proof"), list("ul", x.proof),
          x.contacts_searched ? el("p", { class: "of" }, w("proof_end", { count: number(x.contacts_searched) })) : null)
      : null;
    return el("li", { class: "loophole", "data-status": status ?? "now", "data-id": x.id },
      el("h3", {}, x.title),
      el("p", { class: "marks" }, marks),
      status ? el("div", { class: `fate ${status}` }, x.said.map((s) => el("p", {}, s))) : null,
      el("p", {}, x.sentences.join(" ")),
      el("p", { class: "of" }, `${w("clauses")}: ${x.clauses.join("; ")}`),
      x.story.length ? folded(`story ${x.id}`, w("story"), list("ul", x.story)) : null,
      proof,
      brief,
    );
  }

  function contactTable(contacts) {
    const heads = ["contact", "before", "after"];
    const cell = (v, head) => el("td", { "data-head": w(head) }, el("strong", {}, capital(v.word)), v.said);
    return el("table", {},
      el("thead", {}, el("tr", {}, heads.map((h) => el("th", { scope: "col" }, w(h))))),
      el("tbody", {}, contacts.map((c) => el("tr", {},
        el("th", { scope: "row" }, el("strong", {}, w(`why_${c.why}`, { about: c.about })), c.story.join(" ")),
        cell(c.before, "before"), cell(c.after, "after")))));
  }

  // --- the brief ---------------------------------------------------------------------------------------

  async function makeBrief(loophole = "") {
    if ($("brief").getAttribute("aria-disabled") === "true") {
      $("brief-said").textContent = w("later");
      return;
    }
    $("brief-said").textContent = w("brief_working");
    try {
      const { pdf } = await ask("api/brief", {
        text: text.value, law: state.law, action: state.act, purpose: state.purpose, lang: state.lang, loophole,
      });
      const name = `brief-${state.act.replaceAll("_", "-")}.pdf`;
      const address = URL.createObjectURL(pdf);
      el("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      $("brief-said").textContent = w("brief_done", { name });
    } catch (error) {
      $("brief-said").textContent = mishap(error);
    }
  }

  // --- the link: the whole state after the #, which no server sees ------------------------------------------

  const through = (bytes, stream) => new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer();

  async function packed(plain) {
    const bytes = new Uint8Array(await through(new TextEncoder().encode(plain), new CompressionStream("deflate-raw")));
    let binary = "";
    for (const b of bytes) binary += String.fromCharCode(b);
    return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  async function unpacked(written) {
    const binary = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    const plain = new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
    return plain.slice(0, 200_000);
  }

  async function fragment() {
    const parts = new URLSearchParams({ law: state.law, section: state.section, act: state.act, purpose: state.purpose, lang: state.lang });
    if (state.clause) parts.set("clause", state.clause);
    const written = await packed(text.value);
    const whole = `${parts}&text=${written}`;
    return whole.length <= data.longest ? { hash: whole } : { hash: String(parts), count: whole.length };
  }

  async function keepNow() {
    const { hash, count } = await fragment();
    history.replaceState(null, "", `#${hash}`);
    return count;
  }
  const keep = later(300, keepNow);

  async function copy() {
    const count = await keepNow();
    if (count) {
      $("said").textContent = w("too_long", { count: number(count), most: number(data.longest) });
      return;
    }
    try {
      await navigator.clipboard.writeText(location.href);
      $("said").textContent = w("copied");
    } catch {
      $("said").textContent = w("copy_by_hand");
    }
  }

  async function restore() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (data.packs.some((p) => p.id === given.get("law"))) state.law = given.get("law");
    for (const name of ["section", "clause", "act", "purpose"]) if (given.has(name)) state[name] = given.get(name);
    if (data.words[given.get("lang")]) state.lang = given.get("lang");
    let kept = data.empty[state.law];
    try {
      if (given.has("text")) kept = await unpacked(given.get("text"));
    } catch {
      // a link cut short: the empty reform is shown
    }
    text.value = kept;
    speak();
    choices();
    gutter();
    showSection();
    check();
  }

  // --- what happens when --------------------------------------------------------------------------------

  const checkSoon = later(250, check);
  const proveSoon = later(600, prove);
  const proveNow = () => { keep(); prove(); };

  text.addEventListener("input", (e) => { again(e); gutter(); checks++; checkSoon(); keep(); });
  text.addEventListener("scroll", gutterMoves);
  $("pack").addEventListener("change", (e) => { state.law = e.target.value; state.section = state.clause = ""; choices(); showSection(); proveNow(); });
  $("section").addEventListener("change", (e) => { state.section = e.target.value; state.clause = ""; showSection(); keep(); });
  $("act").addEventListener("change", (e) => { state.act = e.target.value; proveNow(); });
  $("purpose").addEventListener("change", (e) => { state.purpose = e.target.value; proveNow(); });
  $("show").addEventListener("change", draw);
  $("load").addEventListener("click", async () => {
    try {
      const name = $("start").value;
      const told = name ? await ask(`api/start?name=${encodeURIComponent(name)}`) : { text: data.empty[state.law] };
      replaceAll(told.text);
      text.setSelectionRange(0, 0);
      scrollTo(0);
      $("said").textContent = w("loaded");
    } catch (error) {
      $("said").textContent = mishap(error);
    }
  });
  $("undo").addEventListener("click", () => { text.focus(); document.execCommand("undo"); });
  $("redo").addEventListener("click", () => { text.focus(); document.execCommand("redo"); });
  $("copy").addEventListener("click", copy);
  $("brief").addEventListener("click", () => makeBrief());
  document.querySelector(".skip").addEventListener("click", (e) => { e.preventDefault(); text.focus(); });
  for (const b of document.querySelectorAll("[data-lang]")) {
    b.addEventListener("click", () => { state.lang = b.dataset.lang; speak(); choices(); showSection(); showMistakes(); proveNow(); });
  }
  addEventListener("hashchange", () => { if (location.hash.includes("=")) restore(); });
  if (matchMedia("(max-width: 40rem)").matches) for (const id of ["law-panel", "contacts-panel"]) $(id).open = false;
  restore();
})();
