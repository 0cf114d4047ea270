// How the work grows with what is given: a ratio of CPU time, which says the same on a slow machine and on a busy one.

const TIMES = 8;
const RUNS = 3;

/** What work may grow by where the input grows eightfold: some times as much as linear work does, far from the 64 of quadratic. */
export const NEAR_LINEAR = 3 * TIMES;

/** CPU time of `run` for `size`, as a multiple of that for an eighth of it. */
export function growth(size: number, run: (size: number) => void): number {
  run(size / TIMES);
  return best(() => run(size)) / best(() => run(size / TIMES));
}

/** The least of several runs, in microseconds: what others do to the machine only ever adds. */
function best(run: () => void): number {
  const spent = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.max(1, Math.min(...spent));
}
