import { describe, expect, test } from 'vitest';
import { checkFiles } from '../../src/config/load.ts';
import { printFault } from '../../src/config/fault-text.ts';
import { edited, faultsAfter, smallRegion } from './small-region.ts';

type Edit = [file: string, from: string, to: string];

test('the small region of the fixtures has no fault', () => {
  const { config, faults } = checkFiles(smallRegion());
  expect(faults).toEqual([]);
  expect(config?.sections.map((section) => section.id)).toEqual(['border']);
});

test('a figure, step or source of a scheme without a name in both languages is noted, and stops no start', () => {
  const { config, notes } = checkFiles(edited(smallRegion(), 'per-class.yaml', '  nothing: {', '  other: {'));
  expect(config).not.toBeNull();
  expect(notes.map(printFault)).toContainEqual(
    expect.stringContaining(
      'schemes/per-class.yaml:22:13  steps[0].step: "nothing" has no name in Chinese and English',
    ),
  );
});

const ofFormat: [what: string, edit: Edit, start: string][] = [
  [
    'broken YAML',
    ['sections.yaml', 'assessed: ', 'assessed: ['],
    'regions/small/sections.yaml:10:5  BAD_INDENT',
  ],
  [
    'a key given twice',
    ['sections.yaml', '    network: null', '    network: null\n    network: null'],
    'regions/small/sections.yaml:17:5  DUPLICATE_KEY',
  ],
  [
    'an unknown kind',
    ['sections.yaml', 'kind: sections', 'kind: section'],
    'regions/small/sections.yaml:1:7  kind: unknown kind (got "section"',
  ],
  [
    'no kind',
    ['sections.yaml', 'kind: sections\n', ''],
    'regions/small/sections.yaml:1:1  kind: "kind" is missing (got nothing',
  ],
  [
    'a kind in the wrong folder',
    ['water.yaml', 'kind: parameters', 'kind: rivers'],
    'parameters/water.yaml:1:7  kind: this kind belongs below regions/',
  ],
  [
    'a value outside a choice within a choice',
    ['sections.yaml', 'origin: official', 'origin: offical'],
    'regions/small/sections.yaml:22:15  sections[0].bodyType.origin: not an allowed value (got "offical", expected "official" or "derived")',
  ],
  [
    'an unknown key in one branch of a choice of forms, named once and not once a form',
    ['per-class.yaml', "value: '0' }", "value: '0', valeu: '1' }"],
    'schemes/per-class.yaml:22:80  steps[0].valeu: unknown key "valeu" (got "valeu", expected one of step, primitive, when, rule, provenance, value)',
  ],
  [
    'a value outside a choice',
    ['sections.yaml', 'level: national', 'level: natonal'],
    'regions/small/sections.yaml:15:12  sections[0].level: not an allowed value (got "natonal", expected "national" or "provincial"',
  ],
  [
    'a number where text is wanted',
    ['sections.yaml', "locatedIn: '350900'", 'locatedIn: 350900'],
    'regions/small/sections.yaml:8:16  sections[0].locatedIn: wrong type (got 350900, expected text of the form ^\\d{6}$, in quotes)',
  ],
  [
    'a date that does not exist',
    ['one.yaml', "to: '2023-12-31'", "to: '2023-02-30'"],
    'regions/small/agreements/one.yaml:5:33  term.to: not well formed (got "2023-02-30", expected a date YYYY-MM-DD)',
  ],
  [
    'a share above one',
    ['one.yaml', 'share: 0.75', 'share: 75'],
    'regions/small/agreements/one.yaml:14:10  minimumCoverage.share: out of range (got 75, expected a number from 0 to 1)',
  ],
  [
    'an address that is none',
    ['sources.yaml', 'https://water.example/data', 'nowhere'],
    'regions/small/sources.yaml:10:10  sources[0].url: not well formed (got "nowhere"',
  ],
];

