// NHS numbers: the Modulus 11 check digit, and numbers of the range kept for tests.

/** The check digit of nine digits; 10 means that no number begins with them. */
function checkDigitOf(nine: string): number {
  let weighted = 0;
  for (let at = 0; at < 9; at += 1) weighted += (nine.charCodeAt(at) - 48) * (10 - at);
  return (11 - (weighted % 11)) % 11;
}

/** Whether a text is ten digits of which the last checks the others. */
export const isNhsNumber = (text: string): boolean =>
  /^\d{10}$/.test(text) && checkDigitOf(text) === text.charCodeAt(9) - 48;

/** The first number of the test range 999 from a serial on that is not taken. */
export function freeTestNumber(fromSerial: number, isTaken: (nhsNumber: string) => boolean): string {
  let serial = fromSerial;
  for (;;) {
    const nine = `999${String(serial % 1_000_000).padStart(6, "0")}`;
    const check = checkDigitOf(nine);
    if (check < 10 && !isTaken(nine + check)) return nine + check;
    serial += 1;
  }
}
