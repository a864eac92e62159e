import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourceAdapters } from '../../../src/ingest/sources/index.ts';
import { sharedFile } from '../../shared-data.ts';
import { readFile } from './recorded-totals.ts';

/** Files beyond this are read, with their counts, by the tests of their own adapter. */
const mostBytes = 1024 * 1024;
const folders = {
  'water-cnemc': 'cnemc-water',
  'air-cnemc': 'cnemc-air',
  'air-zhejiang-county': 'zjemc-air',
  'hydro-mwr': 'hydro-mwr',
  openaq: 'openaq',
  sensorthings: 'sensorthings',
  usgs: 'usgs',
  hj212: 'hj212',
} as const;

/** Good answers that hold nothing. */
const empty = new Set(['list_location_latest_1_min.json', 'nwis_iv_empty_mock.json']);

describe.each(Object.entries(folders))('every recorded file of %s', (name, adapter) => {
  const folder = sharedFile(`data/${name}`);
  const files =
    folder === null
      ? []
      : readdirSync(folder, { recursive: true, encoding: 'utf8' })
          .map((one) => path.join(folder, one))
          .filter((file) => statSync(file).isFile() && statSync(file).size <= mostBytes)
          .filter((file) => !file.endsWith('README.md'));

  test.skipIf(folder === null)(
    'is read with counts, or refused with an issue; none is passed over in silence',
    () => {
      expect(files.length).toBeGreaterThan(0);
      const silent: string[] = [];
      for (const file of files) {
        const { cells, issues, measured, stations } = readFile(sourceAdapters.get(adapter)!, file);
        const refused = Object.values(issues).reduce((sum, count) => sum + count, 0);
        console.info(
          `${path.basename(file)}: accepted ${measured}, rejected ${cells.rejected}, issues ${JSON.stringify(issues)}`,
        );
        if (cells.read === 0 && refused === 0 && stations.size === 0) silent.push(path.basename(file));
      }
      expect(silent.filter((file) => !empty.has(file))).toEqual([]);
    },
  );
});
