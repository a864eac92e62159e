import { useInfiniteQuery, useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { ApiError, getJson } from './client.ts';
import type { IncidentKind, ListedAlert, ShownAlert, ShownIncident } from './alert-types.ts';
import type {
  Account,
  ChangedStatement,
  Debt,
  Fund,
  ListedStatement,
  Reminder,
  ShownNotice,
  ShownStatement,
  ShownWhy,
  Standing,
} from './statement-types.ts';
import type {
  ListedAgreement,
  AirStation,
  Circumstance,
  DenseAnswer,
  DueReview,
  Exceedance,
  FeatureCollection,
  HeldDevice,
  IssueRow,
  Jurisdiction,
  Latest,
  Many,
  MapPlace,
  Me,
  One,
  Parameter,
  PreviewAnswer,
  RegionView,
  Run,
  Scales,
  Section,
  SectionReport,
  Source,
  Standard,
  ShownUpload,
  Silence,
  StationLimits,
  Summary,
  Upload,
  Version,
} from './types.ts';

export const refreshMs = 60_000;
const factsMs = 600_000;

function retry(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

/** State that changes: asked again each minute, the old answer stays on screen until the new one is there. */
function useLive<T>(path: string, enabled = true): UseQueryResult<T> {
  return useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => getJson<T>(path, signal),
    refetchInterval: refreshMs,
    retry,
    enabled,
  });
}

/** Facts of the configuration. */
function useFacts<T>(path: string, enabled = true): UseQueryResult<T> {
  return useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => getJson<T>(path, signal),
    staleTime: factsMs,
    refetchInterval: factsMs,
    retry,
    enabled,
  });
}

export interface Paged<T> {
  data: { results: readonly T[] } | undefined;
  error: Error | null;
  refetch: () => unknown;
  /** Asks for the page after the last one that is shown; null: there is none. */
  older: (() => void) | null;
  isAsking: boolean;
}

/** A list that goes on: its first page, those behind it as they are asked for, all of them kept live. */
function usePages<T>(path: string, enabled = true): Paged<T> {
  const asked = useInfiniteQuery({
    queryKey: [path, 'pages'],
    queryFn: ({ signal, pageParam }) =>
      getJson<Many<T>>(
        pageParam === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${pageParam}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ meta }) => meta.next,
    refetchInterval: refreshMs,
    retry,
    enabled,
  });
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = asked;
  return {
    data: data === undefined ? undefined : { results: data.pages.flatMap(({ results }) => results) },
    error,
    refetch,
    older: hasNextPage ? () => void fetchNextPage() : null,
    isAsking: isFetchingNextPage,
  };
}

export type StationKind = 'water' | 'air';

export const useRegion = () => useFacts<One<RegionView>>('/region');
export const useScales = () => useFacts<One<Scales>>('/scales');
export const useParameters = () => useFacts<Many<Parameter>>('/parameters');
export const useStandards = () => useFacts<Many<Standard>>('/standards');
export const useJurisdictions = () => useFacts<Many<Jurisdiction>>('/jurisdictions');
export const useSections = () => useFacts<Many<Section>>('/sections');
export const useStations = (kind: StationKind) =>
  useFacts<Many<Pick<AirStation, 'id' | 'name' | 'locatedIn' | 'position'>>>(`/stations?kind=${kind}`);
export const useMapPlaces = () => useFacts<Many<MapPlace>>('/map-places');
export const useOutlines = () => useFacts<FeatureCollection>('/outlines');
export const useRivers = () => useFacts<FeatureCollection>('/rivers');
export const useAgreements = () => useFacts<Many<ListedAgreement>>('/agreements');
export const useLimits = (station: string) =>
  useFacts<One<StationLimits>>(`/stations/${encodeURIComponent(station)}/limits`);
export const useReport = (section: string, month: string) =>
  useFacts<One<SectionReport>>(`/assessments/sections/${encodeURIComponent(section)}?month=${month}`);
export const useMe = () => useFacts<One<Me>>('/me');

export const useSummary = () => useLive<One<Summary>>('/summary');
export const useLatest = (kind: StationKind) => useLive<Many<Latest>>(`/latest?kind=${kind}`);
export const useExceedances = () => useLive<Many<Exceedance>>('/exceedances');
export const useSources = () => useLive<Many<Source>>('/sources');
export const useIssues = (source: string) =>
  usePages<IssueRow>(`/issues?source=${encodeURIComponent(source)}&limit=50`);
export const useRuns = (source: string, enabled: boolean) =>
  usePages<Run>(`/sources/${encodeURIComponent(source)}/runs?limit=20`, enabled);

export const useUploads = () => usePages<Upload>('/uploads');
export const useUpload = (id: string) => useLive<One<ShownUpload>>(`/uploads/${encodeURIComponent(id)}`);

export const useSilent = () => useLive<Many<Silence>>('/silence?state=silent');
export const useQuarantine = () => useLive<Many<HeldDevice>>('/devices/quarantine');
export const useCircumstances = () => useLive<Many<Circumstance>>('/circumstances');

