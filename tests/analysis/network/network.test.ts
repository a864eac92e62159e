import { describe, expect, it } from 'vitest';
import {
  borderSections,
  buildNetwork,
  distanceKm,
  downstreamOf,
  jurisdictionsUpstream,
  orderUnknown,
  reachesDownstream,
  reachesUpstream,
  upstreamOf,
} from '../../../src/analysis/network/network.ts';
import { readRegion } from './region-files.ts';

const facts = readRegion();
const network = buildNetwork(facts);

describe('the river graph of the region', () => {
  it('runs from Zhejiang to Fujian on the Jiaoxi', () => {
    expect(jurisdictionsUpstream(network, 'jiaoxi')).toContain('330300');
    expect(downstreamOf(network, 'jiaoxi')).toEqual(['fuan-baita', 'fuan-saiqi']);
    expect(upstreamOf(network, 'fuan-baita')).toContain('jiaoxi');
  });

  it('runs from Fujian to Zhejiang on the Lexi-Anxi, and back to Fujian below', () => {
    const anxi = borderSections(facts).find((section) => section.id === 'anxi');
    expect(anxi?.border).toMatchObject({ protecting: '350700', benefiting: '331100' });
    expect(reachesUpstream(network, 'anxi-qingyuan')).toEqual(['lexi-zhenghe']);
    expect(jurisdictionsUpstream(network, 'anxi')).toContain('350700');
    expect(reachesDownstream(network, 'anxi-qingyuan').slice(0, 2)).toEqual([
      'songxi-songyuanxi',
      'songxi-lower',
    ]);
  });

  it('keeps both banks of the border reach Shoutaixi', () => {
    const reach = network.reaches.get('jiaoxi-shoutaixi');
    expect(reach?.banks).toMatchObject({ left: '330329', right: '350924' });
    expect(jurisdictionsUpstream(network, 'youyi-bridge').toSorted()).toEqual(['330300', '350900']);
  });

  it('collects two provinces above a third on the Fengxi', () => {
    expect(jurisdictionsUpstream(network, 'fengxi-mouth')).toEqual(
      expect.arrayContaining(['350700', '330800', '361100']),
    );
  });

  it('is the same relation from both ends: above means the other is below', () => {
    for (const id of network.placed.keys()) {
      for (const below of downstreamOf(network, id)) expect(upstreamOf(network, below)).toContain(id);
      for (const above of upstreamOf(network, id)) expect(downstreamOf(network, above)).toContain(id);
    }
  });

  it('orders three sections on the Min across three cities', () => {
    expect(downstreamOf(network, 'shilian')).toEqual(['gutian-huangtian', 'minqing-xiongjiang']);
  });
});

describe('distance along declared kilometres', () => {
  it('adds the reaches between two sections and names the weakest confidence', () => {
    expect(distanceKm(network, 'jiaoxi', 'fuan-baita')).toEqual({ km: 40, confidence: 'assumed' });
    expect(distanceKm(network, 'gutian-huangtian', 'minqing-xiongjiang')).toEqual({
      km: 25,
      confidence: 'inferred',
    });
  });

  it('has no answer against the current, without kilometres, or off the graph', () => {
    expect(distanceKm(network, 'fuan-baita', 'jiaoxi')).toEqual({ km: null, reason: 'not-downstream' });
    expect(distanceKm(network, 'fuan-saiqi', 'fuan-baita')).toEqual({ km: null, reason: 'not-downstream' });
    expect(distanceKm(network, 'zhetai-bridge', 'fuan-baita')).toEqual({
      km: null,
      reason: 'length-unknown',
    });
    expect(distanceKm(network, 'maji', 'fuan-baita')).toEqual({ km: null, reason: 'not-placed' });
  });

  it('does not guess which of two sections of a reach lies above', () => {
    expect(orderUnknown(network, 'jiaoxi')).toEqual(['zhetai-bridge']);
    expect(upstreamOf(network, 'jiaoxi')).not.toContain('zhetai-bridge');
  });
});

describe('border sections', () => {
  it('have two different prefectures, and one party of the region', () => {
    const members = new Set(facts.jurisdictions.filter((one) => one.member).map((one) => one.code));
    const found = borderSections(facts);
    expect(found.length).toBeGreaterThanOrEqual(20);
    for (const { id, border } of found) {
      expect(border.protecting, id).not.toBe(border.benefiting);
      expect(members.has(border.protecting) || members.has(border.benefiting), id).toBe(true);
    }
  });

  it('agree with the graph: the protecting side drains past the section where it is placed', () => {
    const disagreeing = borderSections(facts).filter(
      ({ id, border }) =>
        network.placed.has(id) && !jurisdictionsUpstream(network, id).includes(border.protecting),
    );
    expect(disagreeing.map((section) => section.id)).toEqual([]);
  });
});
