// Verifies a proof bundle against a trust file: a pure function, written from services/docs/proof-format.md alone and
// independently of the C# verifier. Both must give the same answer to every golden file.
import { attempt, equal, fromBase64, fromHex, require, toHex, utf8 } from "./bytes.js";
import { readHeader, quorum, sealFault, sealedByOthers } from "./header.js";
import { Members, parseCanonical } from "./json.js";
import { isIncluded, readCheckpoint, readNote, signedByLog, signedByWitness } from "./log.js";
import { encodeScalar } from "./rlp.js";
import { readReceipt, readTransaction } from "./transaction.js";
import { MAX_BYTES, MAX_VALIDATORS, fingerprint, readTrust, setInForce } from "./trust.js";
import { prove } from "./trie.js";
import { keccak256, sha256 } from "../vendor/noble.js";

const TOPIC = keccak256(utf8("CheckpointRecorded(bytes32,uint64,bytes32,uint64)"));
const EVENT_MEMBERS = ["actor", "data", "id", "occurredAt", "salt", "service", "stream", "type", "version"];

const proven = { reason: "ok", state: "proven" };
const refuted = (reason) => ({ reason, state: "refuted" });
const notChecked = (reason) => ({ reason, state: "not-checked" });

/**
 * @param {Uint8Array} bundleBytes
 * @param {Uint8Array} trustBytes
 * @param {string | null} fileDigest SHA-256 of the file, in hex, if one is given
 * @returns the result as services/docs/proof-format.md describes it
 */
export function verify(bundleBytes, trustBytes, fileDigest = null) {
  const mark = fingerprint(trustBytes);
  const trust = attempt(() => readTrust(trustBytes));
  if (!trust) return { fingerprint: mark, unreadable: "trust-file", verdict: "unreadable" };
  const bundle = attempt(() => readBundle(bundleBytes));
  if (!bundle) return { fingerprint: mark, unreadable: "bundle", verdict: "unreadable" };

  const { answer: chain, block } = chainAnswer(bundle, trust);
  const answers = {
    chain,
    content: contentAnswer(bundle, fileDigest),
    log: logAnswer(bundle, trust),
    time: block ? { at: block.timestamp, ...proven } : notChecked("chain-not-proven"),
  };
  return {
    answers,
    block: block && { epoch: block.epoch, hash: block.hash, number: block.number, quorum: block.quorum, seals: block.seals },
    digest: toHex(bundle.digest),
    event: bundle.event,
    fingerprint: mark,
    group: trust.group,
    verdict: judge(answers, fileDigest),
  };
}

function readBundle(bytes) {
  require(bytes.length <= MAX_BYTES);
  const members = new Members(parseCanonical(bytes));
  require(members.text("format") === "anchor-proof/1");

  const logMembers = members.object("log");
  const log = {
    index: logMembers.number("index"),
    path: logMembers.list("path", (h) => fromHex(h, 32), 64),
    note: readNote(logMembers.text("checkpoint")),
  };
  logMembers.end();
  log.checkpoint = readCheckpoint(log.note.text);

  const chainMembers = members.object("chain");
  const chain = {
    header: chainMembers.base64("header"),
    transactionIndex: chainMembers.number("transactionIndex"),
    transactionProof: chainMembers.list("transactionProof", fromBase64),
    receiptProof: chainMembers.list("receiptProof", fromBase64),
  };
  chainMembers.end();

  let event = null;
  let digest;
  if (members.has("event")) {
    const eventBytes = members.base64("event");
    digest = sha256(eventBytes);
    event = parseCanonical(eventBytes);
    require(isObject(event) && Object.keys(event).length === EVENT_MEMBERS.length && EVENT_MEMBERS.every((name) => Object.hasOwn(event, name)));
  } else {
    digest = members.hex("digest", 32);
  }
  members.end();
  return { log, chain, event, digest };
}

