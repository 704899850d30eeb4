/*
 * Loaded before the program: transactions commit their outputs, and the positions of the input after them, on their own. A
 * kill between the two has the input processed twice. The harness must find that; without faults it must find nothing.
 */
'use strict';
const { dirname, resolve } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const open = require(resolve(dirname(process.argv[1]), '../infra/log/open.js'));

/** Between the two: most of the time of a processor at work, so that most kills strike there. */
const BETWEEN_MS = 400;
/** A member that is giving its partitions up gets no answer any more. */
const ANSWER_MS = 2000;

const { openLog } = open;
open.openLog = async (config) => {
  const log = await openLog(config);
  const { member } = log;
  log.member = async (options) => {
    const joined = await member.call(log, options);
    if (!options.transactional) return joined;
    const { begin } = joined;
    joined.begin = () => {
      const transaction = begin.call(joined);
      const { commit } = transaction;
      transaction.commit = async (positions) => {
        await commit.call(transaction, []);
        await sleep(BETWEEN_MS);
        await Promise.race([joined.commit(positions), sleep(ANSWER_MS)]);
      };
      return transaction;
    };
    return joined;
  };
  return log;
};
