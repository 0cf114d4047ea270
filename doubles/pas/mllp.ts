// One connection by MLLP: says a message, and waits for what it is answered.

import { connect, type Socket } from "node:net";

const [START, END, CR] = [0x0b, 0x1c, 0x0d];
const TAIL = Buffer.from([END, CR]);
const ANSWER_MS = 15_000;

/** A way to a hub; it is opened at the first message, and again after it was lost. */
export type Line = {
  /** @returns the acknowledgement; throws where none came */
  say(message: Buffer): Promise<Buffer>;
  close(): void;
};

/** A line to a port of this machine. */
export function lineTo(host: string, port: number): Line {
  let socket: Socket | undefined;
  const close = (): void => {
    socket?.destroy();
    socket = undefined;
  };
  /** A line that is cut while nobody speaks is told to nobody else. */
  const opened = (): Socket => {
    const line = connect({ host, port });
    line
      .on("error", () => undefined)
      .once("close", () => {
        if (socket === line) socket = undefined;
      });
    return line;
  };
  return {
    async say(message) {
      socket ??= opened();
      const answer = answerOf(socket);
      socket.write(Buffer.concat([Buffer.from([START]), message, TAIL]));
      try {
        return await answer;
      } catch (thrown) {
        close();
        throw thrown;
      }
    },
    close,
  };
}

function answerOf(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0);
    const end = (settle: () => void): void => {
      socket.off("data", onData).off("error", onEnd).off("close", onEnd);
      clearTimeout(late);
      settle();
    };
    const onData = (part: Buffer): void => {
      got = Buffer.concat([got, part]);
      if (got.subarray(-TAIL.length).equals(TAIL)) end(() => resolve(got.subarray(1, -TAIL.length)));
    };
    const onEnd = (): void => end(() => reject(new Error("no answer")));
    const late = setTimeout(onEnd, ANSWER_MS);
    socket.on("data", onData).on("error", onEnd).on("close", onEnd);
  });
}
