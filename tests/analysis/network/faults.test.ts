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
  return networkFaults(facts).map(
    ({ list, index, path, message }) => `${[list, index, ...path].join('/')}: ${message}`,
  );
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
      'rivers/0/reaches/1/downstream: flows into itself: jiaoxi-shoutaixi → jiaoxi-dongxi → jiaoxi-saijiang → jiaoxi-estuary → jiaoxi-shoutaixi',
    ]);
  });

  it('name a reach that flows into itself', () => {
    const faults = after((facts) => {
      reachOf(facts, 'aojiang').downstream = 'aojiang';
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('aojiang → aojiang');
  });

  it('name a reach that nothing joins', () => {
    const faults = after((facts) => {
      reachOf(facts, 'zhaolanxi-upper').downstream = null;
    });
    expect(faults).toEqual([
      expect.stringContaining('reaches/0/id: joined to nothing'),
      expect.stringContaining('reaches/1/id: joined to nothing'),
    ]);
  });

  it('name a bank that is none, two banks of one side, and a shore shorter than its river', () => {
    const faults = after((facts) => {
      const { banks } = reachOf(facts, 'jiaoxi-shoutaixi');
      if (banks === undefined) return;
      banks.left = '350981';
      if (banks.shoreKm !== undefined) banks.shoreKm.left = 3;
    });
    expect(faults.some((fault) => fault.includes('bank 350981 is not among'))).toBe(true);
    expect(faults.some((fault) => fault.includes('the left shore of reach jiaoxi-shoutaixi is 3 km'))).toBe(
      true,
    );
    const same = after((facts) => {
      const { banks } = reachOf(facts, 'jiaoxi-shoutaixi');
      if (banks !== undefined) banks.left = banks.right;
    });
    expect(same).toEqual([expect.stringContaining('both banks belong to one jurisdiction')]);
  });

  it('name parts of a catchment beyond the whole, and a transfer by areas that nobody states', () => {
    const faults = after((facts) => {
      const { catchment } = reachOf(facts, 'tongshanxi-main');
      catchment?.shares?.push({ jurisdiction: '350982', share: '0.6' });
      const { flowStation } = sectionOf(facts, 'songxi-yanxia');
      if (flowStation?.transfer === undefined) return;
      flowStation.transfer.method = 'area-ratio';
      delete flowStation.transfer.factor;
    });
    expect(faults).toEqual([
      expect.stringContaining('the parts of the catchment add up to 1.060'),
      expect.stringContaining('the transfer of section songxi-yanxia is by area, and an area is not stated'),
    ]);
  });

  it('name a part of a catchment below nothing, and a transfer that leaves no water', () => {
    const faults = after((facts) => {
      const [part] = reachOf(facts, 'tongshanxi-main').catchment?.shares ?? [];
      if (part !== undefined) part.share = '-0.46';
      const { flowStation } = sectionOf(facts, 'songxi-yanxia');
      if (flowStation?.transfer !== undefined) flowStation.transfer.factor = '0';
    });
    expect(faults).toEqual([
      expect.stringContaining('a part below nothing'),
      expect.stringContaining('makes no water of the station'),
    ]);
  });

  it('name a tidal section that hands water over', () => {
    const faults = after((facts) => {
      sectionOf(facts, 'jiaoxi').hydraulics = 'tidal';
    });
    expect(faults).toEqual([
      expect.stringContaining('section jiaoxi is tidal: water does not pass it one way'),
    ]);
  });

  it('name a section off the line of its reach only where the line is surveyed', () => {
    const moved = (surveyed: boolean) =>
      after((facts) => {
        const { position } = sectionOf(facts, 'fuan-baita');
        if (position !== null) position.lat += 0.2;
        const { line, lengthKm } = reachOf(facts, 'jiaoxi-saijiang');
        if (line !== undefined) line.surveyed = surveyed;
        if (lengthKm !== undefined) lengthKm.value = 25;
      });
    expect(moved(false)).toEqual([]);
    expect(moved(true).some((fault) => fault.includes('km off the surveyed line of its reach'))).toBe(true);
  });

  it('name an outfall on a border reach without a bank', () => {
    const provenance = { source: 'made up', confidence: 'assumed' as const };
    const faults = after((facts) => {
      const reach = { id: 'jiaoxi-shoutaixi', km: 5, provenance };
      const name = { zh: '某厂', en: 'Works' };
      facts.outfalls = [{ id: 'works', name, reach, operator: null, position: null, provenance }];
    });
    expect(faults).toEqual([
      'outfalls/0/reach: outfall works is on border reach jiaoxi-shoutaixi and names no bank',
    ]);
  });

  it('name a section beyond the end of its reach, or on a bank without a border', () => {
    const faults = after((facts) => {
      Object.assign(sectionOf(facts, 'fuan-baita').reach ?? {}, { km: 500, bank: 'left' });
    });
    expect(faults.some((fault) => fault.includes('fuan-baita is at km 500'))).toBe(true);
    expect(faults.some((fault) => fault.includes('fuan-baita names a bank'))).toBe(true);
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
