import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CircumstanceApplication, CircumstanceDecision } from '../../src/domain/circumstance.ts';
import type { CircumstanceTerms } from '../../src/domain/config/circumstance-terms.ts';
import { bundleText, sealedBundle } from '../../src/settle/bundle.ts';
import { circumstancesFor } from '../../src/settle/circumstances.ts';
import { civilPeriod } from '../../src/domain/civil-period.ts';
import { type PreviewRequest, previewAgreement } from '../../src/settle/preview.ts';
import { verifyBundle } from '../../src/settle/verify.ts';
import { clean, type OpenDesk, openDesk, section } from './desk-fixture.ts';

const zone = 'Asia/Shanghai';
const june = civilPeriod('2026-06', zone);
const evidence = [{ name: 'gauge record', sha256: 'a'.repeat(64) }];
const flood: CircumstanceApplication = {
  id: 'flood-06',
  kind: 'extreme-weather-or-flood',
  section,
  items: ['tp'],
  fromS: june.beginS,
  toS: june.endS,
  applicant: '330300',
  evidence,
};
const decided: CircumstanceDecision = {
  circumstance: 'flood-06',
  effect: 'exclude-item',
  decidedBy: '省生态环境厅',
  documentNumber: '〔2026〕1号',
};

/** 0.22 against a limit of 0.10: the protecting side pays; without phosphorus it is paid for class I. */
const over = { ...clean, tp: 0.22 };

const payers = (lines: readonly { from: { code: string | null }; amountFen: string }[]) =>
  lines.map((line) => [line.from.code, line.amountFen]);

/** Acts on circumstances and trials of June, at an open desk. */
function workAt(desk: () => OpenDesk) {
  let acts = 0;
  const act = (kind: 'apply' | 'decide' | 'withdraw', payload: object): Promise<number> =>
    desk().state.acts.perform({
      kind: `${kind}-circumstance`,
      version: 1,
      id: `${kind} ${++acts}`,
      actor: 'office',
      atS: desk().clock.nowS(),
      payload: { ...payload },
    });
  const tried = async (change: Partial<PreviewRequest> = {}) => {
    const { agreement, config, readings, clock, state } = desk();
    const circumstances = await circumstancesFor(agreement, '2026-06', {
      store: state.circumstances,
      timeZone: zone,
    });
    const request = { agreement, period: '2026-06', config, readings, nowS: clock.nowS(), circumstances };
    return previewAgreement({ ...request, ...change });
  };
  return { act, tried };
}

