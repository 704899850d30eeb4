import { main } from './program';

/** Entry of the built command, for `node dist/bin/netweaver.js` and for the launcher beside this file. */
export { main };

if (require.main === module) void main(process.argv.slice(2));
