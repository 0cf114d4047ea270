// Waits for something to become true, without a fixed sleep.

/** Polls `look` every few milliseconds until it is true. @throws after `withinMs` */
export async function until(look: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await look())) {
    if (Date.now() > giveUpAt) throw new Error("what was waited for did not happen");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