function contentAnswer({ event }, fileDigest) {
  if (!event) return notChecked("event-withheld");
  const named = event.data?.content?.sha256;
  const names = typeof named === "string" && /^[0-9a-f]{64}$/.test(named) && isObject(event.data) && isObject(event.data.content);
  if (!names) return fileDigest ? refuted("event-names-no-file") : proven;
  if (!fileDigest) return notChecked("no-file");
  return named === fileDigest ? proven : refuted("file-mismatch");
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function logAnswer({ log, digest }, trust) {
  const { note, checkpoint } = log;
  const key = trust.logs.find((l) => l.name === checkpoint.origin);
  if (!key) return refuted("checkpoint-origin");
  if (!isSigned(note, key, trust.witnesses)) return refuted("checkpoint-signature");
  return isIncluded(log.index, checkpoint.size, digest, log.path, checkpoint.root) ? proven : refuted("inclusion-mismatch");
}

/** The log's signature first, then witnesses, each at most once and nobody else. */
function isSigned({ text, signatures }, log, witnesses) {
  const [first, ...others] = signatures;
  if (!signedByLog(text, first, log)) return false;
  if (new Set(others.map((s) => s.name)).size !== others.length) return false;
  return others.every((s) => witnesses.some((w) => signedByWitness(text, s, w)));
}

function chainAnswer({ chain, log }, trust) {
  const no = (answer) => ({ answer, block: null });
  const header = attempt(() => readHeader(chain.header));
  if (!header) return no(refuted("header-form"));
  const { pin } = trust;
  if (pin && pin.number === header.number && !equal(pin.hash, header.hash)) return no(refuted("pin-mismatch"));

  const recorded = recordedCheckpoint(chain, header, log.checkpoint, trust);
  if (recorded.fault) return no(refuted(recorded.fault));

  const set = setInForce(trust, header.number);
  const fault = sealFault(header, set.addresses);
  const isLast = set === trust.validators.at(-1);
  if (fault) {
    // Nothing bounds the last set but a pinned block: strangers who sealed a later one may have been adopted since.
    const mayBeNewer = isLast && !(pin && header.number <= pin.number) && sealedByOthers(header, set.addresses, MAX_VALIDATORS);
    return no(mayBeNewer ? notChecked("needs-newer-trust-file") : refuted(fault));
  }
  if (pin && header.number < pin.number && setInForce(trust, pin.number) !== set) return no(notChecked("sealed-by-former-validators"));
  return {
    answer: proven,
    block: {
      epoch: recorded.epoch, hash: toHex(header.hash), number: header.number, seals: header.seals.length,
      quorum: quorum(set.addresses.length), timestamp: header.timestamp,
    },
  };
}

/** That the registry recorded exactly this checkpoint in a successful transaction of the block. */
function recordedCheckpoint(chain, header, checkpoint, trust) {
  const key = encodeScalar(chain.transactionIndex);
  const transaction = attempt(() => readTransaction(prove(header.transactionsRoot, key, chain.transactionProof)));
  if (!transaction) return { fault: "transaction-proof" };
  const toRegistry = transaction.to && equal(transaction.to, trust.registry.address);
  if (!toRegistry || transaction.chainId !== BigInt(trust.chainId)) return { fault: "transaction-target" };

  const receipt = attempt(() => readReceipt(prove(header.receiptsRoot, key, chain.receiptProof)));
  if (!receipt || receipt.type !== transaction.type) return { fault: "receipt-proof" };
  if (!receipt.succeeded) return { fault: "receipt-failed" };
  const logs = receipt.logs.filter((l) => equal(l.address, trust.registry.address) && l.topics.length > 0 && equal(l.topics[0], TOPIC));
  if (logs.length !== 1 || logs[0].topics.length !== 3 || logs[0].data.length !== 64) return { fault: "receipt-log" };

  const [{ topics, data }] = logs;
  const word = (bytes) => BigInt("0x" + toHex(bytes));
  const epoch = word(data.subarray(32));
  const matches = epoch < BigInt(trust.logs.length)
    && trust.logs[Number(epoch)].name === checkpoint.origin
    && equal(topics[1], sha256(utf8(checkpoint.origin)))
    && word(topics[2]) === BigInt(checkpoint.size)
    && equal(data.subarray(0, 32), checkpoint.root);
  return matches ? { epoch: Number(epoch) } : { fault: "checkpoint-not-on-chain" };
}

/** Content is asked for when a file is given, or when the event is there and names none. */
function judge(answers, fileDigest) {
  const all = Object.values(answers);
  if (all.some((a) => a.state === "refuted")) return "refuted";
  const asked = fileDigest ? all : all.filter((a) => a !== answers.content);
  return asked.every((a) => a.state === "proven") ? "proven" : "incomplete";
}

/** Incremental SHA-256, for files that are read in pieces. */
export function createSha256() {
  const hash = sha256.create();
  return { update: (bytes) => hash.update(bytes), digestHex: () => toHex(hash.digest()) };
}

export { fingerprint };
