// How much CPU does one HL7 v2 message cost: parsing, reading by path, editing and writing, header alone, acknowledgement?
//
// One synthetic ADT^A01 of 8 segments and about 1.26 kB. Each case is warmed up, then run for a second of CPU; JSON lines.

import { acknowledge, parse, readHeader, write } from "#formats/hl7v2";
import { admission } from "./message.ts";

const message = admission(1);
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
