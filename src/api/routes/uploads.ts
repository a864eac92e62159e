import { Type } from 'typebox';
import { MonitorError } from '../../domain/errors.ts';
import type { DecidedUpload, SheetPreview } from '../../domain/uploads.ts';
import { actorOf } from '../auth/authentication.ts';
import type { ApiDeps, UploadService } from '../deps.ts';
import { Reason } from '../http/act-shapes.ts';
import type { Api } from '../http/fastify-types.ts';
import { isoTimes } from '../http/iso-times.ts';
import { metaOf } from '../http/negotiation.ts';
import { pageOf } from '../http/paging.ts';
import {
  answers,
  IdInput,
  Instant,
  many,
  NullableText,
  one,
  oneOf,
  paging,
  represented,
  strict,
} from '../http/schemas.ts';

const tags = ['uploads'];
const MIB = 1024 * 1024;
/** Whatever a source allows; the desk holds each to its own bound. */
const MOST_BYTES = 64 * MIB;

const IssueShape = Type.Object({
  code: Type.String(),
  path: Type.String({ description: 'cell or row, as a spreadsheet program shows it' }),
  message: Type.String(),
  source: Type.Object({ id: Type.String(), record: Type.String() }),
});

const NullableNumber = Type.Union([Type.Number(), Type.Null()]);

const PreviewShape = Type.Object({
  kind: Type.String(),
  format: Type.String(),
  encoding: NullableText,
  sheets: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      columns: Type.Array(
        Type.Object({
          address: Type.String(),
          text: Type.String(),
          role: Type.String(),
          parameter: NullableText,
          unit: NullableText,
          unitStated: Type.Boolean(),
        }),
      ),
    }),
  ),
  rows: Type.Array(
    Type.Object({
      row: Type.String({ description: 'names the row when it is accepted' }),
      section: Type.String(),
      station: NullableText,
      time: NullableText,
      status: Type.String(),
      reviewed: Type.Boolean(),
      cells: Type.Array(
        Type.Object({
          address: Type.String(),
          text: Type.String(),
          parameter: Type.String(),
          value: NullableNumber,
          mark: Type.String(),
        }),
      ),
      issues: Type.Array(IssueShape),
    }),
  ),
  issues: Type.Array(IssueShape),
  cells: Type.Record(Type.String(), Type.Integer()),
});

const RowsShape = Type.Unsafe<'all' | string[]>({
  anyOf: [
    { type: 'string', enum: ['all'] },
    { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 20_000 },
  ],
});

const UploadShape = Type.Object({
  id: Type.String(),
  entry: Type.Integer({ description: 'journal entry with the bytes' }),
  source: Type.String(),
  sha256: Type.String(),
  name: Type.String(),
  month: NullableText,
  bytes: Type.Integer(),
  actor: Type.String(),
  at: Instant,
  decisions: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      decision: Type.String(),
      rows: RowsShape,
      reason: NullableText,
      actor: Type.String(),
      at: Instant,
    }),
  ),
});

const ShownShape = Type.Object({ upload: UploadShape, preview: PreviewShape });

function uploadShape({ atS, decisions, ...upload }: DecidedUpload, iso: (atS: number) => string) {
  return {
    ...upload,
    at: iso(atS),
    decisions: decisions.map(({ atS: decidedS, rows, ...one }) => ({
      ...one,
      rows: rows === 'all' ? rows : [...rows],
      at: iso(decidedS),
    })),
  };
}

const previewShape = ({ cells, ...preview }: SheetPreview) => ({ ...preview, cells: { ...cells } });

function serviceOf(deps: ApiDeps): UploadService {
  if (deps.uploads === undefined || deps.uploads === null)
    throw new MonitorError('E_NOT_READY', 'this process takes no files');
  return deps.uploads;
}

function handInRoutes(app: Api, deps: ApiDeps): void {
  const iso = (atS: number) => isoTimes(deps.config().region.timeZone)(atS);
  const params = Type.Object({ id: IdInput }, strict);
  app.post(
    '/sources/:id/uploads',
    {
      config: { tier: 'office' },
      bodyLimit: MOST_BYTES,
      schema: {
        tags,
        summary:
          'hand in a file as the request body (CSV or XLSX): journaled, and shown as understood; not yet accepted',
        params,
        querystring: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f/\\\\]+$' }),
            month: Type.Optional(
              Type.String({ pattern: '^\\d{4}-\\d{2}$', description: 'of rows that state none' }),
            ),
          },
          strict,
        ),
        response: answers({ 201: one(ShownShape) }, 'forbidden', 'notFound'),
      },
    },
    async (request, reply) => {
      const { name, month = null } = request.query;
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const actor = actorOf(request);
      const { upload, preview } = await serviceOf(deps).receive(
        request.params.id,
        { name, bytes, month },
        actor,
      );
      const result = { upload: uploadShape(upload, iso), preview: previewShape(preview) };
      return reply.code(201).send({ meta: metaOf(deps), result });
    },
  );
}

