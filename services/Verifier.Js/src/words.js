// What the answers mean, in Chinese and English. Legal names keep the Chinese.
export const words = {
  zh: {
    verdict: { proven: "四项全部得到证明", refuted: "有一项被否定", incomplete: "没有全部核验", unreadable: "文件无法读取" },
    state: { proven: "已证明", refuted: "不成立", "not-checked": "未核验" },
    content: { title: "内容与摘要一致", more: "原文件的 SHA-256 与事件所载相同，事件的 SHA-256 就是日志中的条目。" },
    log: { title: "摘要在日志中", more: "按 RFC 9162 从条目算到日志根，日志根由日志密钥签名。" },
    chain: { title: "日志根在链上", more: "登记合约在这个区块里记录了同一个日志根；区块由验证节点签名，每个签名都核对过。" },
    time: { title: "时间", more: "在区块签名的时刻之前已经存在。区块时间由验证节点共同确定，精确到秒。" },
    at: (t) => `${t} 之前已经存在`,
    seals: (b) => `区块 ${b.number}，签名 ${b.seals} 个（至少需要 ${b.quorum} 个）`,
    computed: "由这台设备计算",
    trust: (r) => `信任文件指纹 ${r.fingerprint}（${r.group}）。请与成员机构公布的指纹比对：信任文件决定了您相信谁。`,
    not: "不能证明：写入之前是真的；假名背后是谁；没有其他事实存在。",
    raw: "原始结果",
    unreadable: { bundle: "这不是一份完整的证明文件，或者已被改动。", "trust-file": "这不是一份完整的信任文件，或者已被改动。" },
    epoch: (n) => `注意：这份日志是第 ${n + 1} 个；更早的日志历史已经丢失，由治理合约另开。`,
    reason: {
      "no-file": "没有给出原文件。", "event-withheld": "存证人没有公开事件内容，无法与文件比对。",
      "file-mismatch": "文件与存证时的不同：哪怕只改一个字节，摘要也会不同。", "event-names-no-file": "这个事件没有记载文件。",
      "inclusion-mismatch": "条目不在这个日志根之下。", "checkpoint-signature": "检查点不是由这份日志的密钥签名的。",
      "checkpoint-origin": "检查点属于信任文件之外的另一份日志。", "header-form": "区块头不是本链的形式。",
      "seal-form": "有签名本身不成立。", "seal-signer": "有签名不是验证节点的。", "seal-duplicate": "有验证节点重复签名。",
      "seal-quorum": "验证节点签名不足三分之二。", "transaction-proof": "交易不在这个区块里。", "transaction-target": "交易不是发给登记合约的。",
      "receipt-proof": "交易回执不在这个区块里。", "receipt-failed": "交易没有成功。", "receipt-log": "登记合约没有记录检查点。",
      "checkpoint-not-on-chain": "链上记录的是另一个检查点。", "pin-mismatch": "区块与信任文件钉住的区块不同。",
      "sealed-by-former-validators": "区块由已退出的验证节点签名，需要较新的证明。", "needs-newer-trust-file": "区块比信任文件新，请取得较新的信任文件。",
      "chain-not-proven": "日志根没有得到链的证明，时间也就不能说明。",
    },
  },
  en: {
    verdict: { proven: "All four are proven", refuted: "One answer is refuted", incomplete: "Not everything could be checked", unreadable: "The file can't be read" },
    state: { proven: "proven", refuted: "refuted", "not-checked": "not checked" },
    content: { title: "Content matches the digest", more: "The file's SHA-256 is the one in the event, and the event's SHA-256 is the entry in the log." },
    log: { title: "The digest is in the log", more: "By RFC 9162, from the entry to the log's root, which is signed by the log's key." },
    chain: { title: "The log's root is on the chain", more: "The registry contract recorded the same root in this block; validators signed the block, and every signature was checked." },
    time: { title: "Time", more: "It existed before the block was signed. Validators agree on the block's time, in whole seconds." },
    at: (t) => `existed before ${t}`,
    seals: (b) => `block ${b.number}, ${b.seals} signatures (at least ${b.quorum} needed)`,
    computed: "Computed on this device",
    trust: (r) => `Trust file fingerprint ${r.fingerprint} (${r.group}). Compare it with the one that the members publish: the trust file decides whom you believe.`,
    not: "Not proven: that it was true before it was written; who is behind a pseudonym; that no other fact exists.",
    raw: "Raw result",
    unreadable: { bundle: "This is not a complete proof file, or it was altered.", "trust-file": "This is not a complete trust file, or it was altered." },
    epoch: (n) => `Note: this is log number ${n + 1}; the history of an earlier one was lost and governance opened this one.`,
    reason: {
      "no-file": "No file was given.", "event-withheld": "The depositor did not disclose the event, so the file can't be compared.",
      "file-mismatch": "The file differs from the one deposited: a single changed byte changes the digest.", "event-names-no-file": "This event speaks of no file.",
      "inclusion-mismatch": "The entry is not under this log root.", "checkpoint-signature": "The checkpoint is not signed by this log's key.",
      "checkpoint-origin": "The checkpoint is of a log that the trust file does not name.", "header-form": "The block header is not of this chain's form.",
      "seal-form": "A signature is not a signature.", "seal-signer": "A signature is not by a validator.", "seal-duplicate": "A validator signed twice.",
      "seal-quorum": "Fewer than two thirds of the validators signed.", "transaction-proof": "The transaction is not in this block.", "transaction-target": "The transaction was not sent to the registry contract.",
      "receipt-proof": "The receipt is not in this block.", "receipt-failed": "The transaction failed.", "receipt-log": "The registry contract recorded no checkpoint.",
      "checkpoint-not-on-chain": "The chain recorded another checkpoint.", "pin-mismatch": "The block differs from the one that the trust file pins.",
      "sealed-by-former-validators": "The block is signed by former validators; a newer proof is needed.", "needs-newer-trust-file": "The block is newer than the trust file; get a newer trust file.",
      "chain-not-proven": "The chain does not prove the root, so it can't tell the time.",
    },
  },
};

/** Seconds since 1970 as Beijing time and UTC. */
export function formatTime(seconds, language) {
  const iso = (s) => new Date(s * 1000).toISOString().slice(0, 19).replace("T", " ");
  return language === "zh" ? `${iso(seconds + 8 * 3600)}（北京时间；UTC ${iso(seconds)}）` : `${iso(seconds + 8 * 3600)} Beijing time (${iso(seconds)} UTC)`;
}
