import type { Language } from '../../analysis/liability/phrases.ts';
import { headOf, type PrintedBundle, tablesOf } from './content.ts';
import type { Table } from './table.ts';
import { wordOf } from './terms.ts';

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => escapes[one]!);

const style = `
@page { size: A4; margin: 18mm 14mm; }
body { font: 10.5pt/1.5 "Noto Serif SC", "Songti SC", SimSun, serif; color: #000; background: #fff; max-width: 190mm; margin: 0 auto; padding: 1em; }
h1 { font-size: 16pt; text-align: center; } h2 { font-size: 12pt; margin: 1.2em 0 .4em; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #444; padding: 2px 5px; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { overflow-wrap: normal; word-break: keep-all; } .head td:last-child { overflow-wrap: anywhere; } .plain { font-size: 9pt; }
.long { font-size: 8.5pt; table-layout: fixed; } .long td { overflow-wrap: anywhere; } .long th:nth-child(1) { width: 20%; } .long th:nth-child(2) { width: 40%; } .long th:nth-child(4) { width: 14%; } .long small { color: #333; }
thead { display: table-header-group; } tr { break-inside: avoid; }
.marking { border: 2px solid #000; padding: .4em .8em; font-weight: bold; } .seal td { height: 3.2em; } .note { font-size: 9pt; }
`;

/** Whether two rows say the same up to a column. */
const alike = (one: readonly string[], other: readonly string[], column: number): boolean =>
  one.slice(0, column + 1).every((cell, at) => cell === other[at]);

function tableHtml({ title, head, rows, shared = 0 }: Table, kind = ''): string {
  const top =
    head.length === 0
      ? ''
      : `<thead><tr>${head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr></thead>`;
  const body = rows
    .map((row, at) => {
      const own = row.map((cell, column) => {
        if (column >= shared) return `<td>${escaped(cell)}</td>`;
        if (at > 0 && alike(rows[at - 1]!, row, column)) return '';
        const end = rows.findIndex((other, later) => later > at && !alike(other, row, column));
        return `<td rowspan="${(end < 0 ? rows.length : end) - at}">${escaped(cell)}</td>`;
      });
      return `<tr>${own.join('')}</tr>`;
    })
    .join('');
  return `<h2>${escaped(title)}</h2><table${kind}>${top}<tbody>${body}</tbody></table>`;
}

/** How it was computed: a section over its steps; beside each the rule with its formula and source, what was read, what came of it. */
function whyHtml({ title, head, rows }: Table, language: Language): string {
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${text}</${tag}>`).join('')}</tr>`;
  const [, step = '', rule = '', formula = '', inputs = '', result = '', source = ''] = head.map(escaped);
  const sections = [...Map.groupBy(rows, ([section]) => section ?? '')].map(([section, own]) => {
    const steps = own.map((row) => {
      const [, name = '', said = '', computed = '', read = '', value = '', from = ''] = row.map(escaped);
      const told = `${said}<br>${computed}<br><small>${source}${language === 'zh' ? '：' : ': '}${from}</small>`;
      return cells('td', [name, told, read, value]);
    });
    return `<tr><th colspan="4">${escaped(section)}</th></tr>${steps.join('')}`;
  });
  const top = cells('th', [step, `${rule} · ${formula} · ${source}`, inputs, result]);
  return `<h2>${escaped(title)}</h2><table class="long"><thead>${top}</thead><tbody>${sections.join('')}</tbody></table>`;
}

/** A statement as one page to print or keep: no script, nothing from elsewhere. What must be known first stands first. */
export function statementPage(bundle: PrintedBundle, language: Language, timeZone: string): string {
  const { statement } = bundle;
  const head = headOf(bundle, language, timeZone);
  const tables = tablesOf(bundle, language, timeZone);
  const markings = statement.markings.map((one) => `<p class="marking">${escaped(one[language])}</p>`);
  const remarks = statement.remarks.map((one) => `<li>${escaped(one[language])}</li>`);
  return [
    `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">`,
    `<title>${escaped(head.title)}</title><style>${style}</style></head><body>`,
    `<h1>${escaped(wordOf('title', language))}</h1>`,
    ...markings,
    tableHtml({ ...head, title: statement.id }, ' class="head"'),
    ...tables.map((one, at) => {
      if (at === tables.length - 2) return whyHtml(one, language);
      return tableHtml(one, at === tables.length - 1 ? ' class="seal"' : ' class="plain"');
    }),
    `<h2>${escaped(wordOf('remarks', language))}</h2><ul>${remarks.join('')}</ul>`,
    `<p class="note">${escaped(wordOf('verify', language))}</p></body></html>\n`,
  ].join('\n');
}
