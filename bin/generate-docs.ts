import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../infra/root';
import { configurationPage, errorsPage } from './reference';
import { sections } from './sections';

/** The reference pages that come from declarations: file under `docs/` and content. */
export const pages = (): Readonly<Record<string, string>> => ({ 'configuration.md': configurationPage(sections), 'errors.md': errorsPage() });

if (require.main === module) {
  mkdirSync(join(ROOT, 'docs'), { recursive: true });
  for (const [name, content] of Object.entries(pages())) writeFileSync(join(ROOT, 'docs', name), content);
}
