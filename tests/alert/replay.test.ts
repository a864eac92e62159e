import { describe, expect, test } from 'vitest';
import { replayAlerts } from '../../src/alert/replay.ts';
import { replayedShape } from '../../src/cli/alerts-replay.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { sharedFile } from '../shared-data.ts';
import { recordedReadings } from './recorded-readings.ts';
import { shippedConfig } from './timeline.ts';

const file = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const ZONE = 'Asia/Shanghai';

/**
 * Every alert of four sections in three months, each worked out apart from the project's code, from the rows of the captured file: when
 * it was raised, rule, subject, severity, begin and end of the event. The values behind it stand above it (mg/L, `time value`).
 */
const checked = [
  // Ammonia: 30-day median 0.033, 1.4826 MAD 0.0089. 18T20 0.141 and 19T00 0.141 are 12.1 deviations and 4.3 medians; 19T04 0.084 is 5.7.
  '04-19T00:00 rapid-rise xiaodan~nh3n~cnemc minor 04-18T20:00 04-19T04:00',
  // Median 0.034, MAD 0.0104: 21T16 0.176 (13.7), 21T20 0.202 (16.2), above until 24T12 0.234 (14.8); 24T16 0.139 is 3.9 medians of 4.
  '04-21T20:00 rapid-rise xiaodan~nh3n~cnemc minor 04-21T16:00 04-24T16:00',
  // Permanganate index, day means: 21 3.925, 22 4.625, 23 4.49, 24 4.74, 25 4.79, 26 4.95, 27 4.554, 28 4.79, 29 3.33, 30 3.58; limit 4.
  '04-24T00:00 border-day-class songxi-yanxia~cnemc minor 04-22T00:00 04-29T00:00',
  // Total phosphorus, limit 0.1: 24T16 0.382 (2.82 beyond), 24T20 0.154 and 25T00 0.154 (0.54, above the 0.5 at which it ends), 25T04 0.112.
  '04-24T20:00 border-single-gross xiaodan~tp~cnemc major 04-24T16:00 04-25T04:00',
  // Total phosphorus, day means: 22 0.0982, 23 0.104, 24 0.161, 25 0.148, 26 0.196; one value on 27; 28 0.0315.
  '04-25T00:00 border-day-class xiaodan~cnemc minor 04-23T00:00 04-27T00:00',
  // Median 0.037, MAD 0.0148: 25T04 0.275 (16.1), 25T08 0.288 (16.9), 25T12 0.078 (2.8).
  '04-25T08:00 rapid-rise xiaodan~nh3n~cnemc minor 04-25T04:00 04-25T12:00',
  // 25T20 0.234, 26T00 0.234 (1.34 beyond), 26T04 0.239, 26T08 0.156, 26T12 0.154; then nothing for 32 hours.
  '04-26T00:00 border-single-gross xiaodan~tp~cnemc major 04-25T20:00 04-26T16:00',
  // Day means: 05 4.214, 06 3.61; three values on 07 and two on 08, too few for a mean; 09 4.617, 10 3.846, 11 3.20.
  '05-10T00:00 border-day-class songxi-yanxia~cnemc minor 05-05T00:00 05-10T00:00',
  // 18T16, then 21T12. Of the 155 intervals before, 99 % are at most 8 h: 12 h are waited for, and the rule wants four times that.
  '05-20T16:00 station-silent fuding-huijiaxi~cnemc info 05-18T16:00 05-21T12:00',
  // 18T16, then 24T20. 150 intervals, 99 % at most 8 h.
  '05-20T16:00 station-silent zhenbu~cnemc info 05-18T16:00 05-24T20:00',
  // 18T08, then 23T20. 143 intervals, the longest 32, 16 and 16 h: 99 % at most 16 h, so 24 h are waited for.
  '05-22T08:00 station-silent songxi-yanxia~cnemc info 05-18T08:00 05-23T20:00',
  // 31T00, then 09T00. 119 intervals, the longest 68 and 24 h: 99 % at most 24 h, so 36 h are waited for.
  '06-06T00:00 station-silent xiaodan~cnemc info 05-31T00:00 06-09T00:00',
  // Ammonia: median 0.15, MAD 0.025. 19T20 1.322 (48), 20T00 7.558 (294), nothing at 20T04, 20T08 0.025.
  '06-20T00:00 rapid-rise fuding-huijiaxi~nh3n~cnemc major 06-19T20:00 06-20T04:00',
  // Total phosphorus: median 0.021, MAD 0.0044. 28T04 0.330 (69), 28T08 0.195 (39), 28T12 0.118; 28T16 0.075 is 3.6 medians.
  '06-28T08:00 rapid-rise zhenbu~tp~cnemc major 06-28T04:00 06-28T16:00',
  // 30T08 0.114 (20.9), 30T12 0.249 (44), 30T16 0.321, 30T20 0.183.
  '06-30T12:00 rapid-rise zhenbu~tp~cnemc major 06-30T08:00 open',
];

