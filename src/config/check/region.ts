import type { ConfigFault } from '../../domain/config/config.ts';
import type { Region } from '../../domain/config/region.ts';
import type { Draft } from '../draft.ts';
import { isTimeZone } from './schedule.ts';

/** Exactly one region file; its zone exists, its box has a west and a south, its members have a seat. */
export function regionFaults(draft: Draft): ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const extra of draft.entries.regions.slice(1)) {
    faults.push(
      draft.fault(extra, ['kind'], { message: 'a second region file', expected: 'one region file a region' }),
    );
  }
  if (draft.region !== null) faults.push(...boxFaults(draft, draft.region));
  for (const jurisdiction of draft.jurisdictions) {
    if (!jurisdiction.member || jurisdiction.seat !== undefined) continue;
    const text = {
      message: 'a member jurisdiction has no seat',
      expected: 'seat: { lon, lat, uncertaintyKm, provenance }',
    };
    faults.push(draft.fault(jurisdiction, ['code'], { ...text, at: 'value' }));
  }
  return faults;
}

function boxFaults(draft: Draft, region: Region): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const [west, south, east, north] = region.bbox;
  if (west >= east || south >= north) {
    faults.push(
      draft.fault(region, ['bbox'], {
        message: 'the box is empty',
        expected: '[west, south, east, north] with west < east and south < north',
      }),
    );
  }
  if (!isTimeZone(region.timeZone)) {
    faults.push(
      draft.fault(region, ['timeZone'], {
        message: 'unknown time zone',
        expected: 'an IANA zone such as Asia/Shanghai',
      }),
    );
  }
  return faults;
}
