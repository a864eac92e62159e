import type { Config } from '../../domain/config/config.ts';
import { qualifiers } from '../../domain/flags.ts';
import { averagings } from '../../domain/time.ts';
import { columns } from './columns.ts';
import type { Manifest, PartitionFacts } from './manifest.ts';

/** What every column, parameter, averaging period and qualifier means, in both languages. */
export function dictionaryOf(config: Config): Record<string, unknown> {
  return {
    columns,
    path: {
      provider: { zh: '数据提供方', en: 'who reports the readings' },
      parameter: { zh: '项目', en: 'what was measured' },
      year: { zh: '年（区域时区）', en: "year, in the region's time zone" },
      month: {
        zh: '月（区域时区，按时段最后一刻）',
        en: "month of the interval's last moment, in the region's time zone",
      },
    },
    parameters: config.parameters.map(({ id, name, unit, decimals }) => ({ id, name, unit, decimals })),
    averagings: Object.values(averagings),
    qualifiers: Object.keys(qualifiers),
  };
}

export function dictionaryText(config: Config): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const parameters = config.parameters.map(
    ({ id, name, unit }) => `| \`${id}\` | ${cell(name.zh)} | ${cell(name.en)} | ${cell(unit ?? '')} |`,
  );
  return [
    '# 数据字典 · Data dictionary',
    '',
    '| 列 column | 类型 type | 含义 | meaning |',
    '| --- | --- | --- | --- |',
    ...columns.map(({ name, type, zh, en }) => `| \`${name}\` | ${type} | ${cell(zh)} | ${cell(en)} |`),
    '',
    '| 项目 parameter | 名称 | name | 单位 unit |',
    '| --- | --- | --- | --- |',
    ...parameters,
    '',
  ].join('\n');
}

const mediaTypes = { csv: 'text/csv', parquet: 'application/vnd.apache.parquet' } as const;

function distributions({ csv, parquet, publishedIso }: PartitionFacts): Record<string, unknown>[] {
  return [csv, parquet].map((file) => ({
    '@type': 'dcat:Distribution',
    'dcat:downloadURL': { '@id': file.path },
    'dcat:mediaType': {
      '@id': `https://www.iana.org/assignments/media-types/${file === csv ? mediaTypes.csv : mediaTypes.parquet}`,
    },
    'dcat:byteSize': file.bytes,
    'dct:modified': publishedIso,
    'spdx:checksum': {
      '@type': 'spdx:Checksum',
      'spdx:algorithm': { '@id': 'spdx:checksumAlgorithm_sha256' },
      'spdx:checksumValue': file.sha256,
    },
  }));
}

/** DCAT 3 as JSON-LD: a data set for each provider, a distribution for each file. */
export function catalogueOf(manifest: Omit<Manifest, 'documents'>): Record<string, unknown> {
  const texts = ({ zh, en }: { zh: string; en: string }) => [
    { '@language': 'zh', '@value': zh },
    { '@language': 'en', '@value': en },
  ];
  const providers = [...new Set(manifest.partitions.map(({ provider }) => provider))];
  return {
    '@context': {
      dcat: 'http://www.w3.org/ns/dcat#',
      dct: 'http://purl.org/dc/terms/',
      spdx: 'http://spdx.org/rdf/terms#',
      xsd: 'http://www.w3.org/2001/XMLSchema#',
    },
    '@type': 'dcat:Catalog',
    'dct:title': texts(manifest.title),
    'dct:description': texts(manifest.notice),
    'dct:modified': manifest.generatedIso,
    'dct:license': manifest.licence,
    'dcat:dataset': providers.map((provider) => {
      const own = manifest.partitions.filter((partition) => partition.provider === provider);
      const sources = manifest.provenance.find((one) => one.provider === provider)?.sources ?? [];
      const months = own.map(({ month }) => month).sort();
      return {
        '@type': 'dcat:Dataset',
        'dct:identifier': provider,
        'dct:title': sources.flatMap(({ name }) => texts(name as { zh: string; en: string })),
        'dct:publisher': sources.flatMap(({ attribution }) =>
          texts(attribution as { zh: string; en: string }),
        ),
        'dct:license': sources.map(({ licence }) => licence),
        'dcat:keyword': [...new Set(own.map(({ parameter }) => parameter))],
        'dct:temporal': {
          '@type': 'dct:PeriodOfTime',
          'dcat:startDate': { '@type': 'xsd:gYearMonth', '@value': months[0] },
          'dcat:endDate': { '@type': 'xsd:gYearMonth', '@value': months.at(-1) },
        },
        'dcat:distribution': own.flatMap(distributions),
      };
    }),
  };
}
