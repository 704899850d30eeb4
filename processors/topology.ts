import { aggregate, observedInterfaces } from './aggregate';
import { alerts } from './alerts';
import { capacity } from './capacity';
import { connections } from './connections';
import { dedup } from './dedup';
import { detect } from './detect';
import { features, interfaceFeatures } from './features';
import { forecast } from './forecast';
import { interfaceRates } from './interface-rates';
import { linkState } from './link-state';
import { measure, measureObserved } from './measure';
import { pathRecompute } from './path-recompute';
import { pulse } from './pulse';
import type { Processor } from './runtime/processor';
import { score } from './score';
import { topologyState } from './topology-state';
import { watch } from './watch';

/** Every processor, in the order of the data. */
export const TOPOLOGY: readonly Processor[] = [dedup, aggregate, observedInterfaces, measure, measureObserved, features, connections, pulse, detect, interfaceRates, topologyState, interfaceFeatures, watch, linkState, pathRecompute, score, forecast, capacity, alerts];
