export { createSha256, fingerprint, verify } from "./verify.js";
export { render } from "./render.js";
