// The demo site's ADT feed: patient administration messages become person updates and merges.

import {
  businessKeysOf,
  dateInLondon,
  defineChannel,
  hl7v2,
  JSON_TYPE,
  json,
  LockgateError,
  mllp,
  personFromAdt,
  refuses,
  sessionOf,
  topic,
} from "#lockgate";

export default defineChannel(hl7v2, (site) => ({
  name: "adt",
  source: mllp({ port: site.port(1), processingId: "P" }),
  session: sessionOf,
  keys: (message) =>
    businessKeysOf(message).flatMap((key) => [
      key,
      { kind: key.kind, value: key.value.split(":").at(-1) ?? key.value },
    ]),
  transform(message, { environment, receivedAt }) {
    const statement = personFromAdt(message, { environment, today: dateInLondon(receivedAt) });
    const { findings } = statement.kind === "update" ? statement.update : statement.merge;
    const worst = findings.find((finding) => finding.severity === "reject");
    if (refuses(findings) && worst) throw new LockgateError("PERSON_INVALID", { at: worst.field, reason: worst.code });
    return statement;
  },
  route: (statement) =>
    statement.kind === "update"
      ? [{ to: "updated", body: json(statement.update), contentType: JSON_TYPE }]
      : [{ to: "merged", body: json(statement.merge), contentType: JSON_TYPE }],
  destinations: { updated: topic("person.updated"), merged: topic("person.merged") },
  sla: { withinMs: 30_000 },
  silence: { afterMs: 15 * 60_000 },
}));
