import { describe, expect, it } from 'vitest';
import type { Reach, Section } from '../../../src/domain/config/region.ts';
import { networkFaults } from '../../../src/analysis/network/faults.ts';
import { readRegion, type RegionFacts } from './region-files.ts';

function reachOf(facts: RegionFacts, id: string): Reach {
  const found = facts.rivers.flatMap((river) => river.reaches).find((reach) => reach.id === id);
  if (found === undefined) throw new Error(`no reach ${id}`);
  return found;
}

function sectionOf(facts: RegionFacts, id: string): Section {
  const found = facts.sections.find((section) => section.id === id);
  if (found === undefined) throw new Error(`no section ${id}`);
  return found;
}

/** The faults after one change to a sound region. */
function after(change: (facts: RegionFacts) => void): string[] {
  const facts = readRegion();
  change(facts);
  return networkFaults(facts).map((fault) => `${fault.path}: ${fault.message}`);
}

describe('faults of the river graph', () => {
  it('are none in the region that ships', () => {
    expect(networkFaults(readRegion())).toEqual([]);
  });

  it('name a circle once, with its reaches', () => {
    const faults = after((facts) => {
      reachOf(facts, 'jiaoxi-estuary').downstream = 'jiaoxi-shoutaixi';
    });
    expect(faults).toEqual([
      '/rivers/0/reaches/1/downstream: reaches flow in a circle: jiaoxi-shoutaixi → jiaoxi-dongxi → jiaoxi-saijiang → jiaoxi-estuary → jiaoxi-shoutaixi',
    ]);
  });

  it('name a reach that flows into itself', () => {
    const faults = after((facts) => {
      reachOf(facts, 'aojiang').downstream = 'aojiang';
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('aojiang → aojiang');
  });

  it('name a reach that leads nowhere known, and the one this leaves unconnected', () => {
    const faults = after((facts) => {
      reachOf(facts, 'zhaolanxi-upper').downstream = 'nowhere';
    });
    expect(faults[0]).toContain('zhaolanxi-upper flows into nowhere, which no river declares');
    expect(faults[1]).toContain('zhaolanxi-lower is connected to no other');
  });

  it('name an id used twice, an unknown jurisdiction and a bank that is not one', () => {
    const faults = after((facts) => {
      const border = reachOf(facts, 'jiaoxi-shoutaixi');
      if (border.banks !== undefined) border.banks.left = '350981';
      reachOf(facts, 'aojiang').jurisdictions.push('999999');
      reachOf(facts, 'zhaolanxi-upper').id = 'aojiang';
    });
    expect(faults.some((fault) => fault.includes('bank 350981 is not among'))).toBe(true);
    expect(
      faults.some((fault) => fault.includes('jurisdiction 999999 of reach aojiang is not configured')),
    ).toBe(true);
    expect(faults.some((fault) => fault.includes('reach aojiang is declared twice'))).toBe(true);
  });

  it('name a section beyond the end of its reach, on an unknown one, or on a bank without a border', () => {
    const faults = after((facts) => {
      Object.assign(sectionOf(facts, 'fuan-baita').reach ?? {}, { km: 500, bank: 'left' });
      Object.assign(sectionOf(facts, 'fuan-saiqi').reach ?? {}, { id: 'nowhere' });
    });
    expect(faults.some((fault) => fault.includes('fuan-baita is at km 500'))).toBe(true);
    expect(faults.some((fault) => fault.includes('fuan-baita names a bank'))).toBe(true);
    expect(faults.some((fault) => fault.includes('fuan-saiqi is on reach nowhere'))).toBe(true);
  });

  it('compare a length with its line only where the line is surveyed', () => {
    const wrong = (surveyed: boolean) =>
      after((facts) => {
        const reach = reachOf(facts, 'minjiang-gutian');
        if (reach.lengthKm !== undefined) reach.lengthKm.value = 250;
        if (reach.line !== undefined) reach.line.surveyed = surveyed;
      });
    expect(wrong(false)).toEqual([]);
    expect(wrong(true)).toHaveLength(1);
    expect(wrong(true)[0]).toContain('declared 250 km long, its surveyed line measures');
  });

  it('name a border with one government on both sides', () => {
    const faults = after((facts) => {
      Object.assign(sectionOf(facts, 'jiaoxi').border ?? {}, { benefiting: '330300' });
    });
    expect(faults).toEqual([expect.stringContaining('section jiaoxi has 330300 on both sides')]);
  });
});
