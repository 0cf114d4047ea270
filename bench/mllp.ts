// How many messages a second are acknowledged once they are durable, how fast, and at what cost?
//
// HL7 v2 over MLLP into a channel that publishes to a topic; the CPU figures include that onward step.

import { report } from "./measure.ts";
import { measurePoint, warmUp } from "./point.ts";
import { openRig } from "./rig.ts";

const rig = await openRig("intake");
try {
  await warmUp(rig);
  for (const connections of [1, 10, 50]) {
    const { load, wholeSeconds, figures } = await measurePoint(rig, connections);
    report({
      bench: "mllp",
      case: "acknowledged once durable",
      connections,
      perSecond: Math.round(load.acknowledged / load.seconds),
      drainSeconds: Number((wholeSeconds - load.seconds).toFixed(2)),
      ...figures,
    });
  }
} finally {
  await rig.close();
}
