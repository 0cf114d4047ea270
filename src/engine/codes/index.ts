// Code maps: what a source's codes stand for elsewhere, said by people while the platform runs.

export { openCodes } from "./codes.ts";
export type { CodeChange, CodeKey, Codes, MappedCode, NewMapping } from "./types.ts";
