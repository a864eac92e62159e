import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { System } from '../../src/main.ts';
import { followUpService } from '../../src/serving/settlement.ts';
import { createKey } from '../../src/store/state/keys.ts';
import { testApp } from '../api/test-app.ts';
import { jiehe as jieheIn, type Said } from '../cli/in-process.ts';
import { day, openSongxi } from './open-songxi.ts';

const pair = ['--from', '350700', '--to', '331100'];

let open: Awaited<ReturnType<typeof openSongxi>>;
let system: System;
let clock: { atS: number; nowS(): number };
const settle = (command: string, ...argv: string[]): Promise<Said> =>
  jieheIn(open, ['settle', ...command.split(' '), '--agreement', 'songxi-scenario', ...argv]);
const told = async (command: string, ...argv: string[]) => {
  const said = await settle(command, ...argv, '--json');
  expect(said).toMatchObject({ code: 0, err: '' });
  return JSON.parse(said.out);
};

beforeAll(async () => {
  open = await openSongxi();
  ({ system, clock } = open);
  const issued = await open.issue();
  for (const party of ['331100', '350700']) await open.sign(issued, party);
});
afterAll(() => open.close());

const nothingPayable =
  '演示情景：双方未签订该协议，不产生支付义务 / Demonstration: no such agreement has been signed; nothing is payable\n';

describe('jiehe settle, the money that follows a statement', () => {
  it('price varies each clause alone, and says for whom and how much', async () => {
    const clauses = ['--from', '2021-04', '--clause', 'figure=reward:60', 'coverage=0.5'];
    const priced = (await told('price', ...clauses)).clauses;
    expect(priced).toMatchObject([
      { clause: 'figure=reward:60', totalFen: '10000000', favours: { code: '331100' }, changedPeriods: 1 },
      { clause: 'coverage=0.5', totalFen: '0', favours: null, changedPeriods: 0 },
    ]);
    const { out } = await settle('price', ...clauses);
    expect(out).toContain('试算·不作结算依据');
    expect(out).toContain('figure of the scheme: reward 50 万元 a class → 60 万元 a class');
    expect(out).toContain('差额 (difference) +100000.00 元, 有利于 (favours) 丽水市 / Lishui');
    expect(out).toContain('1/1 期有变动 (periods changed) (2021)');
    const nothing = await settle('price', '--from', '2021-01', '--clause', 'coverage=0.5');
    expect(nothing.out).toContain('不等于零 (no period has a result both ways, which is not zero)');
    const unknown = await settle('price', '--from', '2021-04', '--clause', 'wind=3');
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.err).toContain('not a clause: "wind=3"');
  });

  it('arrears tells what is due, reminds of what is late, and books the interest agreed', async () => {
    const early = await told('arrears', '--remind');
    expect(early).toMatchObject({ arrears: [{ from: '350700', to: '331100', lateFen: '0' }], reminders: [] });
    clock.atS += 40 * day;
    const { out } = await settle('arrears');
    expect(out).toContain(nothingPayable);
    expect(out).toContain('350700 → 331100  应付 (due) 500000.00 元  逾期 (late) 500000.00 元, 10 d');
    expect(out).toContain('利息 (interest) 2500.00 元');
    expect((await settle('deduct', ...pair, '--fen', '1', '--reference', '早')).err).toContain(
      'E_CONFLICT: 350700 owes 331100 0 fen that are 20 days late',
    );
    expect((await settle('arrears', '--remind')).out).toContain(
      '付款提醒 (reminded): 350700 → 331100  500000.00 元',
    );
    const booked = await told('arrears', '--remind', '--book-interest');
    expect(booked).toMatchObject({ arrears: [{ openFen: '50250000', interestFen: '0' }], reminders: [] });
  });

  it('deduct books what the superior took, never more than is late by the days agreed', async () => {
    clock.atS += 10 * day;
    const document = ['--reference', '财预〔2021〕9号'];
    const much = await settle('deduct', ...pair, '--fen', '50000001', ...document);
    expect(much).toMatchObject({ code: 1, out: '' });
    expect((await settle('deduct', ...pair, '--fen', 'all', ...document)).err).toContain('not an amount');
    expect(await settle('deduct', ...pair, '--fen', '30000000', ...document)).toEqual({
      code: 0,
      out: '财预〔2021〕9号: 350700 → 331100  300000.00 元\n',
      err: '',
    });
    expect((await told('arrears')).arrears).toMatchObject([{ openFen: '20250000' }]);
  });

  it('account leads from the opening to the closing balance of a party', async () => {
    const days = ['--from', '2021-06-20', '--to', '2021-12-31'];
    const account = await told('account', '--party', '331100', ...days);
    expect(account.counterparties).toMatchObject([
      { counterparty: '350700', opening: { due: '50000000' }, closing: { due: '20250000' } },
    ]);
    expect(account.entries.map((one: { kind: string }) => one.kind)).toEqual(['interest', 'deduction']);
    const { out } = await settle('account', '--party', '331100', ...days);
    expect(out).toContain(nothingPayable);
    expect(out).toContain('期末 (closing)  350700  202500.00 元');
    expect(out).toContain('财预〔2021〕9号');
    const wrong = await settle('account', '--party', '331100', '--from', 'May', '--to', '2021-12-31');
    expect(wrong).toMatchObject({ code: 1, err: 'E_BAD_REQUEST: not a day: "May"\n' });
  });

  it('fund takes contributions by share of revenue and pays for declared uses only', async () => {
    const year = ['--year', '2021', '--source', '预算执行报告'];
    const due = await settle('fund contribute', '--party', '331100', '--revenue-fen', '1000000050', ...year);
    expect(due).toEqual({ code: 0, out: '331100 2021: 100000.00 元\n', err: '' });
    const stranger = await settle('fund contribute', '--party', '330300', '--revenue-fen', '1', ...year);
    expect(stranger.err).toContain('no member');
    const paid = ['--from', '331100', '--to', 'fund', '--fen', '4000000', '--reference', 'T1'];
    expect(await settle('pay', ...paid)).toMatchObject({ code: 0, err: '' });
    const to = ['--to', '水科院', '--reference', 'U1'];
    expect((await settle('fund use', '--use', 'feasts', '--fen', '1', ...to)).err).toContain('no use of');
    expect((await settle('fund use', '--use', 'studies', '--fen', '4000001', ...to)).code).toBe(1);
    expect(await settle('fund use', '--use', 'studies', '--fen', '500000', ...to)).toMatchObject({ code: 0 });
    expect(await told('fund balance')).toEqual({
      markings: expect.arrayContaining([
        expect.objectContaining({ en: expect.stringContaining('nothing is payable') }),
      ]),
      balanceFen: '3500000',
      owedFen: { '331100': '6000000', '350700': '0' },
      usedFen: { studies: '500000' },
    });
    expect((await settle('fund balance')).out).toContain('余额 (balance) 35000.00 元');
    const ofFund = await told('account', '--party', 'fund', '--from', '2021-01-01', '--to', '2021-12-31');
    expect(ofFund.entries).toHaveLength(3);
  });
});

