// What a receipt shows and does not show, as names of sentences in words.json. Every step is told, also the ones that pass.
"use strict";

const judge = (() => {
  const {Wrong} = Check;

  /**
   * receipt: bytes. content: texts of further files (an entry, a disclosure). trust: the text of a policy or a vkey, or "".
   * Gives {verdict: good | open | bad, head, steps, entry, fields, hidden, unproved}; a sentence is [word, ...args].
   */
  async function judge(receipt, content, trust) {
    const found = {verdict: "good", head: null, steps: [], record: null, fields: null, hidden: 0, unproved: []};
    const told = (status, word, ...args) => found.steps.push({status, said: [word, ...args]});
    const worse = (verdict, ...head) => {
      const rank = {good: 0, open: 1, bad: 2};
      if (rank[verdict] > rank[found.verdict]) Object.assign(found, {verdict, head});
    };
    const fails = (error, word, ...head) => {
      if (!(error instanceof Wrong)) throw error;
      told("bad", word, [error.word, ...error.args]);
      worse("bad", ...head);
    };

    let proof;
    try {
      proof = Check.parseReceipt(receipt);
      await Check.checkCarriedKey(proof);
    } catch (error) {
      fails(error, "step_form_bad", "head_form");
      return done(found);
    }
    told("good", "step_form", proof.checkpoint.origin);

    let given = {entry: proof.entry, disclosure: proof.disclosure};
    let entry = null;
    try {
      given = withContent(given, content);
    } catch (error) {
      fails(error, "step_content_bad", "head_content_form");
    }
    if (given.entry === null) {
      told("open", "step_no_entry");
      worse("open", "head_no_entry");
    } else {
      const leaf = await Check.leafHash(given.entry);
      const root = await Check.rootFrom(leaf, proof.index, proof.checkpoint.size, proof.path);
      if (root && Check.same(root, proof.checkpoint.root)) {
        told("good", "step_tree", proof.index, proof.checkpoint.size);
      } else {
        told("bad", "step_tree_bad");
        worse("bad", "head_tree");
      }
      try {
        entry = Check.parseEntry(given.entry);
        found.record = {kind: entry.kind, hour: entry.hour};
      } catch (error) {
        fails(error, "step_entry_bad", "head_entry");
      }
    }
    Object.assign((found.record ??= {}), {index: proof.index, size: proof.checkpoint.size, origin: proof.checkpoint.origin});

    await judgeSignatures(proof, trust, found, told, worse, fails);

    if (given.disclosure !== null && entry) {
      try {
        const shown = await Check.openDisclosure(given.disclosure, entry);
        Object.assign(found, {fields: shown.fields, hidden: shown.hidden});
        told("good", "step_content", shown.fields.length, shown.hidden);
      } catch (error) {
        fails(error, "step_content_bad", "head_content");
      }
    }
    return done(found);
  }

  /** What the receipt carries, with what other files give. A file may not replace an entry that the receipt has. */
  function withContent(given, content) {
    const made = {...given};
    for (const text of content) {
      if (Check.isEntry(text)) {
        const entry = Check.utf8(text.replace(/\n$/, ""));
        if (made.entry && !Check.same(made.entry, entry)) throw new Wrong("entry_other");
        made.entry = entry;
      } else {
        made.disclosure = text;
      }
    }
    return made;
  }

  async function judgeSignatures(proof, trust, found, told, worse, fails) {
    const {note, checkpoint} = proof;
    if (!(await Check.canSign())) {
      told("open", "step_no_ed25519");
      worse("open", "head_no_ed25519");
      return;
    }
    if (!trust.trim()) {
      told("open", "step_no_key");
      worse("open", "head_no_key");
      return;
    }
    let policy;
    try {
      policy = await Check.parsePolicy(trust);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      told("open", "step_policy_bad", [error.word, ...error.args]);
      worse("open", "head_policy");
      return;
    }
    if (!policy.logs.length) {
      told("open", "step_no_key");
      worse("open", "head_no_key");
      return;
    }
    const ours = policy.logs.filter(key => key.name === checkpoint.origin);
    if (!ours.length) {
      told("bad", "step_foreign", checkpoint.origin, policy.logs.map(key => key.name).join(", "));
      worse("bad", "head_foreign");
      return;
    }
    const answers = await Promise.all(ours.map(key => Check.signedBy(note, key)));
    if (answers.some(a => a && !a.right)) {
      told("bad", "step_signature_bad", checkpoint.origin);
      worse("bad", "head_signature");
      return;
    }
    if (!answers.some(a => a?.right)) {
      told("bad", "step_other_key", checkpoint.origin);
      worse("bad", "head_other_key");
      return;
    }
    told("good", "step_signature", checkpoint.origin);
    const names = new Set();
    for (const {name, key} of policy.witnesses) {
      const answer = await Check.signedBy(note, key);
      if (answer === null) {
        told("none", "step_no_witness", name);
      } else if (answer.right) {
        names.add(name);
        told("good", "step_witness", name, {time: answer.time});
      } else {
        told("bad", "step_witness_bad", name);
        worse("bad", "head_witness");
      }
    }
    if (policy.quorum === "none") {
      told("none", "step_quorum_none");
    } else if (Check.satisfied(policy, names)) {
      told("good", "step_quorum", names.size);
    } else {
      told("open", "step_quorum_open", names.size, policy.witnesses.length);
      worse("open", "head_quorum");
    }
    found.witnessed = names.size > 0 && Check.satisfied(policy, names);
  }

  /** What no receipt proves; and what this one does not. */
  function done(found) {
    found.head ??= ["head_good"];
    found.unproved = ["not_true", "not_all", "not_key", "not_time"];
    if (!found.witnessed) found.unproved.push("not_same");
    if (found.hidden) found.unproved.push("not_hidden");
    return found;
  }

  return judge;
})();