describe('a fault of form is printed with file, line, column, value and expectation', () => {
  test.each(ofFormat)('%s', (_, edit, start) => {
    const faults = faultsAfter(edit);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.slice(0, start.length)).toBe(start);
  });

  test('a list, nothing at all, or a single text instead of a map', () => {
    for (const [text, got] of [
      ['- kind: scheme\n', '[{"kind":"scheme"}]'],
      ['', 'null'],
      ['hello\n', '"hello"'],
    ] as const) {
      const faults = checkFiles([...smallRegion(), { file: 'schemes/odd.yaml', text }]).faults.map(
        printFault,
      );
      expect(faults).toEqual([
        `schemes/odd.yaml:1:1  not a map (got ${got}, expected a map with kind: "scheme")`,
      ]);
    }
  });

  test('a misspelt key is shown at the key, and the one that is missing beside it', () => {
    const faults = faultsAfter(['sections.yaml', 'riverName', 'rivername']);
    expect(faults[0]).toBe(
      'regions/small/sections.yaml:3:5  sections[0].riverName: "riverName" is missing (got nothing, expected text or null)',
    );
    expect(faults[1]).toMatch(
      /^regions\/small\/sections\.yaml:18:5 {2}sections\[0\]\.rivername: unknown key "rivername"/,
    );
    expect(faults).toHaveLength(2);
  });
});

