import type { Config } from './config/config.ts';
import type { Grant, SharedProduct, SharedStage, SharedTier, SharingRule } from './config/sharing.ts';
import type { EpochS } from './time.ts';

/** A publication (信息发布): asked for by one person, decided by another; from then on the product is open to a wider circle. */
export interface Publication {
  id: string;
  product: SharedProduct;
  /** What it opens; null: whatever it is. */
  provider: string | null;
  medium: 'water' | 'air' | 'flow' | null;
  locatedIn: string | null;
  stage: SharedStage | null;
  tier: Exclude<SharedTier, 'owner' | 'office'>;
  delaySeconds: number;
  /** Civil dates, both inclusive; null: until it is withdrawn. */
  from: string;
  to: string | null;
  /** Number or name of the document that it rests on. */
  document: string;
}

export type PublicationState = 'asked' | 'in-force' | 'refused' | 'withdrawn';

export interface StoredPublication extends Publication {
  state: PublicationState;
  askedBy: string;
  askedS: EpochS;
  decidedBy: string | null;
  decidedS: EpochS | null;
  reason: string | null;
}

export type PublicationActKind = 'ask-publication' | 'decide-publication' | 'withdraw-publication';

export interface PublicationStore {
  /** Newest first. */
  list(query: { state?: PublicationState }): Promise<StoredPublication[]>;
}

/** What is asked about: one series or all that is judged of one station, in one stage. */
export interface SharedThing {
  product: SharedProduct;
  provider: string;
  medium: 'water' | 'air' | 'flow';
  /** The station's jurisdiction and those above it, nearest first; empty where it is not known. */
  locatedIn: readonly string[];
  /** Null: every parameter of the station. */
  parameter: string | null;
  stage: SharedStage;
}

/** A jurisdiction and those above it, nearest first. */
export function withSuperiors(
  jurisdictions: Config['jurisdictions'],
  code: string | null,
): readonly string[] {
  const above: string[] = [];
  for (let at = code; at !== null && !above.includes(at);) {
    above.push(at);
    at = jurisdictions.find((candidate) => candidate.code === at)?.parent ?? null;
  }
  return above;
}

function fits(
  rule: Omit<Partial<SharingRule>, 'provenance' | 'grants' | 'id'>,
  thing: SharedThing,
  day: string,
): boolean {
  return (
    rule.product === thing.product &&
    (rule.provider ?? thing.provider) === thing.provider &&
    (rule.medium ?? thing.medium) === thing.medium &&
    (rule.stage ?? thing.stage) === thing.stage &&
    (rule.from ?? day) <= day &&
    day <= (rule.to ?? day) &&
    (rule.locatedIn === undefined || rule.locatedIn.some((code) => thing.locatedIn.includes(code))) &&
    (rule.parameters === undefined || (thing.parameter !== null && rule.parameters.includes(thing.parameter)))
  );
}

/**
 * Who may see a thing on a civil day: the grants of the first rule that fits, and of every publication in force that fits.
 * Empty: nobody but its owner and the joint office.
 */
export function grantsOn(
  day: string,
  thing: SharedThing,
  facts: { rules: readonly SharingRule[]; publications: readonly StoredPublication[] },
): Grant[] {
  const ruled = facts.rules.find((rule) => fits(rule, thing, day))?.grants ?? [];
  const published = facts.publications.flatMap((publication): Grant[] => {
    const { product, from, tier, delaySeconds } = publication;
    const narrowed = {
      product,
      from,
      ...(publication.provider === null ? {} : { provider: publication.provider }),
      ...(publication.medium === null ? {} : { medium: publication.medium }),
      ...(publication.locatedIn === null ? {} : { locatedIn: [publication.locatedIn] }),
      ...(publication.stage === null ? {} : { stage: publication.stage }),
      ...(publication.to === null ? {} : { to: publication.to }),
    };
    if (publication.state !== 'in-force' || !fits(narrowed, thing, day)) return [];
    return [{ tier, delaySeconds }];
  });
  return [...ruled, ...published];
}
