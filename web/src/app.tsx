import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { lazy, Suspense, useEffect, useMemo, useState, type ReactElement } from 'react';
import { Route, Switch } from 'wouter';
import { initialLanguage, rememberLanguage, wordsOf, WordsContext, type Language } from './i18n/language.ts';
import { OverviewPage } from './overview/page.tsx';
import { Frame } from './parts/frame.tsx';
import { Loading, NotFound } from './parts/states.tsx';
import { appTheme } from './theme.ts';

const AlertsPage = lazy(() => import('./alerts/page.tsx'));
const AlertPage = lazy(() => import('./alerts/alert.tsx'));
const StationPage = lazy(() => import('./station/page.tsx'));
const CompensationPage = lazy(() => import('./compensation/page.tsx'));
const StatementsPage = lazy(() => import('./statements/page.tsx'));
const StatementPage = lazy(() => import('./statements/statement.tsx'));
const SourcesPage = lazy(() => import('./sources/page.tsx'));
const UploadsPage = lazy(() => import('./uploads/page.tsx'));
const WorkPage = lazy(() => import('./desk/page.tsx'));
const AccountPage = lazy(() => import('./account/page.tsx'));

/** The dashboard: one language, one theme, one route at a time. */
export function App(): ReactElement {
  const [language, setLanguage] = useState<Language>(initialLanguage);
  const words = useMemo(
    () =>
      wordsOf(language, (next) => {
        rememberLanguage(next);
        setLanguage(next);
      }),
    [language],
  );
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = `${words.t('app.name')} · ${words.t('app.tagline')}`;
    dayjs.locale(language === 'zh' ? 'zh-cn' : 'en');
  }, [language, words]);
  return (
    <WordsContext value={words}>
      <ConfigProvider
        locale={language === 'zh' ? zhCN : enUS}
        theme={appTheme}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
      >
        <Frame>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/">
                <OverviewPage />
              </Route>
              <Route path="/sections/:id">{({ id }) => <StationPage key={id} id={id} kind="water" />}</Route>
              <Route path="/air/:id">{({ id }) => <StationPage key={id} id={id} kind="air" />}</Route>
              <Route path="/alerts">
                <AlertsPage />
              </Route>
              <Route path="/alerts/:id">
                {({ id }) => <AlertPage key={id} id={decodeURIComponent(id)} />}
              </Route>
              <Route path="/compensation">
                <CompensationPage />
              </Route>
              <Route path="/statements">
                <StatementsPage />
              </Route>
              <Route path="/statements/:id">
                {({ id }) => <StatementPage key={id} id={decodeURIComponent(id)} />}
              </Route>
              <Route path="/sources">
                <SourcesPage />
              </Route>
              <Route path="/uploads">
                <UploadsPage />
              </Route>
              <Route path="/work">
                <WorkPage />
              </Route>
              <Route path="/account">
                <AccountPage />
              </Route>
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </Frame>
      </ConfigProvider>
    </WordsContext>
  );
}