describe.skipIf(file === null)('rules that ship, replayed on the captured spring of 2021', () => {
  test('raise these alerts, and at most one a week at 松溪岩下, whose single values often lie above class II', async () => {
    const config = shippedConfig();
    const span = {
      fromS: instantOfCivil('2021-04-01T00:00', ZONE),
      toS: instantOfCivil('2021-07-01T00:00', ZONE),
    };
    const stations = ['songxi-yanxia', 'xiaodan', 'zhenbu', 'fuding-huijiaxi'];
    const readings = recordedReadings(file!, config);
    const { alerts } = await replayAlerts(readings, config, { ...span, stations });
    const shapes = alerts.map((one) => replayedShape(one, ZONE));
    const lines = shapes.map(({ raised, rule, subject, severity, start, end }) =>
      [raised.slice(5, 16), rule, subject, severity, start.slice(5, 16), end?.slice(5, 16) ?? 'open'].join(
        ' ',
      ),
    );
    expect(lines).toEqual(checked);
    // The values behind two of them, as the file shows them.
    expect(shapes.find(({ raised }) => raised.startsWith('2021-04-24T20'))).toMatchObject({
      value: '0.382',
      limit: '0.1',
      multiple: '2.82',
    });
    expect(shapes.find(({ raised }) => raised.startsWith('2021-06-20T00'))).toMatchObject({
      value: '7.558',
      unit: 'mg/L',
    });

    const songxi = alerts.filter(({ subject }) => subject.station === 'songxi-yanxia');
    const weeks = songxi.map(({ episode }) => Math.floor((episode.raisedS - span.fromS) / (7 * 86_400)));
    expect(new Set(weeks).size).toBe(weeks.length);
    const columns = await readings.series({
      stations: ['songxi-yanxia'],
      parameters: ['codmn'],
      averaging: 'instant',
      provider: 'cnemc',
      ...span,
    });
    const above = columns[0]!.value.filter((value) => value > 4).length;
    console.log(
      `松溪岩下 2021-04..06: ${above} single values of CODMn above class II, ${songxi.length} alerts`,
    );
    expect(above).toBeGreaterThan(20);
  });

  test('a rule that is tried instead raises what it says', async () => {
    const config = shippedConfig();
    const rule = config.alertRules.find(({ id }) => id === 'border-single-gross');
    const eager = { ...rule!, raise: 0, clear: 0, forValues: 1 };
    const span = {
      fromS: instantOfCivil('2021-04-01T00:00', ZONE),
      toS: instantOfCivil('2021-07-01T00:00', ZONE),
    };
    const stations = ['songxi-yanxia'];
    const readings = recordedReadings(file!, config);
    const { alerts } = await replayAlerts(readings, config, { ...span, stations, rules: [eager] });
    expect(alerts.length).toBeGreaterThan(5);
  });
});
