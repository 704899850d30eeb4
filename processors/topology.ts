import { aggregate, observedInterfaces } from './aggregate';
import { alerts } from './alerts';
import { dedup } from './dedup';
import { detect } from './detect';
import { interfaceRates } from './interface-rates';
import { linkState } from './link-state';
import { pathRecompute } from './path-recompute';
import { pulse } from './pulse';
import type { Processor } from './runtime/processor';
import { topologyState } from './topology-state';

/** Every processor, in the order of the data. */
export const TOPOLOGY: readonly Processor[] = [dedup, aggregate, observedInterfaces, pulse, detect, interfaceRates, topologyState, linkState, pathRecompute, alerts];
