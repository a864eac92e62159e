import { Button } from 'antd';
import { useState, type ReactElement } from 'react';
import type { Plain, StepNode } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';
import { Confidence } from '../parts/verdict-words.tsx';

/** A figure, a list or a table of figures, as the rule had it. */
function Figure({ value }: { value: Plain }): ReactElement {
  const { t } = useWords();
  if (value === null) return <span className="muted">–</span>;
  if (typeof value === 'boolean')
    return <code>{t(value ? 'compensation.step.yes' : 'compensation.step.no')}</code>;
  if (typeof value !== 'object') return <code>{value}</code>;
  const entries = Object.entries(value);
  return (
    <span className="figures">
      {entries.map(([key, inner]) => (
        <span key={key}>
          {Array.isArray(value) ? null : <small>{key} </small>}
          <Figure value={inner} />
        </span>
      ))}
    </span>
  );
}

/** What the rule came to at a section beside money: an index, a class, a grade. */
export function Figures({
  of,
  steps,
}: {
  of: Record<string, Plain>;
  steps: readonly StepNode[];
}): ReactElement | null {
  const { pick } = useWords();
  const entries = Object.entries(of);
  if (entries.length === 0) return null;
  const nameOf = (figure: string): string => {
    const step = steps.find((one) => one.step === figure);
    return step === undefined ? figure : pick(step.rule);
  };
  return (
    <dl className="facts" data-testid="figures">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{nameOf(name)}</dt>
          <dd>
            <Figure value={value} />
          </dd>
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
  step: StepNode;
  open: boolean;
  onToggle: (open: boolean) => void;
}): ReactElement {
  const { t, pick, word } = useWords();
  return (
    <details open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary>
        <span className="primitive">{word('primitive', step.primitive)}</span> {pick(step.rule)}{' '}
        <span className="step-result">
          {step.skipped ? t('compensation.step.skipped') : <Figure value={step.result} />}
        </span>
      </summary>
      <dl className="facts">
        <div>
          <dt>{t('compensation.step.expression')}</dt>
          <dd>
            {step.expressions.map((text) => (
              <code key={text} className="block">
                {text}
              </code>
            ))}
          </dd>
        </div>
        <div>
          <dt>{t('compensation.step.inputs')}</dt>
          <dd>
            <ul className="plain">
              {Object.entries(step.inputs).map(([name, value]) => (
                <li key={name}>
                  <small>{name}</small> <Figure value={value} />
                </li>
              ))}
            </ul>
          </dd>
        </div>
        {step.missing.length === 0 ? null : (
          <div>
            <dt>{t('compensation.step.missing')}</dt>
            <dd>{step.missing.join(', ')}</dd>
          </div>
        )}
        <div>
          <dt>{t('compensation.step.source')}</dt>
          <dd>
            {step.provenance.source} <Confidence of={step.provenance} />
          </dd>
        </div>
      </dl>
    </details>
  );
}

/** Every step of the rule in order: what it says, what it read, what came of it. */
export function Why({ steps }: { steps: readonly StepNode[] }): ReactElement {
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
