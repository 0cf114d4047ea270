// What a rule says of one text: the value to store, if any, and the codes of what it found.

import type { ReasonCode } from "#canonical/model";

/** `value` is `undefined` when the text is not taken. A text without findings has no codes. */
export type Judgement<T> = { readonly value: T | undefined; readonly codes: readonly ReasonCode[] };

export const taken = <T>(value: T, ...codes: ReasonCode[]): Judgement<T> => ({ value, codes });
export const notTaken = (...codes: ReasonCode[]): Judgement<never> => ({ value: undefined, codes });
