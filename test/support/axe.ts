/** axe-core in a page or frame, whatever its Content-Security-Policy: it is evaluated, not loaded. */
import axe from 'axe-core';
import type { Frame, Page } from 'playwright-core';

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** What is wrong by WCAG 2.2 AA and axe's best practices; nothing: an empty list. */
export async function violations(root: Page | Frame): Promise<string[]> {
  await root.evaluate(axe.source);
  const found = await root.evaluate(async () => {
    const { axe: runner } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: Violation[] }> };
    };
    // Frames are pages of their own here and are looked at by themselves.
    return (await runner.run({ iframes: false })).violations;
  });
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help} at ${JSON.stringify(node.target)}: ${node.failureSummary ?? ''}`),
  );
}
