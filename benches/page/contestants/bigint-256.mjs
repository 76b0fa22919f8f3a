import { bigint } from "./bigint.mjs";

export const { begin } = bigint(256);
