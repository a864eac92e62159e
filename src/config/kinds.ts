import type { TSchema } from 'typebox';
import { AlertPolicy, AlertRuleFile, ContactFile, OnCallFile } from '../domain/config/alerting.ts';
import { OutfallFile } from '../domain/config/basin.ts';
import { NetworkFile } from '../domain/config/network.ts';
import { ChannelFile } from '../domain/config/channels.ts';
import { ParameterFile } from '../domain/config/parameter.ts';
import {
  Agreement,
  AirStationFile,
  FlowStationFile,
  JurisdictionFile,
  Region,
  RiverFile,
  SectionFile,
} from '../domain/config/region.ts';
import { RetentionFile } from '../domain/config/retention.ts';
import { Scheme } from '../domain/config/scheme.ts';
import { SourceFile } from '../domain/config/source.ts';
import { SharingFile } from '../domain/config/sharing.ts';
import { WaterFile } from '../domain/config/waters.ts';
import { standardKinds, type Standards } from '../domain/config/standard.ts';

/** Lists of a configuration, and the region. */
export type Collection =
  | 'regions'
  | 'jurisdictions'
  | 'rivers'
  | 'waters'
  | 'sections'
  | 'airStations'
  | 'flowStations'
  | 'outfalls'
  | 'agreements'
  | 'networks'
  | 'sources'
  | 'sharing'
  | 'channels'
  | 'parameters'
  | 'schemes'
  | 'retention'
  | 'alertRules'
  | 'contacts'
  | 'onCall'
  | 'alertPolicies'
  | keyof Standards;

/**
 * One kind of file. `list`: the key under which its entries stand, null where the file itself is the entry.
 * `key` is what names an entry among its siblings.
 */
export interface Kind {
  kind: string;
  folder: 'parameters' | 'standards' | 'schemes' | 'regions';
  schema: TSchema;
  list: string | null;
  collection: Collection;
  key: 'id' | 'code';
}

/** Every kind that exists: `kind` at the head of a file names one of these. */
export const kinds: readonly Kind[] = [
  {
    kind: 'parameters',
    folder: 'parameters',
    schema: ParameterFile,
    list: 'parameters',
    collection: 'parameters',
    key: 'id',
  },
  ...Object.entries(standardKinds).map(([kind, { schema, into }]): Kind => {
    return { kind, folder: 'standards', schema, list: null, collection: into, key: 'id' };
  }),
  { kind: 'scheme', folder: 'schemes', schema: Scheme, list: null, collection: 'schemes', key: 'id' },
  { kind: 'region', folder: 'regions', schema: Region, list: null, collection: 'regions', key: 'id' },
  {
    kind: 'jurisdictions',
    folder: 'regions',
    schema: JurisdictionFile,
    list: 'jurisdictions',
    collection: 'jurisdictions',
    key: 'code',
  },
  { kind: 'waters', folder: 'regions', schema: WaterFile, list: 'waters', collection: 'waters', key: 'id' },
  { kind: 'rivers', folder: 'regions', schema: RiverFile, list: 'rivers', collection: 'rivers', key: 'id' },
  {
    kind: 'sections',
    folder: 'regions',
    schema: SectionFile,
    list: 'sections',
    collection: 'sections',
    key: 'id',
  },
  {
    kind: 'air-stations',
    folder: 'regions',
    schema: AirStationFile,
    list: 'airStations',
    collection: 'airStations',
    key: 'id',
  },
  {
    kind: 'flow-stations',
    folder: 'regions',
    schema: FlowStationFile,
    list: 'flowStations',
    collection: 'flowStations',
    key: 'id',
  },
  {
    kind: 'outfalls',
    folder: 'regions',
    schema: OutfallFile,
    list: 'outfalls',
    collection: 'outfalls',
    key: 'id',
  },
  {
    kind: 'agreement',
    folder: 'regions',
    schema: Agreement,
    list: null,
    collection: 'agreements',
    key: 'id',
  },
  {
    kind: 'networks',
    folder: 'regions',
    schema: NetworkFile,
    list: 'networks',
    collection: 'networks',
    key: 'id',
  },
  {
    kind: 'sources',
    folder: 'regions',
    schema: SourceFile,
    list: 'sources',
    collection: 'sources',
    key: 'id',
  },
  {
    kind: 'sharing',
    folder: 'regions',
    schema: SharingFile,
    list: 'rules',
    collection: 'sharing',
    key: 'id',
  },
  {
    kind: 'channels',
    folder: 'regions',
    schema: ChannelFile,
    list: 'channels',
    collection: 'channels',
    key: 'id',
  },
  {
    kind: 'retention',
    folder: 'regions',
    schema: RetentionFile,
    list: 'retention',
    collection: 'retention',
    key: 'id',
  },
  {
    kind: 'alert-rules',
    folder: 'regions',
    schema: AlertRuleFile,
    list: 'rules',
    collection: 'alertRules',
    key: 'id',
  },
  {
    kind: 'contacts',
    folder: 'regions',
    schema: ContactFile,
    list: 'contacts',
    collection: 'contacts',
    key: 'id',
  },
  {
    kind: 'on-call',
    folder: 'regions',
    schema: OnCallFile,
    list: 'calendars',
    collection: 'onCall',
    key: 'id',
  },
  {
    kind: 'alert-policy',
    folder: 'regions',
    schema: AlertPolicy,
    list: null,
    collection: 'alertPolicies',
    key: 'id',
  },
];

export const collections: readonly Collection[] = [...new Set(kinds.map((kind) => kind.collection))];

/** Lists of dated editions, one a kind of standard. */
export const standardLists: readonly (keyof Standards)[] = Object.values(standardKinds).map(
  ({ into }) => into,
);
