import { describe, expect, test } from 'vitest';
import { replayAlerts } from '../../src/alert/replay.ts';
import { replayedShape } from '../../src/cli/alerts-replay.ts';
import { instantOfCivil } from '../../src/domain/time.ts';
import { sharedFile } from '../shared-data.ts';
import { recordedReadings } from './recorded-readings.ts';
import { shippedConfig } from './timeline.ts';

const file = sharedFile('data/water-cnemc/realdatas_zhe-min-gan_2021-03-26_2021-06-30.csv.gz');
const ZONE = 'Asia/Shanghai';

/** Looked up by hand in the captured file, row by row: when it was raised, rule, subject, severity, begin and end of the event. */
const checked = [
  '04-19T00:00 rapid-rise xiaodan~nh3n~cnemc minor 04-18T20:00 04-19T04:00',
  '04-24T00:00 border-day-class songxi-yanxia~cnemc minor 04-22T00:00 04-29T00:00',
  '04-24T20:00 border-single-gross xiaodan~tp~cnemc major 04-24T16:00 04-25T04:00',
  '04-25T00:00 border-day-class xiaodan~cnemc minor 04-23T00:00 04-27T00:00',
  '04-26T00:00 border-single-gross xiaodan~tp~cnemc major 04-25T20:00 04-26T16:00',
  '05-10T00:00 border-day-class songxi-yanxia~cnemc minor 05-05T00:00 05-10T00:00',
  '05-20T08:00 station-silent songxi-yanxia~cnemc info 05-18T08:00 05-23T20:00',
  '06-02T00:00 station-silent xiaodan~cnemc minor 05-31T00:00 06-09T00:00',
  '06-12T08:00 station-silent zhenbu~cnemc info 06-10T08:00 06-12T16:00',
  '06-20T00:00 rapid-rise fuding-huijiaxi~nh3n~cnemc major 06-19T20:00 06-20T04:00',
  '06-28T08:00 rapid-rise zhenbu~tp~cnemc major 06-28T04:00 06-28T16:00',
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
    expect(lines).toEqual(expect.arrayContaining(checked));
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