export const useAlerts = (state: string) => usePages<ListedAlert>(`/alerts?state=${state}`);
export const useAlert = (id: string) => useLive<One<ShownAlert>>(`/alerts/${encodeURIComponent(id)}`);
export const useIncidents = () => useLive<Many<ShownIncident>>('/incidents');
export const useIncidentKinds = () => useFacts<Many<IncidentKind>>('/incident-kinds');

/** As many stations as one question may name. */
const stationsPerAsk = 60;

export interface DueAsk {
  provider: string;
  averaging: string;
  from: string;
  to: string;
  overdue: boolean;
}

/** Reviews due at all of the stations; undefined until every part of the answer is there. */
export function useDueReviews(
  stations: readonly string[],
  { overdue, ...ask }: DueAsk,
): { data: DueReview[] | undefined; error: Error | null; refetch: () => void } {
  const parts: string[] = [];
  for (let at = 0; at < stations.length; at += stationsPerAsk) {
    const named = stations.slice(at, at + stationsPerAsk).join(',');
    const query = new URLSearchParams({ ...ask, stations: named, ...(overdue ? { overdue: 'true' } : {}) });
    parts.push(`/quality/reviews-due?${query.toString()}`);
  }
  return useQueries({
    queries: parts.map((path) => ({
      queryKey: [path],
      queryFn: ({ signal }: { signal: AbortSignal }) => getJson<Many<DueReview>>(path, signal),
      refetchInterval: refreshMs,
      retry,
    })),
    combine: (answers) => ({
      data: answers.every(({ data }) => data !== undefined)
        ? answers.flatMap(({ data }) => data?.results ?? [])
        : undefined,
      error: answers.find(({ error }) => error !== null)?.error ?? null,
      refetch: () => {
        for (const answer of answers) void answer.refetch();
      },
    }),
  });
}

export interface SeriesAsk {
  station: string;
  parameter: string;
  averaging: string;
  provider: string;
  /** Civil times of the region, without offset. */
  from: string;
  to: string;
}

export function seriesPath(ask: SeriesAsk, form: 'columns' | 'csv'): string {
  const query = new URLSearchParams({ ...ask, f: form, limit: '100000' });
  return `/series?${query.toString()}`;
}

/** While only the window moves, the chart keeps what it shows; another series starts empty. */
export function useSeries(ask: SeriesAsk): UseQueryResult<DenseAnswer> {
  const path = seriesPath(ask, 'columns');
  const of = [ask.station, ask.parameter, ask.averaging, ask.provider].join(' ');
  return useQuery({
    queryKey: ['series', of, path],
    queryFn: ({ signal }) => getJson<DenseAnswer>(path, signal),
    refetchInterval: refreshMs,
    retry,
    placeholderData: (before, query) => (query?.queryKey[1] === of ? before : undefined),
  });
}

export function usePast(point: {
  station: string;
  parameter: string;
  averaging: string;
  provider: string;
  time: string;
}): UseQueryResult<Many<Version>> {
  return useLive<Many<Version>>(`/readings/past?${new URLSearchParams(point).toString()}`);
}

export const usePreview = (agreement: string, period: string) =>
  useLive<PreviewAnswer>(
    `/agreements/${encodeURIComponent(agreement)}/preview?period=${period}`,
    agreement !== '' && period !== '',
  );

const ofAgreement = (agreement: string, what: string): string =>
  `/agreements/${encodeURIComponent(agreement)}/${what}`;
const ofStatement = (statement: string, what = ''): string =>
  `/statements/${encodeURIComponent(statement)}${what}`;

export const useStatements = (agreement: string) =>
  usePages<ListedStatement>(ofAgreement(agreement, 'statements?limit=25'));
/** Computed anew from readings: asked for as rarely as facts. */
export const useChangedStatements = (agreement: string) =>
  useFacts<Many<ChangedStatement>>(ofAgreement(agreement, 'changed-statements'));
/** What was issued never changes; what became of it does. */
export const useStatement = (statement: string) => useFacts<One<ShownStatement>>(ofStatement(statement));
export const useStatementWhy = (statement: string) => useFacts<One<ShownWhy>>(ofStatement(statement, '/why'));
export const useStanding = (statement: string) => useLive<One<Standing>>(ofStatement(statement, '/standing'));
export const useArrears = (agreement: string) => useLive<Many<Debt>>(ofAgreement(agreement, 'arrears'));
export const useAccountOf = (agreement: string, of: { party: string; from: string; to: string }) =>
  useLive<One<Account>>(ofAgreement(agreement, `account?${new URLSearchParams(of).toString()}`));
export const useFund = (agreement: string) => useLive<One<Fund>>(ofAgreement(agreement, 'fund'));
export const useReminders = (agreement: string) =>
  useLive<Many<Reminder>>(ofAgreement(agreement, 'reminders'));
export const useNotices = (agreement: string) =>
  usePages<ShownNotice>(ofAgreement(agreement, 'notices?limit=25'));
