// Test tiers: the quick one runs with `npm test`; files named *.slow.test.ts run with `npm run check:all`.

import { defineConfig } from "vitest/config";

const slow = process.env.LOCKGATE_TIER === "slow";

export default defineConfig({
  test: {
    include: slow
      ? ["test/**/*.slow.test.ts"]
      : ["src/**/*.test.ts", "doubles/**/*.test.ts", "integrations/**/*.test.ts", "test/**/*.test.ts"],
    exclude: slow ? [] : ["**/*.slow.test.ts", "**/node_modules/**"],
    globalSetup: "test/setup.ts",
    testTimeout: slow ? 1_200_000 : 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