const crossChecked: [what: string, edits: Edit[], start: string][] = [
  [
    'an end before the beginning',
    [['one.yaml', "to: '2023-12-31'", "to: '2020-12-31'"]],
    'regions/small/agreements/one.yaml:5:33  term.to: ends before it begins (got "2020-12-31", expected a date from 2021-01-01 on)',
  ],
  [
    'an unknown flow station',
    [['sections.yaml', 'id: gauge', 'id: gauges']],
    'regions/small/sections.yaml:28:24  sections[0].flowStation.id: unknown flow station (got "gauges", expected one of gauge)',
  ],
  [
    'an unknown jurisdiction',
    [['sections.yaml', "assessed: '330300'", "assessed: '330400'"]],
    'regions/small/sections.yaml:9:15  sections[0].assessed: unknown jurisdiction (got "330400", expected one of 330300, 350900)',
  ],
  [
    'an unknown reach of a section',
    [['sections.yaml', 'id: lower', 'id: lowr']],
    'regions/small/sections.yaml:19:18  sections[0].reach.id: unknown reach (got "lowr", expected one of upper, lower)',
  ],
  [
    'an unknown downstream reach',
    [['rivers.yaml', 'downstream: lower', 'downstream: lowest']],
    'regions/small/rivers.yaml:10:21  rivers[0].reaches[0].downstream: unknown reach (got "lowest", expected one of upper, lower)',
  ],
  [
    'an unknown scheme',
    [['one.yaml', 'per-class', 'perclass']],
    'regions/small/agreements/one.yaml:6:9  scheme: unknown scheme (got "perclass", expected one of per-class)',
  ],
  [
    'an unknown section',
    [['one.yaml', 'section: border', 'section: boarder']],
    'regions/small/agreements/one.yaml:11:16  sections[0].section: unknown section (got "boarder", expected one of border)',
  ],
  [
    'an unknown provider',
    [['one.yaml', 'provider: cnemc', 'provider: cnmec']],
    'regions/small/agreements/one.yaml:12:25  dataSource.provider: unknown provider (got "cnmec", expected one of cnemc)',
  ],
  [
    'an unknown averaging period',
    [['one.yaml', 'averaging: instant', 'averaging: hourly']],
    'regions/small/agreements/one.yaml:12:43  dataSource.averaging: unknown averaging period (got "hourly", expected one of instant, PT',
  ],
  [
    'an unknown standard',
    [['region.yaml', 'water: []', 'water: [none]']],
    'regions/small/region.yaml:6:22  standards.water[0]: unknown water standard (got "none", expected the name of a water standard; none is configured)',
  ],
  [
    'a river that flows into itself',
    [['rivers.yaml', 'downstream: null', 'downstream: upper']],
    'regions/small/rivers.yaml:10:21  rivers[0].reaches[0].downstream: flows into itself: upper → lower → upper (got "lower"',
  ],
  [
    'a reach joined to nothing',
    [['rivers.yaml', 'downstream: lower', 'downstream: null']],
    'regions/small/rivers.yaml:8:13  rivers[0].reaches[0].id: joined to nothing (got "upper"',
  ],
  [
    'a time zone that does not exist',
    [['region.yaml', 'Asia/Shanghai', 'Mars/Base']],
    'regions/small/region.yaml:4:11  timeZone: unknown time zone (got "Mars/Base"',
  ],
  [
    'a schedule that cannot be read',
    [['sources.yaml', '25 * * * *', '25 * * *']],
    'regions/small/sources.yaml:11:11  sources[0].cron: not a cron expression (got "25 * * *"',
  ],
  [
    'swapped coordinates',
    [['sections.yaml', 'lon: 119.7, lat: 27.3', 'lon: 27.3, lat: 19.7']],
    'regions/small/sections.yaml:27:15  sections[0].position: outside the region (longitude and latitude swapped?) (got lon 27.3, lat 19.7, expected longitude 118 to 122, latitude 26 to 30)',
  ],
  [
    'one name for two stations at a date',
    [['stations.yaml', "from: '2022-01-01'", "from: '2021-12-31'"]],
    'regions/small/stations.yaml:7:31  flowStations[0].aliases[1].key: this key of mwr already means "gauge" at a common date (got "71500600"',
  ],
  [
    'a tidal section in an agreement',
    [['sections.yaml', 'hydraulics: free-flowing', 'hydraulics: tidal']],
    'regions/small/agreements/one.yaml:11:16  sections[0].section: a tidal section is never a hand-over section (got "border"',
  ],
  [
    'a backwater section in an agreement',
    [['sections.yaml', 'hydraulics: free-flowing', 'hydraulics: backwater']],
    'regions/small/agreements/one.yaml:11:16  sections[0].section: a backwater section is never a hand-over section',
  ],
  [
    'two targets of a kind at a date',
    [
      [
        'sections.yaml',
        '    position:',
        '      - { kind: hand-over, class: 3, provenance: { source: made up, confidence: assumed } }\n    position:',
      ],
    ],
    'regions/small/sections.yaml:27:17  sections[0].targets[1].kind: a second hand-over target at a common date',
  ],
  [
    'a member without a seat',
    [
      [
        'jurisdictions.yaml',
        '    seat: { lon: 119.5, lat: 26.7, uncertaintyKm: 1, provenance: { source: made up, confidence: assumed } }\n',
        '',
      ],
    ],
    'regions/small/jurisdictions.yaml:9:11  jurisdictions[1].code: a member jurisdiction has no seat (got "350900"',
  ],
  [
    'a source that says nothing',
    [
      [
        'one.yaml',
        'source: made up for tests, confidence: project-default',
        "source: ' - ', confidence: project-default",
      ],
    ],
    'regions/small/agreements/one.yaml:15:25  minimumCoverage.provenance.source: the source says nothing (got " - "',
  ],
  [
    "a party that is not the border's",
    [['sections.yaml', "protecting: '330300'", "protecting: '350900'"]],
    'regions/small/agreements/one.yaml:8:15  parties.protecting: the protecting side of section border is 350900, not within this party (got "330300"',
  ],
  [
    'an id used twice',
    [
      ['stations.yaml', 'id: gauge', 'id: border'],
      ['sections.yaml', 'id: gauge', 'id: border'],
    ],
    'regions/small/stations.yaml:3:9  flowStations[0].id: is already used by another section or station (got "border"',
  ],
  [
    'a code used twice',
    [['jurisdictions.yaml', "code: '350900'", "code: '330300'"]],
    'regions/small/jurisdictions.yaml:9:11  jurisdictions[1].code: is already used (got "330300"',
  ],
  [
    'a published code given twice',
    [['water.yaml', 'value: 2', 'value: 1']],
    'parameters/water.yaml:26:18  parameters[1].codes[1].value: this code is given twice (got 1',
  ],
  [
    'a published text with two meanings',
    [['water.yaml', 'texts: [Ⅱ]', 'texts: [Ⅰ]']],
    'parameters/water.yaml:26:61  parameters[1].codes[1].texts[0]: this text already means another code (got "Ⅰ"',
  ],
  [
    'a quantity without a unit',
    [['water.yaml', 'unit: 无量纲', 'unit: null']],
    'parameters/water.yaml:8:11  parameters[0].unit: a quantity without a unit (got null, expected a unit)',
  ],
  [
    'credentials in an address',
    [['sources.yaml', 'https://', 'https://user:open@']],
    'regions/small/sources.yaml:10:10  sources[0].url: the address holds credentials (got "water.example"',
  ],
];

