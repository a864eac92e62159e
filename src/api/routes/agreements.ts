import { Type, type Static } from 'typebox';
import type { Config } from '../../domain/config/config.ts';
import { Agreement } from '../../domain/config/region.ts';
import { Scheme } from '../../domain/config/scheme.ts';
import { MonitorError } from '../../domain/errors.ts';
import { requireAccess } from '../auth/authentication.ts';
import type { ApiDeps } from '../deps.ts';
import { PeriodBody } from '../auth/settlement-access.ts';
import type { Api } from '../http/fastify-types.ts';
import { metaOf } from '../http/negotiation.ts';
import { answers, IdInput, many, Meta, strict, TextPair } from '../http/schemas.ts';

/** What every trial figure is marked with, on screen, in print and here. */
const trialMarking = { zh: '试算', en: 'trial calculation, not a statement' };

/** `period`: what the scheme settles. `reporting`: every section is known to the agreement's data provider, so that a preview has something to compute on. */
const AgreementAnswer = Type.Object({
  ...Agreement.properties,
  period: Scheme.properties.period,
  reporting: Type.Boolean(),
});

function isReporting(agreement: Agreement, config: Config): boolean {
  const { provider } = agreement.dataSource;
  return agreement.sections.every((entry) =>
    config.sections
      .find((section) => section.id === entry.section)
      ?.aliases.some((alias) => alias.provider === provider),
  );
}

function answerOf(agreement: Agreement, config: Config): Static<typeof AgreementAnswer> {
  const scheme = config.schemes.find((candidate) => candidate.id === agreement.scheme);
  return { ...agreement, period: scheme?.period ?? 'month', reporting: isReporting(agreement, config) };
}

const PreviewAnswer = Type.Object({
  meta: Meta,
  marking: TextPair,
  agreement: Type.String(),
  period: Type.String(),
  scenario: Type.Boolean(),
  result: Type.Record(Type.String(), Type.Unknown()),
});

/** Agreements, and what they would come to. */
export function agreementRoutes(app: Api, deps: ApiDeps): void {
  const tags = ['agreements'];
  app.get(
    '/agreements',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'agreements and scenarios',
        response: answers({ 200: many(AgreementAnswer) }),
      },
    },
    () => ({
      meta: metaOf(deps),
      results: deps.config().agreements.map((agreement) => answerOf(agreement, deps.config())),
    }),
  );

  const params = Type.Object({ id: IdInput }, strict);
  const querystring = Type.Object({ period: PeriodBody }, strict);
  const schema = {
    tags,
    summary: 'trial calculation of one period (试算)',
    params,
    querystring,
    response: answers({ 200: PreviewAnswer }, 'forbidden', 'notFound'),
  };
  app.get(
    '/agreements/:id/preview',
    { config: { tier: 'partner', decidedByRow: true }, schema },
    async (request) => {
      const config = deps.config();
      const agreement = config.agreements.find((candidate) => candidate.id === request.params.id);
      const jurisdictions =
        agreement === undefined ? [] : [agreement.parties.protecting, agreement.parties.benefiting];
      requireAccess(request.actor, { tier: 'partner', jurisdictions, synthetic: deps.synthetic });
      if (agreement === undefined) {
        throw new MonitorError('E_NOT_FOUND', `no such agreement: ${request.params.id}`, {
          details: { id: request.params.id },
        });
      }
      if (deps.preview === null)
        throw new MonitorError('E_NOT_READY', 'this process computes no settlements');
      const { period } = request.query;
      const result = await deps.preview({ agreement, period, config });
      return {
        meta: metaOf(deps),
        marking: trialMarking,
        agreement: agreement.id,
        period,
        scenario: agreement.scenario,
        result,
      };
    },
  );
}
