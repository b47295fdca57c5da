// Checks who signed what in an exported record (services/docs/signed-pages.md), with WebCrypto and nothing else.
// The tables of commands and words are read from that document, so that it and the pages can't differ unnoticed.
//   node signed-record.mjs RECORD.ndjson PARTY=FIRST-KEY-ID … [head:KEY-ID=SHA-256 …]
import { createHash, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const document = readFileSync(fileURLToPath(new URL("../docs/signed-pages.md", import.meta.url)), "utf8");

function cells(text) {
  return text.split("\n").filter((line) => line.startsWith("|") && !line.startsWith("| ---"))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
}

const words = Object.fromEntries(
  cells(document.split("\n## Words\n")[1].split("\n## ")[0]).slice(1).map(([word, zh, en]) => [word, { zh, en }]));
const labels = Object.fromEntries(
  cells(document.split("| line | zh | en |")[1].split("\n\n")[0]).map(([line, zh, en]) => [line, { zh, en }]));
const kinds = Object.fromEntries(document.split("\n## Kinds of commands\n")[1].split("\n### ").slice(1).map((part) => {
  const rows = cells(part);
  const of = (name) => { const row = rows.find((r) => r[0] === name); return { zh: row[1], en: row[2] }; };
  const fields = rows.slice(rows.findIndex((r) => r[0] === "member") + 1)
    .map(([path, as, zh, en]) => ({ path, as, zh, en }));
  return [part.slice(0, part.indexOf("\n")).trim(), { title: of("title"), consequence: of("consequence"), fields }];
}));

// ---- the page ----

const escape = (text) =>
  text.replace(/[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

function capitals(fen) {
  const names = "零壹贰叁肆伍陆柒捌玖";
  const digits = String(fen).padStart(3, "0");
  const [yuan, jiao, cent] = [BigInt(digits.slice(0, -2)), +digits.at(-2), +digits.at(-1)];
  const group = (n) => {
    const text = [...String(n).padStart(4, "0")]
      .map((d, i) => (d === "0" ? "零" : names[+d] + ["仟", "佰", "拾", ""][i])).join("");
    return text.replace(/零+/g, "零").replace(/^零|零$/g, "");
  };
  const whole = (n) => {
    if (n >= 100000000n) return join(n, 100000000n, "亿");
    if (n >= 10000n) return join(n, 10000n, "万");
    return group(n);
  };
  const join = (n, unit, name) => {
    const rest = n % unit;
    return whole(n / unit) + name + (rest === 0n ? "" : (rest < unit / 10n ? "零" : "") + whole(rest));
  };
  let text = yuan > 0n ? whole(yuan) + "元" : jiao + cent === 0 ? "零元" : "";
  if (jiao > 0) text += names[jiao] + "角";
  else if (cent > 0 && yuan > 0n) text += "零";
  return text + (cent > 0 ? names[cent] + "分" : jiao === 0 ? "整" : "");
}

function amount(fen, zh) {
  const text = String(fen).padStart(3, "0");
  const figures = `${text.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",")}.${text.slice(-2)}`;
  return zh ? `${figures}元（人民币${capitals(fen)}）` : `CNY ${figures}`;
}

function written(as, value, language, names) {
  const zh = language === "zh";
  switch (as) {
    case "text": return escape(value);
    case "fen": return amount(value, zh);
    case "integer": return String(value);
    case "flag": return zh ? (value ? "是" : "否") : value ? "yes" : "no";
    case "word": return Object.hasOwn(words, value) ? words[value][language] : escape(value);
    case "party":
      return zh ? `${escape(names[value])}（${escape(value)}）` : `${escape(names[value])} (${escape(value)})`;
    default: throw new Error(`unknown form ${as}`);
  }
}

const at = (value, path) => path.split(".").reduce((v, name) => v?.[name], value);

function lines(command, fields, language, names) {
  const out = [];
  const shown = new Set(["kind", "commandId", "party"]);
  for (let i = 0; i < fields.length; i++) {
    const bracket = fields[i].path.indexOf("[]");
    if (bracket < 0) {
      shown.add(fields[i].path);
      const value = at(command, fields[i].path);
      if (value !== undefined && value !== null)
        out.push([fields[i][language], written(fields[i].as, value, language, names)]);
      continue;
    }
    const list = fields[i].path.slice(0, bracket + 2);
    const same = [];
    for (; i < fields.length && fields[i].path.startsWith(list); i++) same.push(fields[i]);
    i--;
    (at(command, list.slice(0, -2)) ?? []).forEach((item, n) => {
      for (const field of same) {
        shown.add(field.path);
        const inner = field.path.slice(list.length + 1);
        const value = inner ? at(item, inner) : item;
        if (value !== undefined && value !== null)
          out.push([`${field[language]} ${n + 1}`, written(field.as, value, language, names)]);
      }
    });
  }
  for (const path of leaves(command, "")) if (!shown.has(path)) throw new Error(`the page does not show ${path}`);
  return out;
}

function leaves(value, path) {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((v) => leaves(v, `${path}[]`));
  if (typeof value === "object") return Object.entries(value).flatMap(([k, v]) => leaves(v, path ? `${path}.${k}` : k));
  return [path];
}

function page(command, names, approval) {
  const language = approval.language, zh = language === "zh";
  const form = kinds[command.kind];
  const there = new Date(Date.parse(approval.at) + 8 * 3600e3).toISOString().slice(0, 19).replace("T", " ");
  const rows = [
    [labels.party[language], written("party", command.party, language, names)],
    [labels.command[language], escape(command.commandId)],
    ...lines(command, form.fields, language, names),
    [labels.consequence[language], form.consequence[language]],
    [labels.role[language], words[approval.role][language]],
    [labels.key[language], escape(approval.keyId)],
    [labels.previous[language], approval.previous ?? (zh ? "无" : "none")],
    [labels.time[language],
      zh ? `${there}（北京时间，${approval.at}）` : `${approval.at} (${there} in Beijing)`],
  ];
  const text =
    [`signed-page/1 ${language}`, form.title[language], ...rows.map(([l, v]) => l + (zh ? "：" : ": ") + v)];
  return new TextEncoder().encode(text.map((line) => line + "\n").join(""));
}

// ---- the record ----

const problems = [];
const report = (code, where) => problems.push({ code, where });

function read(file) {
  return readFileSync(file, "utf8").split("\n").filter(Boolean).map((line, order) => ({ ...JSON.parse(line), order }));
}

const moved = (c) => ({
  issue: () => c.faceFen, transfer: () => sum(c.parts), "pay-from-many": () => c.fen, "offer-pledge": () => sum(c.from),
  sell: () => sum(c.from), freeze: () => c.fen, "consent-to-term": () => c.faceFen,
})[c.kind]?.() ?? c.shown?.fen ?? 0;
const sum = (parts) => parts.reduce((total, part) => total + part.fen, 0);

async function signed(key, bytes, signature) {
  const jwk = { kty: "EC", crv: "P-256", x: key.x, y: key.y };
  const name = `{"crv":"P-256","kty":"EC","x":"${key.x}","y":"${key.y}"}`;
  if (createHash("sha256").update(name).digest("base64url") !== key.keyId) return false;
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const publicKey = await webcrypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  return webcrypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" }, publicKey, Buffer.from(signature, "base64url"), bytes);
}

/** Commands by id, each with its names and where it stands in the record. */
function commandsOf(events) {
  const commands = new Map();
  for (const e of events) {
    if (!/\.command-(submitted|drafted)\.v1$/.test(e.type)) continue;
    const c = e.data.command;
    const id = `${c.party}/${c.commandId}`;
    if (e.stream !== `command/${id}` || commands.has(id)) report("command-twice", id);
    commands.set(id, { command: c, names: e.data.names, order: e.order, approvals: [],
      executed: e.type.includes("submitted") });
  }
  for (const e of events) {
    const c = e.type === "receivables.command-executed.v1" ? commands.get(e.stream.slice("command/".length)) : undefined;
    if (c) Object.assign(c, { executed: true, order: e.order });
  }
  return commands;
}

/** Every approval in its chain: complete, in order, in time, over this very page, by this very key. */
async function checkApprovals(events, commands, keys, heads) {
  const chains = new Map();
  for (const e of events.filter((x) => x.type === "receivables.page-approved.v1")) {
    const a = e.data, where = `${a.keyId}#${e.version}`;
    const chain = chains.get(a.keyId) ?? { version: 0, head: undefined, at: 0 };
    if (e.stream !== `signer/${a.keyId}` || e.version !== chain.version + 1 || (a.previous ?? undefined) !== chain.head)
      report("chain-broken", where);
    if (Date.parse(a.at) < chain.at) report("time-backwards", where);
    if (Math.abs(Date.parse(a.at) - Date.parse(e.occurredAt)) > 300e3) report("time-off", where);
    chains.set(a.keyId, { version: e.version, head: a.pageSha256, at: Date.parse(a.at) });
    const entry = commands.get(`${a.party}/${a.command}`);
    if (!entry) { report("command-missing", where); continue; }
    let bytes;
    try { bytes = page(entry.command, entry.names, a); } catch { report("page-unreadable", where); continue; }
    if (sha256(bytes) !== a.pageSha256) report("page-differs", where);
    const key = keys.get(a.keyId) ?? (entry.command.keyId === a.keyId ? entry.command : undefined);
    if (!key) report("key-unknown", where);
    else if (!(await signed(key, bytes, a.signature))) report("signature-invalid", where);
    else entry.approvals.push(a);
  }
  for (const [key, head] of heads)
    if (chains.get(key)?.head !== head) report("chain-cut", key);
}

/** Follows each party: what its keys may do at each place rests on signatures that reach its first key. */
function checkPower(events, commands, trusted) {
  const parties = new Map();
  const party = (id) => parties.get(id) ?? parties.set(id, { keys: new Map(), above: 1000000000, names: [] }).get(id);
  const day = (time) => new Date(Date.parse(time) + 8 * 3600e3).toISOString().slice(0, 10);
  const may = (p, a, role, fen) => {
    const k = p.keys.get(a.keyId);
    return a.role === role && k && !k.revoked && k.roles.includes(role) && k.limitFen >= fen
      && k.validFrom <= day(a.at) && day(a.at) <= k.validUntil;
  };
  const decided = (p, party, id, kind) => {
    const c = commands.get(`${party}/${id}`);
    const right = c?.command.kind === kind && c.executed && c.approvals.some((a) => may(p, a, "admin", 0));
    return right ? c.command : undefined;
  };
  const on = {
    "party-registered": (p, e) => p.names.push(e.data.name),
    "party-renamed": (p, e) => p.names.push(e.data.name),
    "party-merged": (p, e) => { p.keys.forEach((k) => (k.revoked = true)); p.into = e.data.into; },
    "founder-named": (p, e) => {
      p.founder = e.data.person;
      if (e.data.ground === "administrator") p.keys.forEach((k) => (k.revoked = true));
    },
    "party-bankrupt": (p) => p.keys.forEach((k) => (k.revoked = true)),
    "key-bound": (p, e, id) => {
      const c = commands.get(`${id}/${e.data.command}`), k = e.data.key;
      const first = p.keys.size === 0 || p.founder === k.person;
      const held = c?.command.kind === "bind-key" && c.executed
        && c.approvals.some((a) => a.role === "holder" && a.keyId === k.keyId);
      const same = c && JSON.stringify(c.command.roles) === JSON.stringify(k.roles)
        && ["keyId", "x", "y", "person", "limitFen", "validFrom", "validUntil"].every((m) => c.command[m] === k[m]);
      // Nobody binds a key to himself: one administrator would be maker and checker under two names.
      const another = c?.approvals.some((a) => may(p, a, "admin", 0) && p.keys.get(a.keyId).person !== k.person);
      if (!held || !same
        || !(first ? (trusted.get(id) ?? "").split("+").includes(k.keyId) : decided(p, id, e.data.command, "bind-key") && another))
        report(first ? "first-key-untrusted" : "key-bound-unsigned", k.keyId);
      p.keys.set(k.keyId, { ...k });
      if (p.founder === k.person) p.founder = undefined;
    },
    "key-revoked": (p, e, id) => {
      if (e.data.command && decided(p, id, e.data.command, "revoke-key")?.keyId !== e.data.keyId)
        report("revocation-unsigned", e.data.keyId);
      if (p.keys.has(e.data.keyId)) p.keys.get(e.data.keyId).revoked = true;
    },
    "policy-set": (p, e, id) => {
      const above = e.data.policy.secondCheckerAboveFen;
      if (decided(p, id, e.data.command, "set-policy")?.secondCheckerAboveFen !== above)
        report("policy-unsigned", id);
      p.above = above;
    },
  };
  const byPeople = (c) => c.executed && !["bind-key", "revoke-key", "set-policy"].includes(c.command.kind);
  const executedAt = new Map([...commands.values()].filter(byPeople).map((c) => [c.order, c]));
  for (const e of events) {
    const id = e.stream.startsWith("party/") ? e.stream.slice(6) : undefined;
    const name = e.type.replace(/^receivables\.|\.v1$/g, "");
    if (id !== undefined && on[name]) on[name](party(id), e, id);
    const c = executedAt.get(e.order);
    if (!c) continue;
    let acting = party(c.command.party);
    for (let i = 0; i < parties.size && acting.into; i++) acting = party(acting.into);
    checkPeople(c, acting, may);
    for (const [p, n] of Object.entries(c.names))
      if (parties.get(p)?.names.length && !parties.get(p).names.includes(n))
        report("name-differs", c.command.commandId);
  }
}

function checkPeople(c, p, may) {
  const fen = moved(c.command);
  const needed = fen > p.above ? ["maker", "checker", "second-checker"] : ["maker", "checker"];
  const people = needed.map((role) => c.approvals.find((a) => may(p, a, role, fen))).filter(Boolean)
    .map((a) => p.keys.get(a.keyId).person);
  if (people.length < needed.length) report("approvals-missing", c.command.commandId);
  else if (new Set(people).size < people.length) report("maker-is-checker", c.command.commandId);
}

const byWorkers = /\.(offer-lapsed|snapshot-taken|payment-recorded|fell-overdue|splitting-alarmed)\.v1$/;
const byParties = /\.(party-|agent-|key-|policy-|command-|page-)/;

/** Facts about vouchers name the command that led to them, and say nothing else than it. */
function checkFacts(events, commands) {
  const byId = new Map();
  for (const c of commands.values()) byId.set(c.command.commandId, [...(byId.get(c.command.commandId) ?? []), c]);
  for (const e of events) {
    if (typeof e.data.command !== "string" || byWorkers.test(e.type) || byParties.test(e.type)) continue;
    // Two parties may give two commands one id; the approvals in the fact tell which is meant.
    const named = byId.get(e.data.command) ?? [];
    const c = named.find((x) => sameApprovals(e, x)) ?? named[0];
    if (!c || !c.executed) { report("fact-without-command", e.id); continue; }
    if (!sameApprovals(e, c)) report("fact-approval-differs", e.id);
    for (const [member, value] of Object.entries(e.data))
      if (Object.hasOwn(c.command, member) && typeof value !== "object" && c.command[member] !== value)
        report("fact-differs", `${e.id} ${member}`);
    if (e.type === "receivables.transfer-offered.v1" && c.command.kind === "transfer") checkParts(e, c.command);
  }
}

const sameApprovals = (e, c) => (e.data.approved?.signatures ?? []).every((s) => c.approvals.some((a) =>
  a.role === s.role && a.keyId === s.keyId && a.pageSha256 === s.signedSha256 && a.signature === s.signature));

function checkParts(e, command) {
  const root = e.stream.slice(e.stream.indexOf("/") + 1);
  const total = (parts, fen) => {
    const sums = parts.reduce((t, p) => ({ ...t, [p.to]: (t[p.to] ?? 0) + fen(p) }), {});
    return JSON.stringify(Object.entries(sums).sort());
  };
  const approved = total(command.parts.filter((p) => p.root === root), (p) => p.fen);
  if (total(e.data.parts, (p) => p.end - p.start) !== approved)
    report("fact-differs", `${e.id} parts`);
}

const [file, ...rest] = process.argv.slice(2);
const pairs = rest.map((text) => [text.slice(0, text.lastIndexOf("=")), text.slice(text.lastIndexOf("=") + 1)]);
const trusted = new Map(pairs.filter(([k]) => !k.startsWith("head:")));
const heads = pairs.filter(([k]) => k.startsWith("head:")).map(([k, v]) => [k.slice(5), v]);
const events = read(file);
const commands = commandsOf(events);
const keys = new Map(events.filter((e) => e.type === "receivables.key-bound.v1")
  .map((e) => [e.data.key.keyId, e.data.key]));
await checkApprovals(events, commands, keys, heads);
checkPower(events, commands, trusted);
checkFacts(events, commands);
const approvals = events.filter((e) => e.type === "receivables.page-approved.v1").length;
console.log(JSON.stringify({ verdict: problems.length === 0 ? "verified" : "refused", approvals, problems }));
process.exitCode = problems.length === 0 ? 0 : 1;