describe('decided special circumstances in a settlement', () => {
  let office: OpenDesk;
  const { act, tried } = workAt(() => office);
  let protecting: string;
  let benefiting: string;

  beforeAll(async () => {
    office = await openDesk();
    ({ protecting, benefiting } = office.agreement.parties);
    await office.deliver('2026-06', over);
  });
  afterAll(() => office.close());

  it('change nothing as an application, which is named with its reason', async () => {
    await act('apply', flood);
    const preview = await tried();
    expect(payers(preview.lines)).toEqual([[protecting, '15000000000'.slice(0, -2)]]);
    expect(preview.asMeasured).toMatchObject({ status: 'assessed', lines: preview.lines });
    expect(preview.sections[0]?.circumstances).toMatchObject({
      applied: [],
      ignored: [{ id: 'flood-06', reason: 'no-effect' }],
    });
  });

  it('on hold leave the section without a result, with the figures as measured beside', async () => {
    const hold = { circumstance: 'flood-06', effect: 'hold', decidedBy: null, documentNumber: null };
    await act('decide', hold);
    const preview = await tried();
    expect([preview.status, preview.reason?.code, preview.lines, preview.net]).toEqual([
      'on-hold',
      'circumstance-on-hold',
      [],
      null,
    ]);
    expect(preview.asMeasured?.lines).toHaveLength(1);
    const request = { agreement: office.agreement.id, period: '2026-06', actor: 'office' };
    await expect(office.desk.issue(request)).rejects.toThrow(/on hold/);
  });

  it('are frozen into the statement as decided, with both figures, and verify offline to the byte', async () => {
    await act('decide', decided);
    const preview = await tried();
    expect(payers(preview.lines)).toEqual([[benefiting, '50000000']]);
    expect(payers(preview.asMeasured?.lines ?? [])).toEqual([[protecting, '150000000']]);
    expect(preview.sections[0]?.means.find((mean) => mean.parameter === 'tp')).toMatchObject({
      mean: null,
      excluded: true,
      circumstances: [{ id: 'flood-06', readings: 1 }],
    });
    expect(preview.sections[0]?.document).not.toHaveProperty('TP');
    expect(preview.remarks.at(-1)?.zh).toContain('〔2026〕1号');

    const request = { agreement: office.agreement.id, period: '2026-06', actor: 'office' };
    const issued = await office.desk.issue(request);
    const { statement } = issued;
    expect(payers(statement.lines)).toEqual([[benefiting, '50000000']]);
    expect(payers(statement.asMeasured?.lines ?? [])).toEqual([[protecting, '150000000']]);
    const bundle = await office.desk.bundle(statement.id);
    expect(bundle.inputs.circumstances).toMatchObject([{ id: 'flood-06', documentNumber: '〔2026〕1号' }]);
    const entries = bundle.inputs.entries.map((entry) => entry.seq);
    expect(entries).toEqual(expect.arrayContaining(bundle.inputs.circumstances?.[0]?.acts ?? [-1]));
    const judged = await verifyBundle(Buffer.from(bundleText(bundle)), null);
    expect(judged.findings).toEqual([]);

    const { statement: document, facts, inputs, corrected, signatures, keys } = bundle;
    const [one] = inputs.circumstances ?? [];
    const forged = { ...inputs, circumstances: [{ ...one!, items: ['nh3n'] }] };
    const tampered = sealedBundle({
      statement: document,
      facts,
      inputs: forged,
      corrected,
      signatures,
      keys,
    });
    const found = await verifyBundle(Buffer.from(bundleText(tampered)), null);
    expect(found.findings.map(({ part }) => part)).toContain('inputs');
  });

  it('decided or withdrawn after the issue are a correction that posts the difference', async () => {
    await office.countersign('pact.2026-06.1');
    const request = { agreement: office.agreement.id, period: '2026-06', actor: null };
    expect((await office.desk.correct(request)).difference).toEqual([]);
    await act('withdraw', { circumstance: 'flood-06', reason: 'the gauge record was of another day' });
    const { difference, changed } = await office.desk.correct(request);
    expect(
      difference
        .map(({ from, amountFen }) => [from.code, amountFen])
        .toSorted(([, a], [, b]) => Number(a) - Number(b)),
    ).toEqual([
      [protecting, '50000000'],
      [protecting, '150000000'],
    ]);
    expect(changed).toMatchObject([{ section, parameter: 'tp', before: null, now: '0.220' }]);
  });

  it('cannot split a monthly value: an interval inside the month leaves it, and says so', async () => {
    await act('apply', { ...flood, id: 'flood-days', items: [], toS: june.beginS + 3 * 86_400 });
    await act('decide', { ...decided, circumstance: 'flood-days', effect: 'exclude-interval' });
    const preview = await tried();
    expect(payers(preview.lines)).toEqual([[protecting, '150000000']]);
    expect(preview.sections[0]?.circumstances?.applied).toMatchObject([{ id: 'flood-days', readings: {} }]);
    expect(preview.remarks.at(-1)?.zh).toContain('月值不可拆分');
    await act('withdraw', { circumstance: 'flood-days', reason: 'replaced by a whole month' });
  });

  it('put a make-up sample in the place of the value', async () => {
    await act('apply', { ...flood, id: 'sample', kind: 'sampling-impossible' });
    await act('decide', {
      ...decided,
      circumstance: 'sample',
      effect: 'replace-by-make-up-sample',
      makeUp: { sampledS: june.beginS + 86_400, values: { tp: '0.13' } },
    });
    const preview = await tried();
    expect(preview.sections[0]?.means.find((mean) => mean.parameter === 'tp')).toMatchObject({
      mean: '0.130',
      valid: 1,
      expected: 1,
      leastStage: 1,
    });
    expect(preview.asMeasured?.lines).not.toEqual(preview.lines);
    await act('withdraw', { circumstance: 'sample', reason: 'another one' });
  });

  it('of a dry channel open the gate of the scheme, and the statement of such a month can be issued', async () => {
    await office.deliver('2026-05', clean);
    const may = civilPeriod('2026-05', zone);
    const { id } = { id: 'dry-05' };
    await act('apply', { ...flood, id, kind: 'dry-channel', items: [], fromS: may.beginS, toS: may.endS });
    await act('decide', { ...decided, circumstance: id, effect: 'exclude-interval' });
    const { statement } = await office.desk.issue({
      agreement: office.agreement.id,
      period: '2026-05',
      actor: 'office',
    });
    expect([statement.status, statement.reason?.code, statement.lines]).toEqual([
      'not-assessed',
      'dry-or-frozen',
      [],
    ]);
    expect(statement.asMeasured?.lines).toHaveLength(1);
  });
});

