import { lineString, pointToLineDistance } from '@turf/turf';
import { describe, expect, it } from 'vitest';
import { mapPlaces } from '../../../src/analysis/network/map-places.ts';
import { readRegion } from './region-files.ts';

const facts = readRegion();
const places = mapPlaces(facts);
const placeOf = (id: string) => places.find((place) => place.section === id);

describe('places to draw sections at', () => {
  it('are the given position where a source gives one', () => {
    expect(placeOf('fuan-baita')).toEqual({
      section: 'fuan-baita',
      lon: 119.643,
      lat: 27.161,
      basis: 'position',
      uncertaintyKm: 3,
    });
  });

  it('lie on the schematic line of the reach otherwise, and say on what they rest', () => {
    const lines = new Map(
      facts.rivers
        .flatMap((river) => river.reaches)
        .map((reach) => [reach.id, reach.line?.coordinates ?? []]),
    );
    const drawn = places.filter((place) => place.basis !== 'position');
    expect(drawn.length).toBeGreaterThan(50);
    for (const { section, lon, lat, uncertaintyKm } of drawn) {
      const reach = facts.sections.find((one) => one.id === section)?.reach?.id ?? '';
      const off = pointToLineDistance([lon, lat], lineString(lines.get(reach) ?? []), {
        units: 'kilometers',
      });
      expect(off, section).toBeLessThan(0.5);
      expect(uncertaintyKm, section).toBeNull();
    }
    expect(placeOf('fuan-saiqi')?.basis).toBe('reach-km');
    expect(placeOf('zhetai-bridge')?.basis).toBe('somewhere-on-reach');
  });

  it('never put two sections of one reach on one spot', () => {
    const spots = places.map((place) => `${place.lon},${place.lat}`);
    expect(new Set(spots).size).toBe(spots.length);
  });

  it('keep the order of the kilometres where a reach has no length', () => {
    expect(placeOf('wuyishan-xingtian')?.lat).toBeGreaterThan(placeOf('jianou-pengdun')?.lat ?? 90);
    expect(placeOf('shatou')?.lat).toBeGreaterThan(placeOf('qingshuibu')?.lat ?? 90);
  });

  it('leave out a section of which neither place nor reach is known', () => {
    expect(placeOf('maji')).toBeUndefined();
  });
});
