// What the page checks, and nothing of how it looks: the C2SP formats signed-note, tlog-checkpoint, tlog-cosignature,
// tlog-policy and tlog-proof, Merkle proofs of RFC 9162, and disclosures of our own entries. Nothing here trusts its input.
"use strict";

const Check = (() => {
  const MOST_BYTES = 1000000;
  const MOST_SIGNATURES = 64;
  const FIRST_LINE = "c2sp.org/tlog-proof@v1";
  const ED25519 = 1;
  const COSIGNATURE = 4;
  // Points of small order, by their y coordinate, and second spellings of them: under such a key one signature fits many texts.
  const WEAK = new Set([
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "7P///////////////////////////////////////38=",
    "7f///////////////////////////////////////38=",
    "7v///////////////////////////////////////38=",
    "xxdqcD1N2E+6PAt2DRBnDyogU/osOczGTsf9d5KsA3o=",
    "JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/AU=",
  ]);

  /** What is wrong, as the name of a sentence in words.json and what to put into it. */
  class Wrong extends Error {
    constructor(word, ...args) {
      super(word);
      this.word = word;
      this.args = args;
    }
  }

  // --- bytes ---------------------------------------------------------------------------------------------------

  const utf8 = text => new TextEncoder().encode(text);

  function textOf(bytes) {
    try {
      return new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(bytes);
    } catch {
      throw new Wrong("not_text");
    }
  }

  function joined(...parts) {
    const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

  function encode64(bytes) {
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return btoa(binary);
  }

  /** RFC 4648 §4, and only its one right spelling: a second spelling of the same bytes would be a second receipt. */
  function decode64(text) {
    if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) throw new Wrong("base64");
    let binary;
    try {
      binary = atob(text);
    } catch {
      throw new Wrong("base64");
    }
    if (btoa(binary) !== text) throw new Wrong("base64");
    return Uint8Array.from(binary, c => c.charCodeAt(0));
  }

  function hash64(text) {
    const bytes = decode64(text);
    if (bytes.length !== 32) throw new Wrong("hash_length");
    return bytes;
  }

  function whole(text) {
    if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) throw new Wrong("number", text.slice(0, 30));
    const number = BigInt(text);
    if (number >= 2n ** 63n) throw new Wrong("number", text);
    return number;
  }

  const sha256 = async bytes => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

  async function hmac(key, bytes) {
    const made = await crypto.subtle.importKey("raw", key, {name: "HMAC", hash: "SHA-256"}, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", made, bytes));
  }

  // --- keys and notes ------------------------------------------------------------------------------------------

  let able;

  /** Can this browser check Ed25519? It is asked once, with a signature of RFC 8032 §7.1 (test 1) and a spoiled one. */
  function canSign() {
    able ??= (async () => {
      const hex = text => Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
      const key = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
      const signature = hex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
      );
      try {
        const good = await verified(key, signature, new Uint8Array(0));
        return good && !(await verified(key, signature, new Uint8Array(1)));
      } catch {
        return false;
      }
    })();
    return able;
  }

  async function verified(key, signature, message) {
    let made;
    try {
      made = await crypto.subtle.importKey("raw", key, {name: "Ed25519"}, false, ["verify"]);
    } catch (error) {
      if (error.name === "NotSupportedError") throw error;
      return false; // bytes that are no key sign nothing
    }
    return crypto.subtle.verify({name: "Ed25519"}, made, signature, message);
  }

  /** signed-note, "Verifier keys": name+id+base64(type || key). */
  async function parseKey(text) {
    const [name, id, ...rest] = text.trim().split("+");
    const key = rest.join("+"); // base64 has plus signs of its own
    if (!name || !/^[0-9a-f]{8}$/.test(id ?? "") || /\s/u.test(name)) throw new Wrong("key_form");
    let bytes;
    try {
      bytes = decode64(key);
    } catch {
      throw new Wrong("key_form");
    }
    const type = bytes[0];
    if (type !== ED25519 && type !== COSIGNATURE) throw new Wrong("key_type", name);
    if (bytes.length !== 33) throw new Wrong("key_form");
    const found = (await sha256(joined(utf8(`${name}\n`), bytes))).slice(0, 4);
    const hex = Array.from(found, b => b.toString(16).padStart(2, "0")).join("");
    if (hex !== id) throw new Wrong("key_id", name);
    if (WEAK.has(encode64(Uint8Array.of(...bytes.slice(1, 32), bytes[32] & 127)))) throw new Wrong("key_weak", name);
    return {name, id, type, bytes: bytes.slice(1), text: text.trim()};
  }

  /** signed-note, "Format". The text is told from the signatures by the last empty line. */
  function parseNote(text) {
    if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new Wrong(/\r/.test(text) ? "line_ends" : "control");
    if (!text.endsWith("\n")) throw new Wrong("cut_off");
    const cut = text.lastIndexOf("\n\n");
    if (cut < 0) throw new Wrong("no_signatures");
    const lines = text.slice(cut + 2, -1).split("\n");
    if (lines.length === 1 && lines[0] === "") throw new Wrong("no_signatures");
    if (lines.length > MOST_SIGNATURES) throw new Wrong("many_signatures");
    const signatures = lines.map(line => {
      const found = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line);
      if (!found) throw new Wrong("signature_line");
      const bytes = decode64(found[2]);
      if (bytes.length < 5) throw new Wrong("signature_line");
      const id = Array.from(bytes.slice(0, 4), b => b.toString(16).padStart(2, "0")).join("");
      return {name: found[1], id, bytes: bytes.slice(4), line};
    });
    return {text: text.slice(0, cut + 1), signatures};
  }

  /** tlog-checkpoint, "Note text". */
  function parseCheckpoint(text) {
    const lines = text.slice(0, -1).split("\n");
    if (lines.length < 3 || lines.some(line => line === "")) throw new Wrong("checkpoint");
    return {origin: lines[0], size: whole(lines[1]), root: hash64(lines[2])};
  }

  /** True, false, or null when this key has not signed. Every signature of the key must be right; a witness gives its time. */
  async function signedBy(note, key) {
    const mine = note.signatures.filter(s => s.name === key.name && s.id === key.id);
    let time = null;
    for (const signature of mine) {
      if (key.type === ED25519) {
        if (signature.bytes.length !== 64) return {right: false};
        if (!(await verified(key.bytes, signature.bytes, utf8(note.text)))) return {right: false};
      } else {
        if (signature.bytes.length !== 72) return {right: false};
        const seconds = new DataView(signature.bytes.buffer, signature.bytes.byteOffset, 8).getBigUint64(0);
        if (seconds >= 2n ** 63n) return {right: false};
        const message = utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`);
        if (!(await verified(key.bytes, signature.bytes.slice(8), message))) return {right: false};
        if (time === null || seconds < time) time = seconds;
      }
    }
    return mine.length ? {right: true, time} : null;
  }

  // --- whom to trust -------------------------------------------------------------------------------------------

  /** tlog-policy, or a single vkey of a log: then no witness is asked for. */
  async function parsePolicy(text) {
    const policy = {logs: [], witnesses: [], groups: new Map(), quorum: undefined, unknown: []};
    const names = new Map(); // name -> its witness, or its group
    const seen = new Set();
    const placed = new Set();
    const lines = text.split(/\r?\n/).map(l => l.replace(/^[ \t]+|[ \t]+$/g, "")).filter(l => l && !l.startsWith("#"));
    if (!lines.length) throw new Wrong("policy_empty");
    if (lines.every(l => !/[ \t]/.test(l))) { // vkeys alone
      for (const line of lines) policy.logs.push(await onlyOnce(line, seen, ED25519));
      policy.quorum = "none";
      return policy;
    }
    for (const line of lines) {
      const [word, ...items] = line.split(/[ \t]+/);
      const wrong = () => new Wrong("policy_line", line.slice(0, 80));
      if (word === "log" && (items.length === 1 || items.length === 2)) {
        policy.logs.push(await onlyOnce(items[0], seen, ED25519));
      } else if (word === "witness" && (items.length === 2 || items.length === 3)) {
        fresh(items[0], names, wrong);
        const key = await onlyOnce(items[1], seen, COSIGNATURE);
        policy.witnesses.push({name: items[0], key});
        names.set(items[0], {witness: items[0]});
      } else if (word === "group" && items.length >= 3) {
        const [name, many, ...members] = items;
        fresh(name, names, wrong);
        if (!/^(all|any|[1-9][0-9]{0,3})$/.test(many)) throw wrong();
        const least = many === "all" ? members.length : many === "any" ? 1 : Number(many);
        if (least > members.length) throw wrong();
        for (const member of members) {
          if (!names.has(member) || placed.has(member)) throw wrong();
          placed.add(member);
        }
        names.set(name, {least, members});
      } else if (word === "quorum" && items.length === 1 && policy.quorum === undefined) {
        if (items[0] !== "none" && !names.has(items[0])) throw wrong();
        policy.quorum = items[0];
      } else {
        throw wrong();
      }
    }
    if (policy.quorum === undefined) throw new Wrong("policy_quorum");
    policy.groups = names;
    return policy;
  }

  function fresh(name, names, wrong) {
    if (name === "none" || names.has(name)) throw wrong();
  }

  async function onlyOnce(text, seen, type) {
    const key = await parseKey(text);
    if (key.type !== type) throw new Wrong("key_role", key.name);
    const raw = `${type === ED25519 ? "log" : "witness"} ${encode64(key.bytes)}`;
    if (seen.has(raw)) throw new Wrong("key_twice", key.name);
    seen.add(raw);
    return key;
  }

  function satisfied(policy, names) {
    const holds = name => {
      const found = policy.groups.get(name);
      return found.witness ? names.has(name) : found.members.filter(holds).length >= found.least;
    };
    return policy.quorum === "none" || holds(policy.quorum);
  }

  // --- the tree ------------------------------------------------------------------------------------------------

  const leafHash = entry => sha256(joined(Uint8Array.of(0), entry));
  const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

  /** RFC 9162 §2.1.3.2: the root that this leaf and this path give; null when the path has a wrong length. */
  async function rootFrom(leaf, index, size, path) {
    if (index >= size) return null;
    let fn = index;
    let sn = size - 1n;
    let root = leaf;
    for (const hash of path) {
      if (sn === 0n) return null;
      if (fn & 1n || fn === sn) {
        root = await nodeHash(hash, root);
        while (!(fn & 1n) && fn !== 0n) {
          fn >>= 1n;
          sn >>= 1n;
        }
      } else {
        root = await nodeHash(root, hash);
      }
      fn >>= 1n;
      sn >>= 1n;
    }
    return sn === 0n ? root : null;
  }

  // --- a receipt -----------------------------------------------------------------------------------------------

  /** tlog-proof. Its `extra` has the entry on the first line, then a disclosure where there is one, then the ledger's key. */
  function parseReceipt(bytes) {
    if (bytes.length > MOST_BYTES) throw new Wrong("too_large");
    const text = textOf(bytes);
    if (!text.startsWith(`${FIRST_LINE}\n`)) throw new Wrong(/^c2sp\.org\/tlog-proof@v1\r/.test(text) ? "line_ends" : "not_receipt");
    const cut = text.indexOf("\n\n");
    if (cut < 0) throw new Wrong("cut_off");
    const lines = text.slice(0, cut).split("\n").slice(1);
    let extra = new Uint8Array(0);
    if (lines[0]?.startsWith("extra ")) {
      extra = decode64(lines.shift().slice(6));
      if (!extra.length) throw new Wrong("extra");
    }
    if (!lines[0]?.startsWith("index ")) throw new Wrong("no_index");
    const index = whole(lines.shift().slice(6));
    if (lines.length > 63) throw new Wrong("path_long");
    const path = lines.map(hash64);
    const note = parseNote(text.slice(cut + 2));
    const checkpoint = parseCheckpoint(note.text);
    return {index, path, note, checkpoint, ...parseExtra(extra)};
  }

  /** The entry as it was hashed, and what is disclosed of it. The key that may follow is never trusted here. */
  function parseExtra(bytes) {
    if (!bytes.length) return {entry: null, disclosure: null};
    const cut = bytes.indexOf(10);
    if (cut < 0) return {entry: bytes, disclosure: null};
    const rest = textOf(bytes.slice(cut + 1)).split("\n");
    const disclosure = rest[0].startsWith("{") ? rest.shift() : null;
    if (rest.length > 1) throw new Wrong("extra");
    return {entry: bytes.slice(0, cut), disclosure, key: rest[0] ?? null};
  }

  /** The key that a receipt carries must at least be one, of the ledger that it names. */
  async function checkCarriedKey({key, checkpoint}) {
    if (key === null || key === undefined) return;
    const found = await parseKey(key);
    if (found.type !== ED25519 || found.text !== key || found.name !== checkpoint.origin) throw new Wrong("extra");
  }

  /** RFC 8785. JSON.stringify writes numbers and strings as it asks; keys are sorted by UTF-16 units, as sort() does. */
  function canonical(value) {
    if (value === null || typeof value === "boolean") return String(value);
    if (typeof value === "number") {
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw new Wrong("canonical");
      return JSON.stringify(value);
    }
    if (typeof value === "string") {
      if (!value.isWellFormed?.() && /\p{Surrogate}/u.test(value)) throw new Wrong("canonical");
      return JSON.stringify(value);
    }
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    const names = Object.keys(value).sort();
    return `{${names.map(n => `${canonical(n)}:${canonical(value[n])}`).join(",")}}`;
  }

  /** Our entry: {"c":…,"k":…,"t":…,"v":1}, canonical. */
  function parseEntry(bytes) {
    const text = textOf(bytes);
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      throw new Wrong("entry");
    }
    const right = found && typeof found === "object" && !Array.isArray(found)
      && Object.keys(found).sort().join() === "c,k,t,v" && found.v === 1
      && typeof found.k === "string" && /^\d{4}-\d\d-\d\dT\d\dZ$/.test(found.t) && canonical(found) === text;
    if (!right) throw new Wrong("entry");
    return {commitment: hash64(found.c), kind: found.k, hour: found.t};
  }

  /** Is this text an entry (and not a disclosure)? */
  function isEntry(text) {
    try {
      return Object.keys(JSON.parse(text)).sort().join() === "c,k,t,v";
    } catch {
      return false;
    }
  }

  /** A disclosure: each field that is shown gives its digest anew, and all digests together the commitment of the entry. */
  async function openDisclosure(text, entry) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      throw new Wrong("json");
    }
    const right = found && typeof found === "object" && Array.isArray(found.fields) && Array.isArray(found.hidden)
      && Object.keys(found).sort().join() === "fields,hidden,salt"
      && found.fields.every(f => f && Object.keys(f).sort().join() === "name,salt,value" && typeof f.name === "string" && f.name);
    if (!right) throw new Wrong("disclosure");
    const names = found.fields.map(f => f.name);
    if (new Set(names).size !== names.length) throw new Wrong("disclosure");
    const digests = found.hidden.map(hash64);
    for (const {name, value, salt} of found.fields) {
      digests.push(await hmac(hash64(salt), utf8(canonical([name, value]))));
    }
    digests.sort((a, b) => {
      const at = a.findIndex((byte, i) => byte !== b[i]);
      return at < 0 ? 0 : a[at] - b[at];
    });
    const made = await hmac(hash64(found.salt), joined(utf8("brightline/commit/v1\n"), ...digests));
    if (!same(made, entry.commitment)) throw new Wrong("commitment");
    return {fields: found.fields.map(f => [f.name, f.value]), hidden: found.hidden.length};
  }

  return {Wrong, canSign, canonical, checkCarriedKey, isEntry, leafHash, openDisclosure, parseEntry, parsePolicy, parseReceipt, rootFrom, same,
    satisfied, signedBy, utf8, MOST_BYTES};
})();
