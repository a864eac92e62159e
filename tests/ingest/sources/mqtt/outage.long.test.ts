import { describe, expect, test } from 'vitest';
import { influxdProgram } from '../../../servers/influxd.ts';
import { mosquittoProgram } from '../../../servers/mosquitto.ts';
import { loseNothing } from './outage.ts';

/** Ten minutes; JIEHE_OUTAGE_SECONDS=60 for one. */
const outageS = Number(process.env['JIEHE_OUTAGE_SECONDS'] ?? 600);

describe.skipIf(mosquittoProgram === null || influxdProgram === null)('messages of a broker', () => {
  test(
    `are all in the store after ${outageS} s without the broker and ${outageS} s without the store`,
    async () => {
      const { published } = await loseNothing(outageS);
      expect(published).toBeGreaterThan(outageS * 10);
    },
    (outageS * 4 + 240) * 1000,
  );
});
