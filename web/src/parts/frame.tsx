import { Segmented } from 'antd';
import type { ReactElement, ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useMe, useRegion, useSummary } from '../api/queries.ts';
import { useFacts } from '../facts.ts';
import { useWords, type Language } from '../i18n/language.ts';
import { AccessButton } from './access.tsx';
import { Fault, unanswered } from './states.tsx';

const pages = [
  ['/', 'nav.overview'],
  ['/alerts', 'nav.alerts'],
  ['/compensation', 'nav.compensation'],
  ['/statements', 'nav.statements'],
  ['/sources', 'nav.sources'],
  ['/uploads', 'nav.uploads'],
  ['/work', 'nav.work'],
] as const;

const languages: { label: string; value: Language }[] = [
  { label: '中文', value: 'zh' },
  { label: 'English', value: 'en' },
];

/** Cannot be overlooked, cannot be closed. */
function SyntheticBanner(): ReactElement | null {
  const { t, pick } = useWords();
  const region = useRegion().data;
  if (region?.meta.synthetic !== true) return null;
  return (
    <div className="synthetic" role="note" data-testid="synthetic">
      <strong>{t('banner.synthetic')}</strong>
      <span>{pick(region.meta.notice)}</span>
    </div>
  );
}

function DataAge(): ReactElement {
  const { t } = useWords();
  const { short, age } = useFacts();
  const summary = useSummary().data?.result;
  if (summary === undefined) return <div className="age" />;
  const ends = [summary.water.newestEnd, summary.air.newestEnd].filter((end) => end !== null).toSorted();
  const newest = ends.at(-1);
  const { lagEntries, now } = summary;
  const minutes = newest === undefined ? 0 : Math.floor((Date.parse(now) - Date.parse(newest)) / 60_000);
  return (
    <div className="age" data-testid="age">
      <span>
        {newest === undefined
          ? t('header.none')
          : `${t('header.data', { time: short(newest) })} · ${age(minutes)}`}
      </span>
      <span className={lagEntries > 0 ? 'lag' : ''}>
        {lagEntries > 0 ? t('header.lag', { count: lagEntries }) : t('header.current')}
      </span>
    </div>
  );
}

function Header(): ReactElement {
  const { t, pick, language, setLanguage } = useWords();
  const [path] = useLocation();
  const region = useRegion().data?.result;
  return (
    <header className="top">
      <Link href="/" className="brand">
        <b>{t('app.name')}</b>
        <span>{region === undefined ? t('app.tagline') : pick(region.name)}</span>
      </Link>
      <nav aria-label={t('nav.label')}>
        {pages.map(([href, key]) => (
          <Link key={href} href={href} aria-current={path === href ? 'page' : undefined}>
            {t(key)}
          </Link>
        ))}
      </nav>
      <DataAge />
      <div className="tools">
        <AccessButton />
        <Segmented
          size="small"
          name="language"
          aria-label={t('nav.language')}
          options={languages}
          value={language}
          onChange={setLanguage}
        />
      </div>
    </header>
  );
}

function Footer(): ReactElement {
  const { t, pick } = useWords();
  const region = useRegion().data;
  if (region === undefined) return <footer className="foot" />;
  const { attribution, notice, configHash, version } = region.result;
  const texts = [...new Set(attribution.map((one) => pick(one.text)))].join(' · ');
  return (
    <footer className="foot">
      <span>{pick(notice)}</span>
      <span>
        {t('app.footer.data')} © {texts}
      </span>
      <span title={configHash}>
        jiehe {version} · {t('app.footer.config')} {configHash.slice(0, 12)} · {t('app.footer.journal')}{' '}
        {region.meta.appliedSeq}
      </span>
      <a href="/api/docs/">{t('app.footer.docs')}</a>
    </footer>
  );
}

/** What stands around every page. */
export function Frame({ children }: { children: ReactNode }): ReactElement {
  const { t } = useWords();
  const region = useRegion();
  const summary = useSummary();
  const me = useMe().data?.result;
  const lost = unanswered(summary.error) ? summary : region;
  return (
    <>
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <div className="fixed">
        <SyntheticBanner />
        <Header />
      </div>
      {me?.session?.mustEnrol === true ? (
        <p className="notice" role="note">
          {t('account.must')} <Link href="/account">{t('account.enrol')}</Link>
        </p>
      ) : null}
      {lost.error === null ? null : (
        <Fault error={lost.error} retry={() => void lost.refetch()} stale={lost.data !== undefined} />
      )}
      <main id="content">{children}</main>
      <Footer />
    </>
  );
}
