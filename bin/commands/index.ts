import type { Command } from 'commander';
import * as alerts from './alerts';
import * as all from './all';
import * as collect from './collect';
import * as config from './config';
import * as deadLetters from './dead-letters';
import * as decode from './decode';
import * as dev from './dev';
import * as explain from './explain';
import * as forecast from './forecast';
import * as generate from './generate';
import * as models from './models';
import * as paths from './paths';
import * as policies from './policies';
import * as poll from './poll';
import * as processCommand from './process';
import * as processors from './processors';
import * as replay from './replay';
import * as replayLog from './replay-log';
import * as query from './query';
import * as simulate from './simulate';
import * as sink from './sink';
import * as tail from './tail';
import * as topics from './topics';
import * as whatif from './whatif';
import * as topology from './topology';

/** Every command, in the order in which the help lists them. A command file adds itself here. */
export const COMMANDS: readonly ((program: Command) => void)[] = [all, collect, poll, processCommand, sink, replay, generate, simulate, decode, topics, topology, tail, alerts, explain, replayLog, deadLetters, processors, query, forecast, models, paths, whatif, policies, config, dev].map((command) => command.register);
