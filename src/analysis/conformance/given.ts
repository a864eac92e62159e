import type { BodyType } from '../../domain/config/region.ts';
import { Decimal } from '../../domain/decimal.ts';

/** Thrown while reading a case; the case then counts as failed, with this as the reason. */
export class CaseFault extends Error {}

/** Reads the fields of a case; every reader throws {@link CaseFault} for a field of another shape. */
export class Given {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(document: unknown) {
    if (document === null || typeof document !== 'object' || Array.isArray(document)) {
      throw new CaseFault('the case has no input object');
    }
    this.#fields = new Map(Object.entries(document));
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  #fail(name: string, expected: string): never {
    throw new CaseFault(
      `input "${name}": ${JSON.stringify(this.#fields.get(name)) ?? 'absent'} (expected ${expected})`,
    );
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    return typeof value === 'string' ? value : this.#fail(name, 'a text');
  }

  number(name: string): number {
    const value = this.#fields.get(name);
    return typeof value === 'number' ? value : this.#fail(name, 'a number');
  }

  flag(name: string): boolean {
    const value = this.#fields.get(name) ?? false;
    return typeof value === 'boolean' ? value : this.#fail(name, 'true or false');
  }

  decimal(name: string): Decimal {
    return this.decimalOrNull(name) ?? this.#fail(name, 'a decimal');
  }

  decimalOrNull(name: string): Decimal | null {
    return this.#decimal(name, this.#fields.get(name) ?? null);
  }

  #decimal(name: string, value: unknown): Decimal | null {
    if (value === null) return null;
    if (typeof value !== 'string' && typeof value !== 'number') return this.#fail(name, 'a decimal or null');
    try {
      return new Decimal(value);
    } catch {
      return this.#fail(name, 'a decimal or null');
    }
  }

  decimals(name: string): (Decimal | null)[] {
    return this.list(name).map((value) => this.#decimal(name, value));
  }

  list(name: string): unknown[] {
    const value = this.#fields.get(name);
    return Array.isArray(value) ? value : this.#fail(name, 'a list');
  }

  texts(name: string): string[] {
    return this.list(name).map((value) =>
      typeof value === 'string' ? value : this.#fail(name, 'a list of texts'),
    );
  }

  numbers(name: string): number[] {
    return this.list(name).map((value) =>
      typeof value === 'number' ? value : this.#fail(name, 'a list of numbers'),
    );
  }

  /** Decimals by name, in the order given. */
  table(name: string): Record<string, Decimal | null> {
    const value = this.#fields.get(name);
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      this.#fail(name, 'values by name');
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, this.#decimal(`${name}.${key}`, entry)]),
    );
  }

  group(name: string): Given {
    return new Given(this.#fields.get(name));
  }

  names(): string[] {
    return [...this.#fields.keys()];
  }

  bodyType(): BodyType {
    const value = this.text('bodyType');
    return value === 'river' || value === 'lake' ? value : this.#fail('bodyType', 'river or lake');
  }

  grade(): 1 | 2 {
    const value = this.number('grade');
    return value === 1 || value === 2 ? value : this.#fail('grade', '1 or 2');
  }
}
