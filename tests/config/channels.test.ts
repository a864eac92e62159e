import { expect, test } from 'vitest';
import { checkFiles } from '../../src/config/load.ts';
import { printFault } from '../../src/config/fault-text.ts';
import { smallRegion } from './small-region.ts';

const channels = `kind: channels
channels:
  - id: board
    type: dashboard
    name: { zh: 网页, en: Page }
    enabled: true
    acknowledgeLinks: false
    settings: {}
  - id: sms
    type: sms-gateway
    name: { zh: 短信, en: Texts }
    enabled: false
    acknowledgeLinks: false
    fallback: board
    template:
      title: { zh: '{severity}', en: '{severity} {{braces}}' }
      body: { zh: '{value} {unit}', en: '{value} {unit}' }
    settings:
      url: http://gateway.example/send
      method: POST
      format: json
      headers: { Authorization: 'Bearer {secret.token}' }
      body: '{"to":"{address}","text":"{text}"}'
      secrets: { token: SMS_TOKEN }
      success: { path: $.code, equals: 0 }
      maximumCharacters: 70
`;

function faults(from = '', to = ''): string[] {
  if (from !== '' && channels.split(from).length !== 2) throw new Error(`"${from}" does not stand once`);
  const text = channels.replace(from, () => to);
  return checkFiles([...smallRegion(), { file: 'regions/small/channels.yaml', text }]).faults.map(printFault);
}

test('channels of a region are part of its configuration', () => {
  expect(faults()).toEqual([]);
});

test.each<[string, [string, string], RegExp]>([
  [
    'a template with a field that no message has',
    ["zh: '{value} {unit}'", "zh: '{value} {unitt}'"],
    /^regions\/small\/channels\.yaml:17:19 {2}channels\[1\]\.template\.body\.zh: unknown field \{unitt\} in the template/,
  ],
  [
    'a template without one of the languages',
    ["title: { zh: '{severity}', en: '{severity} {{braces}}' }", "title: { zh: '{severity}' }"],
    /^regions\/small\/channels\.yaml:16:.*"en"/,
  ],
  [
    'a request with a field that no message has',
    ['"text":"{text}"', '"text":"{txet}"'],
    /^regions\/small\/channels\.yaml:23:13 .*unknown field \{txet\}/,
  ],
  [
    'a request that names a secret it does not declare',
    ['{secret.token}', '{secret.tokn}'],
    /^regions\/small\/channels\.yaml:22:33 .*unknown field \{secret\.tokn\}/,
  ],
  [
    'a request that is no JSON',
    ['"text":"{text}"}', '"text":{text}}'],
    /^regions\/small\/channels\.yaml:23:13 .*no JSON/,
  ],
  [
    'an unknown channel as fallback',
    ['fallback: board', 'fallback: bored'],
    /^regions\/small\/channels\.yaml:14:15 .*unknown channel \(got "bored", expected one of board, sms\)/,
  ],
  ['itself as fallback', ['fallback: board', 'fallback: sms'], /channels\.yaml:14:15 .*stand in for itself/],
  ['an unknown type', ['type: dashboard', 'type: dashbored'], /channels\.yaml:4:11/],
  ['a secret in the file', ['token: SMS_TOKEN', 'token: s3cr3t'], /channels\.yaml:24:25/],
])('%s is refused with file and line', (_what, edit, expected) => {
  const found = faults(...edit);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(expected);
});