/** Empty sheets to fill in. */
function templateRoute(app: Api, deps: ApiDeps): void {
  const params = Type.Object({ id: IdInput }, strict);
  const types = {
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    csv: 'text/csv; charset=utf-8',
  } as const;
  app.get(
    '/sources/:id/template',
    {
      config: { tier: 'public' },
      schema: {
        tags,
        summary: 'an empty sheet of this source to fill in',
        params,
        querystring: Type.Object(
          {
            f: Type.Optional(oneOf(['xlsx', 'csv'] as const)),
            language: Type.Optional(oneOf(['zh', 'en'] as const)),
          },
          strict,
        ),
        response: answers(
          {
            200: represented('the sheet as a file', {
              [types.xlsx]: Type.String(),
              'text/csv': Type.String(),
            }),
          },
          'notFound',
        ),
      },
    },
    async (request, reply) => {
      const { f: format = 'xlsx', language = 'zh' } = request.query;
      const bytes = await serviceOf(deps).template(request.params.id, { format, language });
      return reply
        .type(types[format])
        .header('content-disposition', `attachment; filename="${request.params.id}.${language}.${format}"`)
        .send(Buffer.from(bytes));
    },
  );
}

function lookRoutes(app: Api, deps: ApiDeps): void {
  const iso = (atS: number) => isoTimes(deps.config().region.timeZone)(atS);
  app.get(
    '/uploads',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'files that were handed in and what was decided about them, newest first',
        querystring: Type.Object({ source: Type.Optional(IdInput), ...paging(500, 50) }, strict),
        response: answers({ 200: many(UploadShape) }, 'forbidden'),
      },
    },
    async (request, reply) => {
      const { store } = serviceOf(deps);
      const { rows, next } = await pageOf(request, reply, {
        key: { entry: 'number' },
        read: (page) => store.uploads({ ...request.query, ...page }),
      });
      return { meta: metaOf(deps, next), results: rows.map((upload) => uploadShape(upload, iso)) };
    },
  );
  app.get(
    '/uploads/:id',
    {
      config: { tier: 'owner' },
      schema: {
        tags,
        summary: 'one file as it is understood now',
        params: Type.Object({ id: IdInput }, strict),
        response: answers({ 200: one(ShownShape) }, 'forbidden', 'notFound'),
      },
    },
    async (request) => {
      const { upload, preview } = await serviceOf(deps).show(request.params.id);
      return {
        meta: metaOf(deps),
        result: { upload: uploadShape(upload, iso), preview: previewShape(preview) },
      };
    },
  );
}

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'of the content that was looked at' });

function decideRoutes(app: Api, deps: ApiDeps): void {
  const params = Type.Object({ id: IdInput }, strict);
  app.post(
    '/uploads/:id/acceptances',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'take a file into the readings, wholly or by row',
        params,
        body: Type.Object({ sha256: Sha256, rows: RowsShape, reason: Type.Optional(Reason) }, strict),
        response: answers(
          {
            201: one(
              Type.Object({
                status: Type.String(),
                cells: Type.Record(Type.String(), Type.Integer()),
                issues: Type.Record(Type.String(), Type.Integer()),
              }),
            ),
          },
          'forbidden',
          'notFound',
          'conflict',
        ),
      },
    },
    async (request, reply) => {
      const { sha256, rows, reason = null } = request.body;
      const actor = actorOf(request);
      const report = await serviceOf(deps).accept({ upload: request.params.id, sha256, rows, reason, actor });
      const issues = Object.fromEntries(
        Object.entries(report.issues).map(([code, count]) => [code, count ?? 0]),
      );
      const result = { status: report.status, cells: { ...report.cells }, issues };
      return reply.code(201).send({ meta: metaOf(deps), result });
    },
  );
  app.post(
    '/uploads/:id/refusal',
    {
      config: { tier: 'office' },
      schema: {
        tags,
        summary: 'close a file without taking anything of it',
        params,
        body: Type.Object({ sha256: Sha256, reason: Reason }, strict),
        response: answers(
          { 201: one(Type.Object({ seq: Type.Integer() })) },
          'forbidden',
          'notFound',
          'conflict',
        ),
      },
    },
    async (request, reply) => {
      const { sha256, reason } = request.body;
      const actor = actorOf(request);
      const seq = await serviceOf(deps).refuse({ upload: request.params.id, sha256, reason, actor });
      return reply.code(201).send({ meta: metaOf(deps), result: { seq } });
    },
  );
}

/** Files that people hand in. Their bodies are whatever they are, so these routes have a scope and a body parser of their own. */
export function uploadRoutes(app: Api, deps: ApiDeps): void {
  templateRoute(app, deps);
  lookRoutes(app, deps);
  decideRoutes(app, deps);
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    handInRoutes(scope, deps);
  });
}
