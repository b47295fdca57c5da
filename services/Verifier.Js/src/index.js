export { createSha256, fingerprint, verify } from "./verify.js";
export { checkStatements } from "./statements.js";
export { render } from "./render.js";
export { checkLiability, readReceipt } from "./liability.js";
export { checkReceipt } from "./receipt.js";
