/** How a station looks on the map and in lists. Shape and text carry the grade, colour only repeats it. */
export interface Symbol {
  kind: 'water' | 'air';
  /** Null: no verdict. */
  grade: number | null;
  colour: string;
  /** Roman class or index. */
  text: string;
  over: boolean;
  faded: boolean;
  /** The place is only schematic. */
  approximate: boolean;
}

export const neutral = '#8794a3';
const ink = '#14202c';
const alarm = '#b3121d';

function polygon(corners: number, turn: number, radius: number): string {
  const points = Array.from({ length: corners }, (_none, at) => {
    const angle = turn + (at * 2 * Math.PI) / corners;
    return `${(14 + radius * Math.cos(angle)).toFixed(2)},${(14 + radius * Math.sin(angle)).toFixed(2)}`;
  });
  return `<polygon points="${points.join(' ')}"`;
}

const up = -Math.PI / 2;

/** One shape a class, so that they differ without colour and in print. */
const shapes: Record<number, (radius: number) => string> = {
  1: (radius) => `<circle cx="14" cy="14" r="${radius - 0.5}"`,
  2: (radius) => polygon(4, Math.PI / 4, radius + 1),
  3: (radius) => polygon(4, up, radius + 1.5),
  4: (radius) => polygon(3, up, radius + 2.5),
  5: (radius) => polygon(5, up, radius + 0.5),
  6: (radius) => polygon(8, Math.PI / 8, radius + 0.5),
};
const noShape = (radius: number): string => `<circle cx="14" cy="14" r="${radius - 4}"`;

/** Dark or white, whichever stands out more on the colour (WCAG relative luminance). */
export function inkOn(colour: string): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((part) =>
    part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 ? ink : '#ffffff';
}

function waterSvg({ grade, colour, text, over, faded, approximate }: Symbol): string {
  const shape = grade === null ? noShape : (shapes[grade] ?? noShape);
  const ring = over
    ? `<circle cx="14" cy="14" r="12.6" fill="#fff" stroke="${alarm}" stroke-width="2"/>`
    : '';
  const dashes = approximate ? ' stroke-dasharray="2.4 1.8"' : '';
  const fill = grade === null ? '#ffffff' : colour;
  const edge = grade === null ? neutral : ink;
  const body = `${shape(over ? 8.6 : 9.5)} fill="${fill}" stroke="${edge}" stroke-width="1.3" stroke-linejoin="round"${dashes}/>`;
  const y = grade === 4 ? 18.2 : 17.2;
  const label = `<text x="14" y="${y}" text-anchor="middle" font-size="9" font-weight="700" font-family="sans-serif" fill="${inkOn(colour)}">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28" viewBox="0 0 28 28"><g opacity="${faded ? 0.5 : 1}">${ring}${body}${grade === null ? '' : label}</g></svg>`;
}

function airSvg({ grade, colour, text, over, faded }: Symbol): string {
  const fill = grade === null ? '#ffffff' : colour;
  const edge = over ? alarm : grade === null ? neutral : ink;
  const label = `<text x="17" y="15.6" text-anchor="middle" font-size="11.5" font-weight="700" font-family="sans-serif" fill="${grade === null ? ink : inkOn(colour)}">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="34" height="23" viewBox="0 0 34 23"><g opacity="${faded ? 0.55 : 1}"><rect x="1.5" y="1.5" width="31" height="20" rx="5" fill="${fill}" stroke="${edge}" stroke-width="${over ? 2 : 1.2}"/>${label}</g></svg>`;
}

/** A data address that map and page can both show. */
export function symbolAddress(symbol: Symbol): string {
  const svg = symbol.kind === 'water' ? waterSvg(symbol) : airSvg(symbol);
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}
