import { describe, expect, it } from 'vitest';
import {
  estimateLoad,
  flowSteps,
  gramsPerM3Of,
  type LoadEstimate,
  type LoadSample,
} from '../../../src/analysis/load/index.ts';
import { gaugingOf } from '../../../src/analysis/network/gauging.ts';
import { buildNetwork } from '../../../src/analysis/network/network.ts';
import { civilPeriods } from '../../../src/analysis/statistics/civil-periods.ts';
import { Decimal } from '../../../src/domain/decimal.ts';
import { civilDate, instantOfCivil } from '../../../src/domain/time.ts';
import { sharedFile } from '../../shared-data.ts';
import { readRegion } from '../network/region-files.ts';
import { recordedRows } from '../recorded-table.ts';
import { loadRules } from './load-files.ts';

/** Method demonstration (方法演示), not at a border: no load here concerns two governments, and the transfers are partly assumed. */
const zone = 'Asia/Shanghai';
const water = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const hydro = sharedFile('data/hydro-mwr/great_river_zhe-min-gan-wan_2021-03-26_2021-06-30.csv.gz');
const rules = loadRules();
const facts = readRegion();
const network = buildNetwork(facts);
const period = {
  beginS: instantOfCivil('2021-04-01T00:00', zone),
  endS: instantOfCivil('2021-07-01T00:00', zone),
};

const waterRows = water === null ? [] : recordedRows(water);
const hydroRows = hydro === null ? [] : recordedRows(hydro);

function samplesOf(name: string): LoadSample[] {
  const factor = gramsPerM3Of('codmn', 'mg/L');
  return waterRows
    .filter((row) => row['断面名称'] === name && /^\d+(\.\d+)?$/.test(row['高锰酸盐指数(mg/L)'] ?? ''))
    .map((row) => ({
      timeS: instantOfCivil(`2021-${row['监测时间']!.replace(' ', 'T')}`, zone),
      gM3: new Decimal(row['高锰酸盐指数(mg/L)']!).times(factor),
      belowDetection: false,
      flowM3s: null,
    }));
}

function demonstrated(section: string, name: string): LoadEstimate {
  const gauging = gaugingOf(network, section);
  if (!('factor' in gauging)) throw new Error(`${section} has no transfer`);
  const code = facts.flowStations.find((one) => one.id === gauging.station)!.aliases[0]!.key;
  const rows = hydroRows.filter((row) => row['stcd'] === code);
  const readings = {
    timeS: rows.map((row) => instantOfCivil(row['tm']!.replace(' ', 'T'), zone)),
    value: rows.map((row) => Number(row['ql'])),
  };
  const days = civilPeriods('day', period.beginS, period.endS, zone);
  const transfer = gauging.factor.toDecimal();
  const flow = flowSteps(readings, days, { zero: 'not-reported', transfer });
  const transferError = new Decimal(gauging.relativeStandardError);
  return estimateLoad({ samples: samplesOf(name), flow, period, rules, transferError });
}

describe.skipIf(water === null || hydro === null)(
  'method demonstration, not at a border, 2021-04 to 06',
  () => {
    it('福安白塔: permanganate load of the quarter, with its interval and what it rests on', () => {
      const found = demonstrated('fuan-baita', '福安白塔');
      expect(found.method).toBe('flow-weighted');
      expect(found.coverage).toMatchObject({ days: 91 });
      expect(found.coverage).toMatchObject({
        daysWithFlow: 89,
        daysSampled: 89,
        highFlowDays: 9,
        highFlowSampled: 9,
      });
      expect(found.tonnes?.toFixed(0)).toBe('2803');
      expect(found.interval90?.map((one) => one.toFixed(0))).toEqual(['1624', '3981']);
      expect(found.coverage.topFiveVolumeShare?.toFixed(3)).toBe('0.326');
    });

    it('松溪岩下: the flood of 2021-05-22 has no concentration, and the load is refused', () => {
      const found = demonstrated('songxi-yanxia', '松溪岩下');
      expect(found.status).toBe('not-assessable');
      expect(found.tonnes).toBeNull();
      expect(found.indicativeTonnes?.toFixed(0)).toBe('2580');
      expect(found.reasons.map((one) => one.code)).toEqual(['flow-coverage', 'high-flow-coverage']);
      const missed = found.coverage.highFlowUnsampledS.map((atS) => civilDate(atS, zone));
      expect(missed).toContain('2021-05-22');
      expect(found.coverage.zeroNotReported).toBeGreaterThan(0);
    });
  },
);
