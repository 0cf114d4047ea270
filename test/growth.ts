// How the work grows with what is given: a ratio of CPU time, which says the same on a slow machine and on a busy one.

const TIMES = 8;
const RUNS = 5;

/** What work may grow by where the input grows eightfold: some times as much as linear work does, far from the 64 of quadratic. */
export const NEAR_LINEAR = 3 * TIMES;

/** CPU time of `run` for `size`, as a multiple of that for an eighth of it. */
export function growth(size: number, run: (size: number) => void): number {
  const whole = () => run(size);
  // As many bytes in all: either way so much is measured that one run's luck is no part of it.
  const eighths = () => {
    for (let time = 0; time < TIMES; time += 1) run(size / TIMES);
  };
  eighths();
  return (best(whole) / best(eighths)) * TIMES;
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
