import type { Actor } from '../../domain/ports.ts';

/** Who may read or do a thing, from the widest circle to the narrowest. Every route declares one in its config. */
export const tiers = ['public', 'partner', 'owner', 'office', 'administrator'] as const;
export type Tier = (typeof tiers)[number];

/** What is asked for. `jurisdictions`: parties of the agreement (partner) or owners (owner); absent where nobody in particular is meant. */
export interface Resource {
  tier: Tier;
  jurisdictions?: readonly string[];
  /** Invented data has no owner to protect: what partners may read, anyone may. Never widens owner, office or administrator. */
  synthetic?: boolean;
}

export type Decision =
  | { allow: true }
  | {
      allow: false;
      reason: 'NOT_SIGNED_IN' | 'NOT_A_PARTY' | 'NOT_THE_OWNER' | 'NOT_THE_OFFICE' | 'NOT_AN_ADMINISTRATOR';
    };

const allow: Decision = { allow: true };

/**
 * The one decision of access, for every route and every row. An administrator may do everything; the joint office everything
 * but administration; a bureau what its jurisdiction is party to (partner) or owns (owner).
 */
export function decide(actor: Actor | null, resource: Resource): Decision {
  if (resource.tier === 'public') return allow;
  if (resource.tier === 'partner' && resource.synthetic === true) return allow;
  if (actor === null) return { allow: false, reason: 'NOT_SIGNED_IN' };
  if (actor.role === 'administrator') return allow;
  if (resource.tier === 'administrator') return { allow: false, reason: 'NOT_AN_ADMINISTRATOR' };
  if (actor.role === 'joint-office') return allow;
  if (resource.tier === 'office') return { allow: false, reason: 'NOT_THE_OFFICE' };
  const named = resource.jurisdictions;
  const own = actor.jurisdiction !== null && (named === undefined || named.includes(actor.jurisdiction));
  if (own) return allow;
  return { allow: false, reason: resource.tier === 'owner' ? 'NOT_THE_OWNER' : 'NOT_A_PARTY' };
}
