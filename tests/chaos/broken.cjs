/*
 * Loaded before the program: transactions commit their outputs, and the positions of the input after them, on their own. A
 * kill between the two has the input processed twice. The harness must find that.
 */
'use strict';
const { resolve } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const open = require(resolve(__dirname, '../../dist/infra/log/open.js'));

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
        await sleep(20);
        await joined.commit(positions);
      };
      return transaction;
    };
    return joined;
  };
  return log;
};
