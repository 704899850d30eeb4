import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../infra/root';
import { asyncApiPage } from '../topics/asyncapi';
import { topicsPage } from '../topics/page';
import { metricsPage } from './metrics-page';
import { configurationPage, errorsPage } from './reference';
import { sections } from './sections';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** The reference pages that come from declarations: file under `docs/` and content. */
export const pages = (): Readonly<Record<string, string>> => ({
  'configuration.md': configurationPage(sections),
  'errors.md': errorsPage(),
  'metrics.md': metricsPage(),
  'topics.md': topicsPage(),
  'asyncapi.json': asyncApiPage(version),
});

if (require.main === module) {
  mkdirSync(join(ROOT, 'docs'), { recursive: true });
  for (const [name, content] of Object.entries(pages())) writeFileSync(join(ROOT, 'docs', name), content);
}
