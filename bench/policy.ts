// What a decision and a masked answer cost: from the policies, from memory, and by the serialiser beside bare JSON.

import { actions } from "../src/gateway/policy/actions.ts";
import { readMasks } from "../src/gateway/policy/masks.ts";
import { openPolicy } from "../src/gateway/policy/policy.ts";
import { openSerialiser } from "../src/gateway/policy/serialise.ts";
import type { Question } from "../src/gateway/policy/types.ts";
import { report } from "./measure.ts";

const FOLDER = "resources/policies";
const RUN_MS = 1_500;

/** Runs `deed` for a while, after as long again for the compiler. @returns CPU microseconds of one */
function cpuMicros(deed: (turn: number) => void): number {
  const during = (ms: number): number => {
    const end = performance.now() + ms;
    let turns = 0;
    while (performance.now() < end) for (let more = 0; more < 50; more += 1) deed(turns++);
    return turns;
  };
  during(RUN_MS / 3);
  const before = process.cpuUsage();
  const turns = during(RUN_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / turns;
}

function told(name: string, micros: number): void {
  report({
    bench: "policy",
    case: name,
    cpuMicros: Number(micros.toFixed(2)),
    perCpuSecond: Math.round(1_000_000 / micros),
  });
}

const began = performance.now();
const policy = openPolicy({ folder: FOLDER });
const serialiser = openSerialiser(readMasks(`${FOLDER}/masks.yaml`));
report({
  bench: "policy",
  case: "read, checked and parsed at the start",
  policies: policy.policies.length,
  ms: Math.round(performance.now() - began),
});

const machine: Question["principal"] = {
  kind: "client",
  id: "trust:ward-app",
  roles: [],
  scopes: ["persons.read", "demographics.propose"],
  purposes: ["direct-care"],
};
const read: Question = {
  principal: machine,
  action: "persons.read",
  resource: { type: actions["persons.read"] },
  context: { purpose: "direct-care" },
};
/** Everybody is somebody else: nothing is remembered. */
const item = (turn: number): Question => ({
  principal: { kind: "user", id: `trust:${turn}`, roles: ["approver"], scopes: ["lockgate"], assuranceLevel: 2 },
  action: "work.decide",
  resource: { type: "workItem", domain: "demographics", proposers: [`trust:${turn + 1}`], chosenBy: [] },
  context: {},
});

told(
  "decided by the policies",
  cpuMicros((turn) => policy.decide(item(turn))),
);
told(
  "decided from memory, another client each time",
  cpuMicros((turn) => policy.decide({ ...read, principal: { ...machine, id: `trust:${turn}` } })),
);

const decision = policy.decide(read);
if (!decision.allowed) throw new Error("the bench may not read a person");
const person = {
  id: "0198c7a0-0000-7000-8000-000000000001",
  version: 3,
  restricted: false,
  nhsNumber: "9990000018",
  familyName: "Testname",
  givenName: "Anna",
  birthDate: "1980-05-17",
  gender: "female",
  addressLine1: "1 Test Lane",
  town: "Testham",
  postcode: "ZZ99 3VZ",
  identifiers: [{ system: "RXX", value: "T0001" }],
};
let bytes = 0;
told(
  "a person as bare JSON",
  cpuMicros(() => {
    bytes += JSON.stringify(person).length;
  }),
);
told(
  "a person through the masks, as JSON",
  cpuMicros(() => {
    bytes += JSON.stringify(serialiser.write("person", person, decision.access)).length;
  }),
);
if (bytes === 0) throw new Error("nothing was written");
