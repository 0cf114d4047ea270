// HL7 v2 over MLLP, sending: delivered means that the peer acknowledged this very message.

import type { OpenSender } from "#engine/channels";
import { readAcknowledgement, readHeader } from "#formats/hl7v2";
import { checkSettings } from "#kernel/config";
import { LockgateError } from "#kernel/errors";
import { mllpClient } from "./client.ts";
import { mllpDestinationSettings } from "./settings.ts";

/** Opens a wire to an MLLP peer. */
export const openMllpSender: OpenSender = (given) => {
  const { tls, ...settings } = checkSettings(mllpDestinationSettings, given, "mllp");
  const client = mllpClient({ ...settings, ...(tls ? { tls } : {}) });
  return {
    async send(body) {
      const { controlId } = readHeader(body);
      const answer = readAcknowledgement(await client.send(body));
      if (answer.controlId !== controlId) throw new LockgateError("MLLP_ACK_MISMATCH");
      if (answer.code === "AA" || answer.code === "CA") return;
      const reason = answer.errors[0]?.code;
      const rejected = answer.code === "AR" || answer.code === "CR";
      throw new LockgateError(rejected ? "MLLP_PEER_REJECTED" : "MLLP_PEER_ERROR", reason ? { reason } : {});
    },
    close: () => client.close(),
  };
};
