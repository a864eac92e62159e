import type { StationRelation } from '../../domain/reading-acts.ts';
import { distanceKm } from '../quality/comparisons.ts';

/** A name as published, taken apart: what it is without marks, and what the marks say. */
export interface NameParts {
  /** Place before the name, such as a province; empty where the source gives none. */
  place: string;
  base: string;
  /** 新, 撤销, 旧 and the like, in the order they stand. */
  marks: readonly string[];
}

export interface KnownStation {
  id: string;
  names: readonly string[];
  codes: readonly string[];
  position: { lon: number; lat: number } | null;
}

export interface UnknownName {
  naturalKey: string;
  name: string;
  position: { lon: number; lat: number } | null;
}

/** A possible identity, for a person to approve. `score` 0 to 1; reasons say what it rests on. */
export interface MatchSuggestion {
  station: string;
  score: number;
  relation: StationRelation;
  reasons: string[];
}

const marked = /^(?:新|旧|老|原|撤销|已撤销|停用|新址|迁建|临时|暂停)$/u;
const endings = /(?:监测断面|监测站|自动站|断面|站)$/u;
const nearKm = 2;
const least = 0.5;

/** NFKC makes full and half width one; a bracket that says something of the station's fate is a mark, any other is part of the name. */
export function nameParts(published: string): NameParts {
  const text = published.normalize('NFKC').replaceAll(/\s+/gu, '');
  const slash = text.lastIndexOf('/');
  const marks: string[] = [];
  let base = text
    .slice(slash + 1)
    .replaceAll(/[([【〔]([^)\]】〕]*)[)\]】〕]/gu, (_whole: string, inside: string) => {
      if (marked.test(inside)) {
        marks.push(inside);
        return '';
      }
      return `(${inside})`;
    });
  const shorter = base.replace(endings, '');
  if (shorter.length >= 2) base = shorter;
  return { place: slash < 0 ? '' : text.slice(0, slash), base, marks };
}

/**
 * Registered stations that an unknown name may be, best first. Same code, same name without its marks, one name within the
 * other, and a place close by count; two provinces that differ rule a name out. Never decides: an act does.
 */
export function suggestMatches(unknown: UnknownName, stations: readonly KnownStation[]): MatchSuggestion[] {
  const own = nameParts(unknown.naturalKey.includes('/') ? unknown.naturalKey : unknown.name);
  const found: MatchSuggestion[] = [];
  for (const station of stations) {
    const reasons: string[] = [];
    let score = 0;
    let relation: StationRelation = 'same';
    if (station.codes.includes(unknown.naturalKey)) {
      score = 0.8;
      reasons.push(`code ${unknown.naturalKey}`);
    }
    for (const name of station.names) {
      const other = nameParts(name);
      if (own.place !== '' && other.place !== '' && own.place !== other.place) continue;
      const alike = likeness(own.base, other.base);
      const samePlace = own.place !== '' && own.place === other.place ? 0.05 : 0;
      if (alike + samePlace <= score) continue;
      score = alike + samePlace;
      reasons.push(alike === 0.9 ? `same name "${own.base}"` : `"${own.base}" is like "${other.base}"`);
      relation = relationOf(own, other);
    }
    if (unknown.position !== null && station.position !== null) {
      const km = distanceKm(unknown.position, station.position);
      if (km <= nearKm) {
        score = Math.max(score, 0.5) + 0.05;
        reasons.push(`${km.toFixed(1)} km away`);
      } else if (score >= least) {
        score -= Math.min(0.3, km / 100);
        reasons.push(`${km.toFixed(1)} km apart`);
        if (own.marks.includes('新')) relation = 'moved';
      }
    }
    if (own.marks.length > 0 && score > 0) reasons.push(`marked ${own.marks.join(', ')}`);
    if (score >= least)
      found.push({ station: station.id, score: Math.min(1, Number(score.toFixed(2))), relation, reasons });
  }
  return found.sort((a, b) => b.score - a.score || (a.station < b.station ? -1 : 1));
}

/** 0.9 for the same text, less for one within the other or a letter changed; 0 for anything else. */
function likeness(a: string, b: string): number {
  if (a === b) return 0.9;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 2 && long.includes(short)) return 0.5 + 0.3 * (short.length / long.length);
  if (a.length === b.length && a.length >= 3) {
    let different = 0;
    for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) different += 1;
    if (different === 1) return 0.55;
  }
  return 0;
}

function relationOf(own: NameParts, other: NameParts): StationRelation {
  if (own.marks.includes('新') || own.marks.includes('新址') || own.marks.includes('迁建')) return 'replaced';
  return own.base === other.base ? 'same' : 'renamed';
}
