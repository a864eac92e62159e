import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useStations } from '../api/queries.ts';
import { useWords } from '../i18n/language.ts';

interface Place {
  id: string;
  name: string;
  href: string;
}

export type Places = ReadonlyMap<string, Place>;

/** Names and pages of all registered stations. */
export function usePlaces(): Places {
  const { pick } = useWords();
  const water = useStations('water').data?.results ?? [];
  const air = useStations('air').data?.results ?? [];
  const places = [
    ...water.map(({ id, name }) => ({ id, name: pick(name), href: `/sections/${id}` })),
    ...air.map(({ id, name }) => ({ id, name: pick(name), href: `/air/${id}` })),
  ];
  return new Map(places.map((place) => [place.id, place]));
}

export function StationLink({ id, places }: { id: string; places: Places }): ReactElement {
  const place = places.get(id);
  return place === undefined ? <>{id}</> : <Link href={place.href}>{place.name}</Link>;
}
