import { describe, expect, it } from 'vitest';
import { gaugingOf, nearestFlowStations } from '../../../src/analysis/network/gauging.ts';
import { buildNetwork, distanceKm } from '../../../src/analysis/network/network.ts';
import { outfallOwner, outfallWarnings } from '../../../src/analysis/network/outfalls.ts';
import { misplaced, outlines, prefectureAt, prefecturesAt } from '../../../src/analysis/network/outlines.ts';
import { catchmentOf, sharedReachesAbove, shoreShares } from '../../../src/analysis/network/shores.ts';
import type { Outfall } from '../../../src/domain/config/basin.ts';
import { readRegion } from './region-files.ts';

const facts = readRegion();
const network = buildNetwork(facts);
const provenance = { source: 'made up', confidence: 'assumed' as const };

function outfall(id: string, reach: Outfall['reach'], locatedIn?: string): Outfall {
  const name = { zh: `${id}厂`, en: `Works ${id}` };
  return { id, name, reach, operator: null, position: null, provenance, ...(locatedIn && { locatedIn }) };
}

const placed = (outfalls: Outfall[]) => buildNetwork({ ...facts, outfalls });

describe('discharge of a section from a gauging station', () => {
  it('comes by the declared transfer, with the river kilometres between them and the weakest confidence', () => {
    const yanxia = gaugingOf(network, 'songxi-yanxia');
    expect(yanxia).toMatchObject({ station: 'flow-songxi', riverKm: 25, confidence: 'assumed' });
    expect('factor' in yanxia ? yanxia.factor.toString() : null).toBe('0.7');
    expect(gaugingOf(network, 'fuan-baita')).toMatchObject({ method: 'same-place', riverKm: 0 });
  });

  it('is refused where none is declared, never taken from the map', () => {
    expect(gaugingOf(network, 'jiaoxi')).toEqual({ station: null, reason: 'no-station' });
    expect(gaugingOf(network, 'wuyishan-xingtian')).toMatchObject({ reason: 'no-transfer' });
  });

  it('by area is the ratio of both areas, exactly', () => {
    const changed = readRegion();
    const section = changed.sections.find((one) => one.id === 'songxi-yanxia')!;
    const station = changed.flowStations.find((one) => one.id === 'flow-songxi')!;
    section.catchment = { areaKm2: 1000, provenance };
    station.catchment = { areaKm2: 1500, provenance };
    section.flowStation!.transfer = { method: 'area-ratio', relativeStandardError: '0.1', provenance };
    const found = gaugingOf(buildNetwork(changed), 'songxi-yanxia');
    expect('factor' in found ? [found.factor.numerator, found.factor.denominator] : null).toEqual([2n, 3n]);
    delete station.catchment;
    expect(gaugingOf(buildNetwork(changed), 'songxi-yanxia')).toMatchObject({ reason: 'area-unknown' });
  });

  it('lists stations by river kilometre first, then as the crow flies, for a person to choose from', () => {
    const [first] = nearestFlowStations(network, 'fuan-baita');
    expect(first).toMatchObject({ station: 'flow-baita', riverKm: 0, declared: true });
    const yanxia = nearestFlowStations(network, 'songxi-yanxia');
    expect(yanxia[0]).toMatchObject({ station: 'flow-songxi', riverKm: 25 });
  });
});

describe('banks, shores and land', () => {
  it('a border reach has a shore on each side, and the shares of both are one', () => {
    const above = sharedReachesAbove(network, 'youyi-bridge');
    expect(above.map((one) => one.reach)).toContain('jiaoxi-shoutaixi');
    const shares = shoreShares([
      { ...above[0]!, shoreKm: { left: 7, right: 23 } },
      { ...above[0]!, shoreKm: { left: 4, right: 1 } },
    ])!;
    expect([...shares].map(([code, share]) => `${code} ${share.numerator}/${share.denominator}`)).toEqual([
      '330329 11/35',
      '350924 24/35',
    ]);
    expect(shoreShares([{ ...above[0]!, shoreKm: null }])).toBeNull();
  });

  it('land by jurisdiction says what nobody states, and never spreads it', () => {
    const changed = readRegion();
    const section = changed.sections.find((one) => one.id === 'fuan-baita')!;
    section.catchment = { areaKm2: 3000, shares: [{ jurisdiction: '330329', share: '0.3' }], provenance };
    const found = catchmentOf(buildNetwork(changed), 'fuan-baita')!;
    expect(found.unstated.toString()).toBe('0.7');
    expect(catchmentOf(network, 'fuan-baita')).toBeNull();
  });

  it('kilometres run downstream only', () => {
    expect(distanceKm(network, 'jiaoxi', 'fuan-baita')).toMatchObject({ km: expect.any(Number) as number });
    expect(distanceKm(network, 'fuan-baita', 'jiaoxi')).toMatchObject({ reason: 'not-downstream' });
  });
});

