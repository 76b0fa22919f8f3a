import { bigint } from "./bigint.mjs";

// The length that the libraries draw.
export const { begin } = bigint(1024);
