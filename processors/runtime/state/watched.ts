import type { Store } from './store';

/** A store that says when it was restored, for whoever keeps beside it what is made from it: that is to be made anew. */
export function watched(store: Store, restored: () => void): Store {
  return {
    name: store.name,
    shape: store.shape,
    get entries() { return store.entries; },
    get bytes() { return store.bytes; },
    checkpoint: (write) => store.checkpoint(write),
    restore: (pages) => {
      store.restore(pages);
      restored();
    },
  };
}
