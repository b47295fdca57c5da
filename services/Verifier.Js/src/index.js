export { createSha256, fingerprint, verify } from "./verify.js";
export { checkStatements } from "./statements.js";
export { render } from "./render.js";
