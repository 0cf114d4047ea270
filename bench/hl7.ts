// How much CPU does one HL7 v2 message cost: parsing, reading by path, editing and writing, header alone, acknowledgement?
//
// One synthetic ADT^A01 of 8 segments and about 1.26 kB. Each case is warmed up, then run for a second of CPU; JSON lines.

import { acknowledge, parse, readHeader, write } from "#formats/hl7v2";

const segments = [
  "MSH|^~\\&|PAS|RX9|LOCKGATE|HUB|20260414093012+0100||ADT^A01^ADT_A01|BENCH000000001|P|2.5.1|||AL|NE|GBR|UNICODE UTF-8",
  "EVN|A01|20260414093000+0100|||WARDCLERK^EXAMPLE^ALEX^^^MR^^^RX9||RX9",
  "PID|1||9990000018^^^NHS^NH~X1000001^^^RX9^MR||EXAMPLE^JORDAN^TAYLOR^^MX^^L~SAMPLE^JORDAN^^^^^M||19610306|9||" +
    "A^British^99ETH|1 EXAMPLE STREET&EXAMPLE STREET&1^FLAT 2^EXAMPLETON^EXAMPLESHIRE^ZZ99 3WZ^GBR^H||" +
    "^PRN^PH^^44^1632^960001~^NET^Internet^jordan@example.org||EN^English|M|C22|V1000001^^^RX9^VN|||||EXAMPLETON||||||N",
  "PD1|||EXAMPLE SURGERY^^Y99999^^^ODS^PRC|G9999999^EXAMPLE^SAM^^^DR^^^GMC||||||||||||||20260101",
  "NK1|1|EXAMPLE^ROBIN^^^MS^^L|SPO^Spouse^HL70063|2 EXAMPLE STREET^^EXAMPLETON^^ZZ99 3WZ^GBR|^PRN^PH^^44^1632^960002||EC|20260101",
  "PV1|1|I|WARD7^BAY2^BED4^RX9^^BED^MAIN^2|21||WARD1^BAY1^BED9^RX9|C9999998^EXAMPLE^LEE^^^DR^^^GMC|" +
    "C9999999^EXAMPLE^KIM^^^PROF^^^GMC|C9999997^EXAMPLE^ASH^^^DR^^^GMC|300||||19|||C9999998^EXAMPLE^LEE^^^DR^^^GMC|IP|" +
    "V1000001^^^RX9^VN|||||||||||||||||||||||||20260414092500+0100",
  "AL1|1|DA^Drug allergy^HL70127|372687004^Amoxicillin^SCT|MO^Moderate^HL70128|Rash on both arms|20200514",
  "ZPI|1|EXAMPLE LOCAL VALUE|Y|N|20260414|RX9^EXAMPLE TRUST^ODS|NO KNOWN RISK|LAST REVIEWED AT THE EXAMPLE CLINIC ON ADMISSION^Y^20260414^EXAMPLE^RX9^EXAMPLE WARD",
];
const message = Buffer.from(`${segments.join("\r")}\r`);
const header = readHeader(message);
const at = new Date(0);

const cases: Readonly<Record<string, () => unknown>> = {
  parse: () => parse(message),
  "parse+path": () => {
    const parsed = parse(message);
    return [
      parsed.get("PID-3[1].1"),
      parsed.get("PID-5.1"),
      parsed.get("PID-5.2"),
      parsed.get("PID-7"),
      parsed.get("PID-11.5"),
      parsed.get("PV1-3.1"),
    ];
  },
  "parse+set+write": () => {
    const parsed = parse(message);
    parsed.get("PID-3[1].1");
    parsed.get("PID-5.1");
    parsed.get("PID-7");
    parsed.set("PID-11[1].5", "ZZ99 3VZ");
    parsed.set("MSH-5", "NAV");
    return write(parsed);
  },
  header: () => readHeader(message),
  ack: () => acknowledge(header, { code: "AA", controlId: "ACK000000001", at }),
};

const warmUpRuns = 20_000;
const measuredCpuMicros = 700_000;
const cpuMicros = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

for (const [name, run] of Object.entries(cases)) {
  for (let index = 0; index < warmUpRuns; index += 1) run();
  const start = cpuMicros();
  let messages = 0;
  let spent = 0;
  while (spent < measuredCpuMicros) {
    for (let index = 0; index < 2_000; index += 1) run();
    messages += 2_000;
    spent = cpuMicros() - start;
  }
  const line = {
    bench: "hl7",
    case: name,
    messagesPerCpuSecond: Math.round((messages / spent) * 1e6),
    cpuMicrosPerMessage: Number((spent / messages).toFixed(3)),
    messages,
    bytes: message.length,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
