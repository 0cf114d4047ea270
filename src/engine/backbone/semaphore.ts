// Bounds how many handlers are at work at once.

/** Runs at most `permits` pieces of work at a time; the rest wait in order. */
export function semaphore(permits: number) {
  let free = permits;
  const waiting: (() => void)[] = [];
  return {
    async run<T>(work: () => Promise<T>): Promise<T> {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
