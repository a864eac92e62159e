import type { EpochS } from '../../domain/time.ts';
import type { DatedRules, Effect } from './rules.ts';
import { publishedUnknown, SeriesWindow } from './series-window.ts';

/** Why one reading is marked: the rule, the figures it judged by, and the readings it looked at. `value` null: no value there. */
export interface Mark {
  station: string;
  parameter: string;
  timeS: EpochS;
  value: number;
  rule: string;
  effect: Effect;
  edition: string;
  figures: Readonly<Record<string, string>>;
  inputs: readonly { parameter: string; timeS: EpochS; value: number | null }[];
}

interface Columns {
  key: { station: string; parameter: string };
  timeS: Float64Array;
  value: Float64Array;
  flags: Uint16Array;
}

/**
 * Every mark of `[fromS, toS)` on series of one provider and averaging, by station, item and time. The columns reach back by the
 * rules' look-back, or what lies before them counts as not there. The same rules mark readings on their way into a store.
 */
export function explainMarks(
  columns: readonly Columns[],
  rules: DatedRules,
  { fromS, toS }: { fromS: EpochS; toS: EpochS },
): Mark[] {
  const stations = new Map<string, Map<string, SeriesWindow>>();
  for (const one of columns) {
    const { station, parameter } = one.key;
    const windows = stations.get(station) ?? new Map<string, SeriesWindow>();
    stations.set(station, windows.set(parameter, windowOf(one)));
  }
  const marks: Mark[] = [];
  for (const [station, windows] of stations) {
    const siblings = (parameter: string): SeriesWindow | undefined => windows.get(parameter);
    for (const [parameter, window] of windows) {
      for (let row = window.firstFrom(fromS); row < window.length && window.timeS[row]! < toS; row++) {
        const [timeS, value] = [window.timeS[row]!, window.value[row]!];
        const edition = rules.at(timeS);
        if (edition === null || Number.isNaN(value)) continue;
        const one = { window, row, value, siblings };
        for (const rule of edition.byParameter.get(parameter)?.rules ?? []) {
          if (!rule.applies(one)) continue;
          const { id, effect, figures } = rule;
          const inputs = rule.inputs(one).map((input) => ({ ...input, value: numberOrNull(input.value) }));
          const { edition: name } = edition;
          marks.push({ station, parameter, timeS, value, rule: id, effect, edition: name, figures, inputs });
        }
      }
    }
  }
  return marks;
}

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function windowOf({ timeS, value, flags }: Columns): SeriesWindow {
  const window = new SeriesWindow();
  for (let row = 0; row < timeS.length; row++)
    window.insert(row, {
      timeS: timeS[row]!,
      value: value[row]!,
      flags: flags[row]!,
      publishedS: publishedUnknown,
    });
  return window;
}
