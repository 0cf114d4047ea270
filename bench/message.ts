// The message that the benches send: a synthetic ADT^A01 of 8 segments and 1.26 kB, each with its own control id and patient.

const NUMBER_DIGITS = 9;
const numberSlot = "#".repeat(NUMBER_DIGITS);
const NHS_DIGITS = 10;
const nhsSlot = "@".repeat(NHS_DIGITS);
const ZERO = 0x30;

const segments = [
  "MSH|^~\\&|PAS|RX9|LOCKGATE|HUB|20260414093012.123+0100||ADT^A01^ADT_A01|BENCH#########|P|2.5.1|||||GBR|UNICODE UTF-8",
  "EVN|A01|20260414093000+0100|||WARDCLERK^EXAMPLE^ALEX^^^MR^^^RX9||RX9",
  "PID|1||@@@@@@@@@@^^^NHS^NH~X#########^^^RX9^MR||Example^JORDAN^TAYLOR^^MX^^L~SAMPLE^JORDAN^^^^^M||19610306|9||" +
    "A^British^99ETH|1 EXAMPLE STREET&EXAMPLE STREET&1^FLAT 2^EXAMPLETON^EXAMPLESHIRE^ZZ99 3WZ^GBR^H||" +
    "^PRN^PH^^44^1632^960001~^NET^Internet^jordan@example.org||EN^English|M|C22|V#########^^^RX9^VN|||||EXAMPLETON||||||N",
  "PD1|||EXAMPLE SURGERY^^Y99999^^^ODS^PRC|G9999999^EXAMPLE^SAM^^^DR^^^GMC||||||||||||||20260101",
  "NK1|1|EXAMPLE^ROBIN^^^MS^^L|SPO^Spouse^HL70063|2 EXAMPLE STREET^^EXAMPLETON^^ZZ99 3WZ^GBR|^PRN^PH^^44^1632^960002||EC|20260101",
  "PV1|1|I|WARD7^BAY2^BED4^RX9^^BED^MAIN^2|21||WARD1^BAY1^BED9^RX9|C9999998^EXAMPLE^LEE^^^DR^^^GMC|" +
    "C9999999^EXAMPLE^KIM^^^PROF^^^GMC|C9999997^EXAMPLE^ASH^^^DR^^^GMC|300||||19|||C9999998^EXAMPLE^LEE^^^DR^^^GMC|IP|" +
    "V#########^^^RX9^VN|||||||||||||||||||||||||20260414092500+0100",
  "AL1|1|DA^Drug allergy^HL70127|372687004^Amoxicillin^SCT|MO^Moderate^HL70128|Rash on both arms|20200514",
  "ZPI|1|EXAMPLE LOCAL VALUE|Y|N|20260414|RX9^EXAMPLE TRUST^ODS|NO KNOWN RISK|LAST REVIEWED AT THE EXAMPLE CLINIC ON ADMISSION^Y^20260414^EXAMPLE^RX9^BAY",
];
const template = Buffer.from(`${segments.join("\r")}\r`);

function slotsOf(slot: string): number[] {
  const slots: number[] = [];
  for (let at = template.indexOf(slot); at !== -1; at = template.indexOf(slot, at + slot.length)) slots.push(at);
  return slots;
}
const numberSlots = slotsOf(numberSlot);
const nhsSlots = slotsOf(nhsSlot);

/** Length of every message in bytes. */
export const MESSAGE_BYTES = template.length;

function writeDigits(into: Uint8Array, at: number, digits: number, value: number): void {
  let rest = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    into[place] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** An NHS number of the test range with a check digit that holds (modulus 11); it comes again after 100,000. */
function nhsNumber(number: number): number {
  const stem = 999_00000 + (number % 100_000);
  let sum = 0;
  for (let weight = 3, rest = stem; weight <= 10; weight += 1, rest = Math.floor(rest / 10))
    sum += weight * (rest % 10);
  // No check digit stands for a remainder of 1; another ninth digit leaves another remainder.
  const ninth = sum % 11 === 1 ? 1 : 0;
  const check = (11 - ((sum + 2 * ninth) % 11)) % 11;
  return stem * 100 + ninth * 10 + check;
}

/** As `nhsNumber`, ten digits as text. */
export const nhsNumberText = (number: number): string => String(nhsNumber(number)).padStart(NHS_DIGITS, "0");

/** Writes message number `number` into `into` from byte `at` on; without allocating, so that a sender can reuse its buffer. */
export function writeAdmission(into: Uint8Array, at: number, number: number): void {
  into.set(template, at);
  for (const slot of numberSlots) writeDigits(into, at + slot, NUMBER_DIGITS, number);
  for (const slot of nhsSlots) writeDigits(into, at + slot, NHS_DIGITS, nhsNumber(number));
}

/** Message number `number`. */
export function admission(number: number): Buffer {
  const bytes = Buffer.alloc(MESSAGE_BYTES);
  writeAdmission(bytes, 0, number);
  return bytes;
}
