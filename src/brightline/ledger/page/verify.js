// The page: what is chosen, dropped or pasted goes to judge(), and what it says is shown in the reader's language.
// Everything is put in as text, never as markup.
"use strict";

(() => {
  const made = JSON.parse(document.getElementById("made").textContent); // {words, policy}
  const $ = id => document.getElementById(id);
  const chosen = {receipt: null, content: [], problem: null, trust: null};
  let language = made.words[navigator.language?.slice(0, 2)] ? navigator.language.slice(0, 2) : "en";
  let last = null; // what judge() said of the receipt that is chosen
  let turn = 0; // an answer to an older question is thrown away

  // --- words ---------------------------------------------------------------------------------------------------

  /** A sentence by its name. An argument may be a sentence itself, as [name, ...args], or {time} in seconds. */
  function say(word, ...args) {
    const text = made.words[language][word] ?? word;
    return text.replace(/\{(\d)\}/g, (_, i) => argument(args[i]));
  }

  function argument(value) {
    if (Array.isArray(value)) return say(...value);
    if (value && typeof value === "object") return moment(value.time);
    return String(value);
  }

  function moment(seconds) {
    const date = new Date(Number(seconds) * 1000);
    if (Number.isNaN(date.getTime())) return String(seconds);
    const format = new Intl.DateTimeFormat(language, {dateStyle: "long", timeStyle: "short", hourCycle: "h23", timeZone: "UTC"});
    return `${format.format(date)} UTC`;
  }

  function hour(text) {
    const [, day, start] = /^(.{10})T(..)Z$/.exec(text);
    const date = new Date(`${day}T00:00:00Z`);
    if (Number.isNaN(date.getTime()) || Number(start) > 23) return text;
    const shown = new Intl.DateTimeFormat(language, {dateStyle: "long", timeZone: "UTC"}).format(date);
    return say("hour_is", shown, start, String(Number(start) + 1).padStart(2, "0"));
  }

  function speak(chosenLanguage) {
    language = chosenLanguage;
    document.documentElement.lang = language;
    document.title = say("title");
    for (const place of document.querySelectorAll("[data-t]")) place.textContent = say(place.dataset.t);
    for (const place of document.querySelectorAll("[data-t-label]")) place.setAttribute("aria-label", say(place.dataset.tLabel));
    for (const button of document.querySelectorAll("[data-lang]")) {
      button.setAttribute("aria-pressed", String(button.dataset.lang === language));
    }
    showTrust();
    show();
    if (!globalThis.crypto?.subtle) warn("insecure");
  }

  function warn(word) {
    $("warning").textContent = say(word);
    $("warning").hidden = false;
  }

  // --- showing -------------------------------------------------------------------------------------------------

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function showTrust() {
    const own = chosen.trust !== null;
    const keys = made.policy.split("\n").map(l => l.trim().split(/[ \t]+/)).filter(w => w[0] === "log").map(w => w[1]);
    $("trust-said").textContent = own ? say("trust_given") : keys.length ? say("trust_page", keys[0].split("+")[0]) : say("trust_none");
    $("keys").replaceChildren(...(own ? [] : keys.map(key => make("li", {}, make("code", {}, key)))));
    $("trust-text").textContent = made.policy;
    $("trust-whole").hidden = own || !/^[ \t]*witness[ \t]/m.test(made.policy);
    $("trust-change").textContent = say(keys.length ? "trust_label" : "trust_label_first");
    if (!keys.length) $("trust-other").open = true;
  }

  function show() {
    const section = document.querySelector(".result");
    const told = $("told");
    $("after").hidden = !last && !chosen.problem;
    if (chosen.problem) {
      section.dataset.verdict = "open";
      $("head").replaceChildren(make("strong", {}, say("open")), say(chosen.problem));
      told.replaceChildren();
    } else if (!last) {
      section.dataset.verdict = "none";
      $("head").textContent = say(chosen.receipt ? "checking" : "result_none");
      told.replaceChildren();
    } else {
      section.dataset.verdict = last.verdict;
      $("head").replaceChildren(make("strong", {}, say(last.verdict)), say(...last.head));
      told.replaceChildren(...record(last), ...fields(last), ...steps(last), ...unproved(last));
    }
  }

  function record({record, verdict}) {
    if (!record || verdict === "bad") return []; // what a wrong receipt says is not repeated as if it were so
    const kind = record.kind && (made.words[language][`kind_${record.kind}`] ?? say("kind_unknown", record.kind));
    const rows = [
      ["record_kind", kind],
      ["record_hour", record.hour && hour(record.hour)],
      ["record_place", say("record_place_is", record.index, record.size)],
      ["record_ledger", record.origin],
    ].filter(([, value]) => value);
    const list = make("dl", {}, ...rows.flatMap(([word, value]) => [make("dt", {}, say(word)), make("dd", {}, value)]));
    return [make("h3", {}, say("record_title")), list];
  }

  function fields({fields, hidden, verdict, record}) {
    if (verdict === "bad" || !record?.kind) return [];
    if (!fields) return [make("p", {class: "note"}, say("fields_none"))];
    const rows = fields.map(([name, value]) =>
      make("tr", {}, make("th", {scope: "row"}, name), make("td", {}, typeof value === "string" ? value : Check.canonical(value))));
    const head = make("tr", {}, make("th", {scope: "col"}, say("fields_name")), make("th", {scope: "col"}, say("fields_value")));
    const table = make("table", {"aria-labelledby": "fields-title"}, make("thead", {}, head), make("tbody", {}, ...rows));
    const more = hidden ? [make("p", {class: "note"}, say(hidden === 1 ? "fields_hidden_one" : "fields_hidden", hidden))] : [];
    return [make("h3", {id: "fields-title"}, say("fields_title")), ...(fields.length ? [table] : []), ...more];
  }

  function steps({steps}) {
    const items = steps.map(({status, said}) =>
      make("li", {}, make("span", {class: `mark ${status}`}, say(`status_${status}`)), make("span", {}, say(...said))));
    return [make("h3", {}, say("steps_title")), make("ul", {class: "steps"}, ...items)];
  }

  function unproved({unproved}) {
    return [make("h3", {}, say("unproved_title")), make("ul", {class: "unproved"}, ...unproved.map(w => make("li", {}, say(w))))];
  }

  // --- choosing ------------------------------------------------------------------------------------------------

  async function check(move) {
    const mine = ++turn;
    last = null;
    show();
    if (!chosen.receipt || chosen.problem) return;
    try {
      const found = await judge(chosen.receipt, chosen.content, chosen.trust ?? made.policy);
      if (mine !== turn) return;
      last = found;
    } catch {
      if (mine !== turn) return;
      chosen.problem = globalThis.crypto?.subtle ? "fault" : "insecure";
    }
    show();
    if (move) $("result-title").scrollIntoView({block: "start"});
  }

  /** The files of one choice: one receipt, and the files of entry and content that belong to it. */
  async function take(files) {
    const mine = ++turn;
    const read = await Promise.all([...files].map(async file => ({name: file.name, bytes: await bytesOf(file)})));
    if (mine !== turn || !read.length) return;
    const json = read.filter(f => looksLikeJson(f.bytes));
    const receipts = read.filter(f => !json.includes(f));
    chosen.problem = receipts.length > 1 ? "files_many" : null;
    if (receipts.length) Object.assign(chosen, {receipt: receipts[0].bytes, content: []});
    chosen.content = json.map(f => new TextDecoder().decode(f.bytes));
    if (!chosen.receipt && json.length) chosen.receipt = json[0].bytes; // it is told that this is no receipt
    await check(true);
  }

  /** No more than one byte too many is read of a file that is too large. */
  const bytesOf = async file => new Uint8Array(await file.slice(0, Check.MOST_BYTES + 1).arrayBuffer());
  const looksLikeJson = bytes => /^\s*\{/.test(new TextDecoder().decode(bytes.slice(0, 64)));

  function forget() {
    turn++;
    Object.assign(chosen, {receipt: null, content: [], problem: null});
    last = null;
    $("file").value = "";
    $("paste").value = "";
    show();
    $("receipt-title").focus();
  }

  for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => speak(button.dataset.lang));
  $("file").addEventListener("change", () => take($("file").files));
  $("paste").addEventListener("input", () => {
    const text = $("paste").value.replace(/^\s+/, "");
    chosen.problem = null;
    chosen.receipt = text.trim() ? Check.utf8(text.replace(/\s*$/, "\n")) : null;
    chosen.content = [];
    check(false);
  });
  const trust = text => {
    chosen.trust = text.trim() ? text : null;
    showTrust();
    check(false);
  };
  $("trust").addEventListener("input", () => trust($("trust").value));
  $("trust-file").addEventListener("change", async () => {
    const file = $("trust-file").files[0];
    if (!file) return;
    $("trust").value = new TextDecoder().decode(await bytesOf(file));
    trust($("trust").value);
  });
  $("print").addEventListener("click", () => print());
  $("again").addEventListener("click", forget);
  addEventListener("dragover", event => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  addEventListener("dragleave", event => {
    if (!event.relatedTarget) document.body.classList.remove("over");
  });
  addEventListener("drop", event => {
    event.preventDefault();
    document.body.classList.remove("over");
    take(event.dataTransfer.files);
  });

  speak(language);
})();