describe('an agreement that limits which special circumstances it admits', () => {
  const provenance = {
    source: 'article 9 of the agreement, made up for tests',
    confidence: 'assumed' as const,
  };
  const clause = { zh: '仅认可极端天气与突发事件', en: 'only extreme weather and incidents' };
  const terms = (change: Partial<CircumstanceTerms> = {}): CircumstanceTerms => ({
    inForce: { from: '2021-01-01', to: null, provenance },
    kinds: ['extreme-weather-or-flood', 'incident'],
    effects: ['exclude-interval'],
    decidedBy: ['流域局'],
    clause,
    provenance,
    ...change,
  });
  let office: OpenDesk;
  const { act, tried } = workAt(() => office);
  const triedUnder = (circumstances: CircumstanceTerms[]) =>
    tried({ agreement: { ...office.agreement, circumstances } });
  const shown = ({ sections }: Awaited<ReturnType<typeof tried>>) =>
    sections[0]?.circumstances?.notAdmitted?.map(({ id, by }) => [id, by]);

  beforeAll(async () => {
    office = await openDesk({ circumstances: [terms()] });
    await office.deliver('2026-06', over);
    await act('apply', flood);
  });
  afterAll(() => office.close());

  it('is not held up by one of a kind that it does not admit, and is by one of a kind that it does', async () => {
    await act('decide', { circumstance: 'flood-06', effect: 'hold', decidedBy: null, documentNumber: null });
    expect((await tried()).status).toBe('on-hold');
    const works = await triedUnder([terms({ kinds: ['works'] })]);
    expect([works.status, shown(works)]).toEqual(['assessed', [['flood-06', ['kind']]]]);
  });

  it('lets a decision change nothing that it does not admit, and names it with the clause in the statement, which verifies', async () => {
    await act('decide', decided);
    const { protecting } = office.agreement.parties;
    const request = { agreement: office.agreement.id, period: '2026-06', actor: 'office' };
    const { statement } = await office.desk.issue(request);
    expect(payers(statement.lines)).toEqual([[protecting, '150000000']]);
    expect(statement.asMeasured?.lines).toEqual(statement.lines);
    expect(statement.sections[0]?.circumstances).toMatchObject({
      applied: [],
      held: [],
      notAdmitted: [{ id: 'flood-06', by: ['effect', 'decided-by'], clause, source: provenance.source }],
    });
    expect(statement.remarks.at(-1)?.zh).toContain('flood-06 不计入');
    expect(statement.remarks.at(-1)?.en).toContain('only extreme weather and incidents');

    const { facts, seal: _seal, ...bundle } = await office.desk.bundle(statement.id);
    expect(bundle.inputs.circumstances).toHaveLength(1);
    const judged = await verifyBundle(Buffer.from(bundleText(sealedBundle({ ...bundle, facts }))), null);
    expect(judged.findings).toEqual([]);
    const { circumstances: _dropped, ...open } = facts.agreements[0]!;
    const forged = sealedBundle({ ...bundle, facts: { ...facts, agreements: [open] } });
    const found = await verifyBundle(Buffer.from(bundleText(forged)), null);
    expect(found.findings.map(({ part, message }) => `${part}: ${message}`).join()).toMatch(
      /statement: computed again .* lines/,
    );
  });

  it('goes by the clause of the day: from the first day of the circumstance in the period', async () => {
    const before = terms({ inForce: { from: '2021-01-01', to: '2026-05-31', provenance } });
    const { kinds: _kinds, effects: _effects, decidedBy: _bodies, ...all } = terms();
    const fromJune = { ...all, inForce: { from: '2026-06-01', to: null, provenance } };
    const preview = await triedUnder([before, fromJune]);
    expect(shown(preview)).toBeUndefined();
    expect(payers(preview.lines)).toEqual([[office.agreement.parties.benefiting, '50000000']]);
    const untilJune = [{ ...before, inForce: { ...before.inForce, to: '2026-06-01' } }];
    expect(shown(await triedUnder(untilJune))).toEqual([['flood-06', ['effect', 'decided-by']]]);
    expect(shown(await triedUnder([terms({ kinds: [], effects: ['exclude-item'] })]))).toEqual([
      ['flood-06', ['kind', 'decided-by']],
    ]);
    const body = terms({ effects: ['exclude-item'], decidedBy: ['省生态环境厅'] });
    expect(shown(await triedUnder([body]))).toBeUndefined();
  });
});
