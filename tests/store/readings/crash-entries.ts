import { BatchBuilder, type ReadingBatch } from '../../../src/domain/batch.ts';
import type { Row } from './model.ts';

export const hour = 3600;
export const crashStartS = 1_750_003_200 - (1_750_003_200 % hour);

/** Entry `seq` of a run that is cut off: a new hour of 2 stations × 2 parameters, and corrections of the hours before. */
export function crashEntry(seq: number): Row[] {
  const rows: Row[] = [];
  for (const station of ['s1', 's2']) {
    for (const parameter of ['ph', 'tp']) {
      rows.push({ station, parameter, timeS: crashStartS + seq * hour, value: seq, publishedS: seq * 10 });
      const back = 1 + ((seq * 7 + parameter.length) % 3);
      if (seq > back && (seq + station.length) % 2 === 0) {
        const value = seq % 5 === 0 ? null : seq / 2;
        rows.push({
          station,
          parameter,
          timeS: crashStartS + (seq - back) * hour,
          value,
          publishedS: seq % 4 === 0 ? 1 : seq * 10,
        });
      }
    }
  }
  return rows;
}

export const largeEntryRows = 20_000;

/** Entry `seq` of a run that fills a disk: values that no engine can make small. */
export function largeEntry(seq: number): ReadingBatch {
  const builder = new BatchBuilder('cnemc');
  const series = builder.seriesOf('s1', 'ph', 'PT1H');
  for (let row = 0; row < largeEntryRows; row++) {
    const at = seq * largeEntryRows + row;
    builder.add({ series, timeS: at * hour, value: Math.sin(at) });
  }
  return builder.build();
}
