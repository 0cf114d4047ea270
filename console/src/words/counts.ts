// Numbers as people read them.

const whole = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const share = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 1 });

/** `1,204`. */
export const count = (value: number): string => whole.format(value);

/** `7.2`. */
export const rate = (value: number): string => short.format(value);

/** `97.3%`; a dash where there is nothing to tell a share of. */
export const shareOf = (part: number, of: number): string => (of === 0 ? "—" : share.format(part / of));

/** `1 message`, `2 messages`. */
export const many = (value: number, one: string, several = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : several}`;
