import type { ReactElement, ReactNode } from 'react';

/** A panel with its heading. */
export function Block({
  title,
  children,
  tools,
  id,
}: {
  title: string;
  children: ReactNode;
  tools?: ReactNode;
  id?: string;
}): ReactElement {
  return (
    <section className="panel work" aria-label={title} data-testid={id}>
      <div className="panel-head">
        <h2>{title}</h2>
        {tools}
      </div>
      <div className="work-body">{children}</div>
    </section>
  );
}

/** One line of a list of facts. */
export function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