describe('a fault between entries is printed with file, line, column, value and expectation', () => {
  test.each(crossChecked)('%s', (_, edits, start) => {
    const faults = faultsAfter(...edits);
    expect(faults.map((fault) => fault.slice(0, start.length))).toContain(start);
  });

  test('credentials are never printed', () => {
    const faults = faultsAfter(
      ['sources.yaml', 'settings: {}', 'settings: { deep: { apiKey: abc123 } }'],
      ['sources.yaml', 'https://', 'https://u:open@'],
    );
    expect(faults).toHaveLength(2);
    expect(faults.join('\n')).not.toMatch(/abc123|open@/);
  });
});

describe('no fault hides another', () => {
  test('faults of form and between entries in several files are listed together, in reading order', () => {
    const faults = faultsAfter(
      ['sections.yaml', 'level: national', 'level: natonal'],
      ['sources.yaml', 'timeoutSeconds: 60', 'timeoutSeconds: 0'],
      ['one.yaml', 'per-class', 'perclass'],
      ['rivers.yaml', 'downstream: null', 'downstream: upper'],
    );
    expect(faults.map((fault) => fault.split('  ')[0])).toEqual([
      'regions/small/agreements/one.yaml:6:9',
      'regions/small/rivers.yaml:10:21',
      'regions/small/sections.yaml:15:12',
      'regions/small/sources.yaml:13:21',
    ]);
  });

  test('a key given twice does not hide a wrong value in the same file, shown where it stands', () => {
    const faults = faultsAfter(['sections.yaml', '    network: null', '    network: null\n    network: 5']);
    expect(faults.map((fault) => fault.split('  ')[0])).toEqual([
      'regions/small/sections.yaml:17:5',
      'regions/small/sections.yaml:17:14',
    ]);
  });

  test('one broken file makes no reference into it a fault', () => {
    const faults = faultsAfter(['stations.yaml', 'flowStations:', 'flowStations: [']);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.filter((fault) => !fault.startsWith('regions/small/stations.yaml:'))).toEqual([]);
  });

  test('an entry with a fault of its own is still known to those that name it', () => {
    expect(faultsAfter(['stations.yaml', 'riverName: 河', 'riverName: 5'])).toHaveLength(1);
  });

  test('a missing region file is a fault at the place where it should be', () => {
    const files = smallRegion().filter((source) => !source.file.endsWith('region.yaml'));
    const [fault] = checkFiles(files, { region: 'small' }).faults;
    expect(fault && printFault(fault)).toMatch(
      /^regions\/small\/region\.yaml:1:1 {2}no file says what the region is/,
    );
  });

  test('a second region file and an id unlike its folder are faults', () => {
    const twice = [
      ...smallRegion(),
      {
        file: 'regions/small/z.yaml',
        text: smallRegion().find((s) => s.file.endsWith('region.yaml'))?.text ?? '',
      },
    ];
    expect(checkFiles(twice).faults.map(printFault)).toEqual([
      expect.stringContaining('regions/small/z.yaml:1:7  kind: a second region file'),
    ]);
    const other = edited(smallRegion(), 'region.yaml', 'id: small', 'id: tiny');
    expect(checkFiles(other, { region: 'small' }).faults.map(printFault)).toEqual([
      'regions/small/region.yaml:2:5  id: the id is not that of its folder (got "tiny", expected small)',
    ]);
  });
});
