import type { Agreement, Procedure } from '../domain/config/region.ts';

/** What holds where an agreement says nothing. A project default, printed as one. */
export const defaultProcedure: Procedure = {
  signatures: ['data', 'funds'],
  dueDays: 30,
  objectionDays: 15,
  answerDays: 15,
  mediationDays: 30,
  provenance: {
    source: 'project default; the agreement states no procedure',
    confidence: 'project-default',
  },
};

export const procedureOf = (agreement: Pick<Agreement, 'procedure'>): Procedure =>
  agreement.procedure ?? defaultProcedure;
