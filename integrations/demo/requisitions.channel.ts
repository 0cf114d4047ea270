// The demo site's stock requisitions: orders of the stock system become requisition lines, each a message of its own.

import {
  dateInLondon,
  defineChannel,
  hl7v2,
  JSON_TYPE,
  json,
  mllp,
  orderKeysOf,
  orderSessionOf,
  requisitionFromOms,
  topic,
} from "#lockgate";

export default defineChannel(hl7v2, (site) => ({
  name: "requisitions",
  source: mllp({ port: site.port(6), processingId: "P" }),
  session: orderSessionOf,
  keys: orderKeysOf,
  transform: (message, { receivedAt }) => requisitionFromOms(message, { today: dateInLondon(receivedAt) }),
  route: (lines) => lines.map((line) => ({ to: "made", body: json(line), contentType: JSON_TYPE })),
  destinations: { made: topic("requisition.made") },
  // A line may wait for a code that nobody has mapped; it is late once a working day has gone by.
  sla: { withinMs: 8 * 3_600_000 },
  silence: { afterMs: 60 * 60_000 },
}));
