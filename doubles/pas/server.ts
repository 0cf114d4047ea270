// The hospital at work: its patient administration tells one story, its stores another, each on a line of its own.

import { type Others, openDesks } from "./desks.ts";
import { messageOf } from "./message.ts";
import { lineTo } from "./mllp.ts";
import { orderMessageOf } from "./stores/message.ts";
import { OPENING_ORDERS, openOrders } from "./stores/orders.ts";
import { OPENING_SCENES, openStory, type Scene } from "./story.ts";
import { tell } from "./teller.ts";

/** How a hospital is run. */
export type PasDoubleOptions = Others & {
  /** Port of 127.0.0.1 that takes its messages. */
  readonly port: number;
  /** Port of 127.0.0.1 that takes the orders of its stores; without one nothing is ordered. */
  readonly storesPort?: number | undefined;
  /** Least time between two scenes once the opening has been played. */
  readonly everyMs: number;
  readonly seed: number;
  /** Where it remembers how far its stories were told. */
  readonly dataDirectory?: string | undefined;
};

/** A hospital at work. */
export type PasDouble = { close(): Promise<void> };

const HOST = "127.0.0.1";
/** More often do people come and go than shelves run empty. */
const SCENES_AN_ORDER = 4;

/** Begins, or goes on, and stays at it until it is closed. */
export function startPasDouble(options: PasDoubleOptions): PasDouble {
  const parts = [startPatients(options), ...(options.storesPort ? [startStores(options, options.storesPort)] : [])];
  return {
    async close() {
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}

function startPatients({ port, seed, everyMs, dataDirectory, ...others }: PasDoubleOptions): PasDouble {
  const line = lineTo(HOST, port);
  const desks = openDesks(others);
  const telling = tell<Scene>({
    ...{ story: openStory(seed), name: `story-${seed}`, opening: OPENING_SCENES, everyMs, dataDirectory },
    async play({ national, saying, slowErp }, place) {
      if (national) await desks.know(national);
      if (slowErp) await desks.slow(slowErp);
      if (saying) await line.say(messageOf(saying, `PAS${seed}-${place + 1}`, Date.now()));
    },
  });
  return {
    async close() {
      line.close();
      await telling.close();
      await desks.close();
    },
  };
}

function startStores({ seed, everyMs, dataDirectory }: PasDoubleOptions, port: number): PasDouble {
  const line = lineTo(HOST, port);
  const telling = tell({
    ...{ story: openOrders(seed), name: `orders-${seed}`, opening: OPENING_ORDERS, dataDirectory },
    everyMs: everyMs * SCENES_AN_ORDER,
    async play(order, place) {
      await line.say(orderMessageOf(order, `STORES${seed}-${place + 1}`, Date.now()));
    },
  });
  return {
    async close() {
      line.close();
      await telling.close();
    },
  };
}
