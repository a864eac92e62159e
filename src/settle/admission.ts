import { type Circumstance, circumstanceNames } from '../domain/circumstance.ts';
import type { CircumstanceTerms } from '../domain/config/circumstance-terms.ts';
import { editionInForce } from '../domain/config/config.ts';
import type { Text } from '../domain/config/facts.ts';
import type { Agreement } from '../domain/config/region.ts';
import { civilDate } from '../domain/time.ts';
import type { NotAdmitted } from '../domain/preview.ts';
import { type KnownCircumstance, effectTexts } from './circumstances.ts';
import type { Span } from '../domain/civil-period.ts';

/** In what a circumstance is another than what is admitted. A hold waits for a decision: only its kind is known. */
function differing(one: Circumstance, terms: CircumstanceTerms): NotAdmitted['by'] {
  const { kinds, effects, decidedBy } = terms;
  const by: NotAdmitted['by'] = [];
  if (kinds !== undefined && !kinds.includes(one.kind)) by.push('kind');
  if (one.effect === 'hold') return by;
  if (effects !== undefined && !effects.some((effect) => effect === one.effect)) by.push('effect');
  if (decidedBy !== undefined && !decidedBy.includes(one.decidedBy?.trim() ?? '')) by.push('decided-by');
  return by;
}

function textOf(one: Circumstance, by: NotAdmitted['by'], terms: CircumstanceTerms): Text {
  const name = circumstanceNames[one.kind];
  const effect = effectTexts[one.effect];
  const told: Readonly<Record<NotAdmitted['by'][number], Text>> = {
    kind: { zh: `情形“${name.zh}”`, en: `its kind (${name.en})` },
    effect: { zh: `处理方式“${effect.zh}”`, en: `its effect (${effect.en})` },
    'decided-by': { zh: `认定机关“${one.decidedBy ?? ''}”`, en: `who decided (${one.decidedBy ?? ''})` },
  };
  const zh = by.map((what) => told[what].zh).join('、');
  const en = by.map((what) => told[what].en).join(', ');
  return {
    zh: `特殊情形认定 ${one.id} 不计入：${zh}不在本协议认可之列（${terms.clause.zh}）。`,
    en: `Special circumstance ${one.id} does not count: ${en} is not among what the agreement admits (${terms.clause.en}).`,
  };
}

/**
 * Parts what reaches into a period by the agreement's own clause: in force on the first day of a circumstance in the period. An
 * agreement without a clause admits everything. What has no effect anyhow is left where it is, with its own reason.
 */
export function admitted(
  agreement: Pick<Agreement, 'circumstances'>,
  circumstances: readonly KnownCircumstance[],
  at: { period: Span; timeZone: string },
): { admitted: KnownCircumstance[]; notAdmitted: (NotAdmitted & { section: string })[] } {
  const parted: ReturnType<typeof admitted> = { admitted: [], notAdmitted: [] };
  for (const one of circumstances) {
    const date = civilDate(Math.max(one.fromS, at.period.beginS), at.timeZone);
    const terms = editionInForce(agreement.circumstances ?? [], date);
    const by = terms === null || one.effect === 'none' ? [] : differing(one, terms);
    if (terms === null || by.length === 0) {
      parted.admitted.push(one);
      continue;
    }
    const { id, section, kind, effect, decidedBy, documentNumber, acts } = one;
    const { clause, provenance } = terms;
    const text = textOf(one, by, terms);
    const stated = { id, section, kind, effect, decidedBy, documentNumber, acts };
    parted.notAdmitted.push({ ...stated, by, clause, source: provenance.source, text });
  }
  return parted;
}
