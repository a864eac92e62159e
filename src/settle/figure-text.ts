import type { SchemeFigure } from '../domain/config/scheme.ts';
import { plainText } from '../domain/plain-text.ts';

/** A figure of a scheme with its unit. */
export const figureText = ({ value, unit }: SchemeFigure): string =>
  `${plainText(value)}${unit === null ? '' : ` ${unit}`}`;
