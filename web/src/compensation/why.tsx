import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import type { ExplainedStep, ExplainedValue } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';

/** What something is called, with its unit. */
function Named({ of }: { of: Pick<ExplainedValue, 'name' | 'unit'> }): ReactElement {
  const { pick } = useWords();
  return (
    <>
      {pick(of.name)}
      {of.unit === null ? null : <small> {pick(of.unit)}</small>}
    </>
  );
}

/** What the rule came to at a section beside money: an index, a class, a grade. */
export function Figures({ of }: { of: readonly ExplainedValue[] }): ReactElement | null {
  const { pick } = useWords();
  if (of.length === 0) return null;
  return (
    <dl className="facts" data-testid="figures">
      {of.map((one) => (
        <div key={one.key}>
          <dt>
            <Named of={one} />
          </dt>
          <dd>{pick(one.value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Step({
  step,
  open,
  onToggle,
}: {
  step: ExplainedStep;
  open: boolean;
  onToggle: (open: boolean) => void;
}): ReactElement {
  const { t, pick } = useWords();
  return (
    <details open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary>
        <span className="primitive">
          <Named of={step} />
        </span>{' '}
        {pick(step.rule)}{' '}
        <span className="step-result">
          {step.skipped ? t('compensation.step.skipped') : step.result === null ? '–' : pick(step.result)}
        </span>
      </summary>
      <dl className="facts">
        <div>
          <dt>{t('compensation.step.expression')}</dt>
          <dd>{pick(step.formula)}</dd>
        </div>
        <div>
          <dt>{t('compensation.step.inputs')}</dt>
          <dd>
            <ul className="plain">
              {step.inputs.map((input) => (
                <li key={input.key}>
                  <Named of={input} /> {pick(input.value)}
                </li>
              ))}
            </ul>
          </dd>
        </div>
        {step.missing.length === 0 ? null : (
          <div>
            <dt>{t('compensation.step.missing')}</dt>
            <dd>{step.missing.map(pick).join(' · ')}</dd>
          </div>
        )}
        <div>
          <dt>{t('compensation.step.source')}</dt>
          <dd>{pick(step.source)}</dd>
        </div>
      </dl>
    </details>
  );
}

/** Every step of the rule in order: what it says, what it read, what came of it. */
export function Why({ steps }: { steps: readonly ExplainedStep[] }): ReactElement {
  const { t } = useWords();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const all = open.size === steps.length;
  const toggle = (name: string, shown: boolean) =>
    setOpen((before) => {
      if (before.has(name) === shown) return before;
      const after = new Set(before);
      if (shown) after.add(name);
      else after.delete(name);
      return after;
    });
  return (
    <div className="why">
      <Button size="small" onClick={() => setOpen(all ? new Set() : new Set(steps.map((one) => one.step)))}>
        {all ? t('compensation.step.collapse') : t('compensation.step.expand')}
      </Button>
      <ol>
        {steps.map((step) => (
          <li key={step.step}>
            <Step step={step} open={open.has(step.step)} onToggle={(shown) => toggle(step.step, shown)} />
          </li>
        ))}
      </ol>
    </div>
  );
}
