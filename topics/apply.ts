/** Brings the topics on a log to what the catalogue says: creates, changes, never deletes and never shrinks. */
import type { Configuration } from '../infra/config/configuration';
import type { Log, LogAdmin, TopicSettings } from '../infra/log/log';
import { CATALOGUE } from './catalogue';
import { topicSettings } from './names';

/** What is to be done about one topic. */
export interface TopicChange {
  readonly topic: string;
  /** `keep` where it is as it should be. */
  readonly action: 'create' | 'alter' | 'keep';
  /** What differs, or why it is left. */
  readonly detail: string;
  /** What it is to be set up with. */
  readonly settings: TopicSettings;
}

const COMPARED = ['cleanup', 'retentionMs', 'retentionBytes'] as const;

/** Partitions and what differs in words. Settings that are not asked for are left as they are. */
function compare(wanted: TopicSettings, present: TopicSettings): TopicChange {
  const differences: string[] = COMPARED.flatMap((name) => (wanted[name] !== undefined && wanted[name] !== present[name] ? [`${name} ${present[name] ?? 'unset'} → ${wanted[name]}`] : []));
  if (wanted.partitions > present.partitions) differences.push(`partitions ${present.partitions} → ${wanted.partitions}`);
  const action = differences.length > 0 ? 'alter' : 'keep';
  if (wanted.partitions < present.partitions) differences.push(`its ${present.partitions} partitions stay: they cannot be taken away`);
  return { topic: wanted.name, action, detail: differences.join('; '), settings: { ...wanted, partitions: Math.max(wanted.partitions, present.partitions) } };
}

/** What {@link applyChanges} would do. Topics that are not asked for are not looked at. */
export async function planTopics(admin: LogAdmin, wanted: readonly TopicSettings[]): Promise<TopicChange[]> {
  const present = new Map((await admin.listTopics()).map((topic) => [topic.name, topic]));
  return wanted.map((settings) => {
    const there = present.get(settings.name);
    if (there !== undefined) return compare(settings, there);
    return { topic: settings.name, action: 'create', detail: `${settings.partitions} ${settings.partitions === 1 ? 'partition' : 'partitions'}, ${settings.cleanup}`, settings };
  });
}

/** Does what a plan says. */
export async function applyChanges(admin: LogAdmin, plan: readonly TopicChange[]): Promise<void> {
  const created = plan.filter(({ action }) => action === 'create').map(({ settings }) => settings);
  if (created.length > 0) await admin.createTopics(created);
  for (const { action, settings } of plan) if (action === 'alter') await admin.alterTopic(settings);
}

/** The settings of the whole catalogue. */
export const catalogueSettings = (config: Configuration): TopicSettings[] => CATALOGUE.map((topic) => topicSettings(topic, config));

/** Brings the catalogue's topics onto a log; what was done. @throws NW_LOG_UNREACHABLE, NW_CONFIG_INVALID the prefix */
export async function applyTopics(log: Log, config: Configuration): Promise<TopicChange[]> {
  const plan = await planTopics(log.admin, catalogueSettings(config));
  await applyChanges(log.admin, plan);
  return plan;
}
