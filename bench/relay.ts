// How many messages a second go from wire to wire through a transformation, and at what cost?
//
// HL7 v2 over MLLP in, five edits of PID and MSH, HL7 v2 over MLLP out to a receiver that answers at once.

import { report } from "./measure.ts";
import { measurePoint, warmUp } from "./point.ts";
import { openRig } from "./rig.ts";

const rig = await openRig("relay");
try {
  await warmUp(rig);
  for (const connections of [1, 10, 50]) {
    const { load, beganAt, figures } = await measurePoint(rig, connections);
    const { lastAt, duplicates } = await rig.received();
    const deliverySeconds = (lastAt - beganAt) / 1_000;
    report({
      bench: "relay",
      case: "delivered and acknowledged by the receiver",
      connections,
      perSecond: Math.round(load.acknowledged / deliverySeconds),
      acknowledgedPerSecond: Math.round(load.acknowledged / load.seconds),
      drainSeconds: Number((deliverySeconds - load.seconds).toFixed(2)),
      duplicates,
      ...figures,
    });
  }
} finally {
  await rig.close();
}