describe('outfalls near a section', () => {
  const baita = facts.sections.find((one) => one.id === 'fuan-baita')!;
  const on = (km?: number) => ({ id: 'jiaoxi-saijiang', ...(km === undefined ? {} : { km }), provenance });

  it('in its mixing reach are warned about, one far above is not, one without a kilometre is', () => {
    const all = placed([outfall('near', on(1)), outfall('below', on(5)), outfall('open', on())]);
    expect(outfallWarnings(all, baita, 2).map(({ outfall: id, where, km }) => [id, where, km])).toEqual([
      ['near', 'mixing-reach', 1],
      ['open', 'order-unknown', null],
    ]);
    expect(outfallWarnings(all, { ...baita, mixingKm: { value: 0.5, provenance } }, 2)).toHaveLength(1);
  });

  it('between a section and its border are warned about on the side that the section lies on', () => {
    const anxi = facts.sections.find((one) => one.id === 'anxi')!;
    const all = placed([outfall('upper', { id: 'lexi-zhenghe', provenance })]);
    const side = { ...anxi, locatedIn: '350725', reach: { id: 'lexi-zhenghe', km: 1, provenance } };
    const beyond = placed([
      outfall('after', { id: 'lexi-zhenghe', km: 3, provenance }),
      outfall('before', { id: 'lexi-zhenghe', km: 0.2, provenance }),
    ]);
    expect(outfallWarnings(beyond, side, 0.1).map((one) => [one.outfall, one.where])).toEqual([
      ['after', 'between-section-and-boundary'],
    ]);
    expect(outfallWarnings(all, anxi, 2)).toEqual([]);
  });

  it('belong to the bank that they stand on', () => {
    const bank = outfall('works', { id: 'jiaoxi-shoutaixi', km: 1, bank: 'right', provenance });
    expect(outfallOwner(network, bank)).toBe('350924');
    expect(outfallOwner(network, outfall('lower', on(1)))).toBe('350981');
    expect(outfallOwner(network, outfall('long', { id: 'songxi-lower', provenance }))).toBeNull();
    expect(outfallOwner(network, outfall('long', { id: 'songxi-lower', provenance }, '350724'))).toBe(
      '350724',
    );
  });
});

describe('coordinates and jurisdictions', () => {
  it('a point on the border of two outlines is in both, and in neither alone', () => {
    const shapes = outlines(facts);
    const rings = shapes.features.flatMap(({ geometry }) =>
      geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat(),
    );
    const seen = new Map<string, number>();
    for (const ring of rings)
      for (const [lon, lat] of ring.slice(1)) {
        const key = `${lon},${lat}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    const [shared] = [...seen].find(([, count]) => count === 2)!;
    const [lon = 0, lat = 0] = shared.split(',').map(Number);
    expect(prefecturesAt(shapes, lon, lat)).toHaveLength(2);
    expect(prefectureAt(shapes, lon, lat)).toBeNull();
  });

  it('a position far inside another prefecture is found, one within its error is not', () => {
    expect(misplaced(facts, 15)).toEqual([]);
    const changed = readRegion();
    const at = changed.sections.findIndex((one) => one.id === 'fuan-baita');
    changed.sections[at]!.position!.lat += 1.2;
    expect(misplaced(changed, 15)).toEqual([
      expect.objectContaining({ list: 'sections', index: at, locatedIn: '350900' }),
    ]);
  });
});
