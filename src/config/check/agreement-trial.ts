import { type SectionCase, caseDocument } from '../../analysis/liability/case-document.ts';
import { schemeFaults } from '../../analysis/liability/check.ts';
import { evaluateScheme } from '../../analysis/liability/evaluate.ts';
import { type ConfigFault, editionInForce } from '../../domain/config/config.ts';
import type { Agreement, Section } from '../../domain/config/region.ts';
import type { Scheme } from '../../domain/config/scheme.ts';
import { MonitorError } from '../../domain/errors.ts';
import type { Draft } from '../draft.ts';

/** A section on its target, every item measured as 1: whatever still keeps a rule from a result is missing from the agreement. */
function onTarget(scheme: Scheme, agreement: Agreement, section: Section): SectionCase {
  const { target } = agreement.sections.find((one) => one.section === section.id)!;
  const ones = new Map(scheme.parameters.map(({ parameter }) => [parameter, '1']));
  return {
    targetClass: target,
    bodyType: section.bodyType?.value ?? null,
    means: ones,
    periodClass: target,
    ...(agreement.flow === undefined ? {} : { flow: { volumeM3: '1', tonnes: ones } }),
  };
}

/** Why a scheme has no result at a section with everything measured; null where it has one. */
function reasonAt(draft: Draft, agreement: Agreement, scheme: Scheme, section: Section): string | null {
  const standards = draft.waterStandards.filter(
    (one) => draft.region?.standards.water.includes(one.id) === true,
  );
  const standard = editionInForce(standards, agreement.term.to);
  if (standard === null) return null;
  const period = agreement.given?.find((one) => one.period !== undefined)?.period ?? '';
  const facts = { standard, agreement, period, section: section.id };
  try {
    const document = caseDocument(scheme, onTarget(scheme, agreement, section), facts);
    const { status, reason } = evaluateScheme(scheme, document, draft);
    return status === 'not-assessable' ? (reason?.text.en ?? status) : null;
  } catch (cause) {
    if (!(cause instanceof MonitorError)) throw cause;
    return cause.message;
  }
}

/**
 * Schemes that do not fit an agreement between two sides over sections: money between others than the sides, and rules that read nothing
 * of a section, which would pay the same once for each.
 */
export function unfitScheme(draft: Draft, agreement: Agreement): ConfigFault[] {
  const scheme = draft.schemes.find((one) => one.id === agreement.scheme);
  if (scheme === undefined) return [];
  const fault = (message: string, expected: string): ConfigFault =>
    draft.fault(agreement, ['scheme'], { message, expected });
  const sides = new Set(scheme.parties.map(({ side }) => side));
  const pays =
    !scheme.method && scheme.steps.some((step) => 'pay' in step || 'net' in step || 'pool' in step);
  const reads = scheme.inputs.some(
    ({ name, binds }) =>
      binds !== undefined ||
      agreement.given?.some((one) => one.input === name && one.section !== undefined) === true,
  );
  const faults: ConfigFault[] = [];
  if (pays && !sides.has('protecting') && !sides.has('benefiting'))
    faults.push(
      fault(
        `the money of scheme ${scheme.id} is between others: no role of it is a side of an agreement`,
        'a scheme of which a party has a side',
      ),
    );
  if (pays && !reads && agreement.sections.length > 1)
    faults.push(
      fault(
        `scheme ${scheme.id} reads nothing of a section: it would be paid ${agreement.sections.length} times, once for each`,
        'one section, or inputs stated by section',
      ),
    );
  return faults;
}

/**
 * Agreements whose scheme can never have a result, whatever is measured: baselines, stakes or entries of them that are missing, weights
 * that do not add up, a value that is no number. Found by computing the rule once at each section; one fault for each reason.
 */
export function missingTerms(draft: Draft, agreement: Agreement): ConfigFault[] {
  const scheme = draft.schemes.find((one) => one.id === agreement.scheme);
  if (scheme === undefined || schemeFaults(scheme).length > 0) return [];
  const reasons = agreement.sections.flatMap(({ section: id }) => {
    const section = draft.sections.find((one) => one.id === id);
    const reason = section === undefined ? null : reasonAt(draft, agreement, scheme, section);
    return reason === null ? [] : [{ id, reason }];
  });
  return [...Map.groupBy(reasons, ({ reason }) => reason)].map(([reason, at]) => {
    const where = at.length === agreement.sections.length ? '' : ` at ${at.map(({ id }) => id).join(', ')}`;
    const message = `scheme ${scheme.id} has no result${where} even where everything is measured: ${reason}`;
    const path = agreement.given === undefined ? ['scheme'] : ['given'];
    return draft.fault(agreement, path, { message, expected: 'what the scheme asks for, under given' });
  });
}
