import { defineConfig } from 'vitest/config';

const base = {
  environment: 'node' as const,
  restoreMocks: true,
  // What differs belongs into the message: the summary of `npm test` shows only that.
  chaiConfig: { truncateThreshold: 1_000 },
};

/** Projects from quick to slow; `npm run check` runs the first three. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...base,
          name: 'unit',
          include: [
            '{protocol,client,ui,widget,loader,service-worker,console,server,demo,scripts}/**/*.test.{ts,tsx}',
            'test/*.test.ts',
          ],
        },
      },
      { test: { ...base, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      {
        test: {
          ...base,
          name: 'flows',
          include: ['test/flows/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...base,
          name: 'drills',
          include: ['test/drills/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...base,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: 'test/support/fault-summary.ts',
          hookTimeout: 60_000,
          // Each fills both cores by itself.
          fileParallelism: false,
        },
      },
      {
        test: {
          ...base,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          // Two cores: browsers side by side slow each other into time-outs.
          fileParallelism: false,
        },
      },
      {
        test: {
          ...base,
          name: 'screenshots',
          include: ['test/screenshots/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
});
