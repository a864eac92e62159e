import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: process.env.JIEHE_LONG === '1' ? [] : ['tests/**/*.long.test.ts'],
    globalSetup: ['tests/state-template.ts'],
    pool: 'forks',
    // A worker keeps what it has imported: the house is loaded twice, not once a file. Tests leave nothing behind them.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // On a shared machine one more try, which the report names: a test that needs it has a race to be found.
    retry: process.env.CI === 'true' ? 2 : 0,
    env: { TZ: 'America/New_York' },
  },
});