describe('the same over HTTP', () => {
  it('books interest and spends from the fund in the name of the office, and refuses what the books refuse', async () => {
    const person = { actor: 'system', holder: 'office', role: 'joint-office', jurisdiction: null } as const;
    const { token } = await createKey(system.state.acts, { ...person, atS: clock.atS });
    const { app } = await testApp(
      { ...system, tokens: {} as never },
      { config: system.config, clock, followUp: followUpService(system) },
    );
    const headers = { authorization: `Bearer ${token}` };
    const post = (what: string, payload: object) => {
      const url = `/api/v1/agreements/songxi-scenario/${what}`;
      return app.inject({ method: 'POST', url, headers, payload });
    };
    clock.atS += 10 * day;
    const between = { from: '350700', to: '331100' };
    const { arrears } = await told('arrears');
    const { interestFen } = arrears.find(({ from }: { from: string }) => from === between.from);
    expect(Number(interestFen)).toBeGreaterThan(0);
    expect((await post('interest', between)).json().result).toEqual({ amountFen: interestFen });
    expect((await post('interest', between)).json().error.code).toBe('E_CONFLICT');
    const spending = { use: 'studies', to: '水科院', amountFen: '500000', reference: 'U2' };
    const spent = await post('fund-uses', spending);
    expect((await post('fund-uses', spending)).json().result).toEqual(spent.json().result);
    expect((await post('fund-uses', { ...spending, amountFen: '1' })).statusCode).toBe(409);
    const feasts = await post('fund-uses', { ...spending, use: 'feasts', reference: 'U3' });
    expect(feasts.json().error).toMatchObject({ code: 'E_CONFLICT' });
    const get = (what: string) => app.inject({ url: `/api/v1/agreements/songxi-scenario/${what}`, headers });
    const fund = await get('fund');
    expect(fund.json().result).toMatchObject({ balanceFen: '3000000', usedFen: { studies: '1000000' } });
    const days = 'from=2021-01-01&to=2021-12-31';
    const shown = [
      fund.json().result,
      (await get(`account?party=331100&${days}`)).json().result,
      ...(await get('arrears')).json().results,
    ];
    expect(shown.length).toBeGreaterThan(2);
    for (const { markings } of shown)
      expect(markings[0].zh).toBe('演示情景：双方未签订该协议，不产生支付义务');
    const entry = await system.journal.get(spent.json().result.seq);
    expect(new TextDecoder().decode(entry.body)).toContain('"actor":"office"');
    await app.close();
  });
});
