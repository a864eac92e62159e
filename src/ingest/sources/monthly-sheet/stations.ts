import { stationResolver, type Config } from '../../../domain/config/config.ts';
import type { Section } from '../../../domain/config/region.ts';
import { normalText } from './header-words.ts';

/** How a row names its section; empty texts where it does not. */
export interface NamedSection {
  id: string;
  code: string;
  province: string;
  name: string;
}

export type FoundSection = { station: string } | { fault: string } | null;

interface Registry {
  byId: ReadonlyMap<string, Section>;
  byCode: ReadonlyMap<string, Section>;
  byName: ReadonlyMap<string, readonly Section[]>;
  provinces: ReadonlyMap<string, string>;
  resolve: ReturnType<typeof stationResolver>;
}

const registries = new WeakMap<Config, Registry>();

function registryOf(config: Config): Registry {
  const known = registries.get(config);
  if (known !== undefined) return known;
  const byName = new Map<string, Section[]>();
  for (const section of config.sections) {
    const name = normalText(section.name.zh);
    byName.set(name, [...(byName.get(name) ?? []), section]);
  }
  const registry: Registry = {
    byId: new Map(config.sections.map((section) => [section.id, section])),
    byCode: new Map(
      config.sections.flatMap((section) => section.codes.map(({ code }) => [code, section] as const)),
    ),
    byName,
    provinces: new Map(
      config.jurisdictions
        .filter(({ level }) => level === 'province')
        .map(({ code, name }) => [code.slice(0, 2), name.zh] as const),
    ),
    resolve: stationResolver(config),
  };
  registries.set(config, registry);
  return registry;
}

const sameName = (section: Section, name: string, province: string): boolean =>
  [section.name.zh, ...section.aliases.flatMap(({ key }) => [key, key.split('/').at(-1) ?? key])].some(
    (known) =>
      normalText(known) === normalText(name) || normalText(known) === normalText(`${province}/${name}`),
  );

/**
 * The registered section that a row names: by our id, by its code, by a registered name, or by exactly the registry's name where only
 * one section has it. A code and a name that do not belong together are a fault: nothing is merged silently. Null: no registry knows it.
 */
export function findSection(
  named: NamedSection,
  facts: { config: Config; providers: readonly string[]; civilDate: string },
): FoundSection {
  const { id, code, province, name } = named;
  const registry = registryOf(facts.config);
  const sure = registry.byId.get(id) ?? registry.byCode.get(code);
  if (id !== '' && !registry.byId.has(id)) return { fault: `no section "${id}" is registered` };
  if (sure !== undefined) {
    if (name === '' || sameName(sure, name, province)) return { station: sure.id };
    return { fault: `${id === '' ? code : id} is registered as ${sure.name.zh}, the row says ${name}` };
  }
  for (const provider of facts.providers) {
    for (const key of [`${province}/${name}`, name]) {
      const station = registry.resolve(provider, key, facts.civilDate);
      if (station !== null) return { station };
    }
  }
  // A code that no registry knows is another section, whatever its name.
  if (code !== '') return null;
  const homonyms = (registry.byName.get(normalText(name)) ?? []).filter((section) => {
    const where = registry.provinces.get(section.locatedIn.slice(0, 2));
    return province === '' || where === undefined || where.startsWith(province) || province.startsWith(where);
  });
  if (homonyms.length > 1)
    return { fault: `${homonyms.length} sections are called ${name}; give the province or the code` };
  const [only] = homonyms;
  return only === undefined ? null : { station: only.id };
}
