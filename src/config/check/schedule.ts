import { validate } from 'node-cron';
import type { ConfigFault } from '../../domain/config/config.ts';
import type { SourceConfig } from '../../domain/config/source.ts';
import { valueText } from '../document.ts';
import type { Draft } from '../draft.ts';
import { everyMap } from './every-map.ts';

/** Sources: the zone exists, the schedule can be read, and no credential stands in a file that is journaled. */
export function scheduleFaults(draft: Draft): ConfigFault[] {
  return draft.sources.flatMap((source) => {
    const faults = secretFaults(draft, source);
    if (!isTimeZone(source.timeZone)) {
      const text = { message: 'unknown time zone', expected: 'an IANA zone such as Asia/Shanghai' };
      faults.push(draft.fault(source, ['timeZone'], text));
    }
    if (!validate(source.cron)) {
      const text = { message: 'not a cron expression', expected: "five or six fields, such as '35 * * * *'" };
      faults.push(draft.fault(source, ['cron'], text));
    }
    return faults;
  });
}

/** Whether this machine's zone data know the zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

function secretFaults(draft: Draft, source: SourceConfig): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const expected = 'no credentials here; they come from the environment';
  for (const key of ['url', 'archiveUrl'] as const) {
    const url = source[key];
    if (url === undefined || !URL.canParse(url)) continue;
    const { username, password, host } = new URL(url);
    if (username === '' && password === '') continue;
    faults.push(
      draft.fault(source, [key], {
        message: 'the address holds credentials',
        expected,
        value: valueText(host),
      }),
    );
  }
  everyMap(source.settings, (map, path) => {
    for (const key of Object.keys(map)) {
      if (!/password|passwd|secret|token|api-?_?key/i.test(key)) continue;
      const text = { message: 'looks like a credential', expected, value: '(not shown)', at: 'key' as const };
      faults.push(draft.fault(source, ['settings', ...path, key], text));
    }
  });
  return faults;
}
