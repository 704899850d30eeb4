/** The network by names, for people and for code that walks it: an ngraph.graph with parallel links and its events. */
import createGraph, { type Link } from 'ngraph.graph';
import { elementKey, type Element } from './elements';

/** A graph as ngraph has it: nodes are devices by name, their data the device; data of a link is the link. A node without data is a device that only links name. */
export type DeviceGraph = ReturnType<typeof createGraph<Element | null, Element>>;

/**
 * Folds elements into {@link DeviceGraph}, which tells those who ask (`graph.on('changed', …)`) what became other. Links keep their
 * own identity: two between the same devices are two.
 */
export class NamedGraph {
  readonly graph: DeviceGraph = createGraph<Element | null, Element>({ multigraph: true });
  /** Everything that is no device and no link, by key: interfaces, groups, kinds that are not known here. */
  readonly others = new Map<string, Element>();
  private readonly links = new Map<string, Link<Element>>();

  /** A graph of elements, told as one change. */
  static of(elements: Iterable<Element>): NamedGraph {
    const named = new NamedGraph();
    named.together(() => {
      for (const element of elements) named.put(element);
    });
    return named;
  }

  /** Several changes that are told as one. */
  together(change: () => void): void {
    this.graph.beginUpdate();
    try {
      change();
    } finally {
      this.graph.endUpdate();
    }
  }

  /** Adds an element, or says what it is now. A link without its two devices' names is left out: false. */
  put(element: Element): boolean {
    if (element.element === 'device') this.graph.addNode(element.id, element);
    else if (element.element !== 'link') this.others.set(elementKey(element), element);
    else return this.putLink(element);
    return true;
  }

  /** Takes an element out by its key, `<element>/<id>`; false where it is not there. A device stays, without data, as long as links lead to it. */
  remove(key: string): boolean {
    const [, kind, id] = /^([^/]*)\/(.*)$/s.exec(key) ?? [];
    if (kind === 'link') return this.removeLink(id);
    if (kind !== 'device') return this.others.delete(key);
    const node = this.graph.getNode(id);
    if (node === undefined || node.data === null) return false;
    if ((node.links?.size ?? 0) > 0) this.graph.addNode(id, null);
    else this.graph.removeNode(id);
    return true;
  }

  /** A link by its name. */
  link(id: string): Link<Element> | undefined {
    return this.links.get(id);
  }

  /** Devices in the connected parts of the graph, the largest first; down or not, every link counts. */
  components(): string[][] {
    const seen = new Set<string>();
    const parts: string[][] = [];
    this.graph.forEachNode(({ id }) => {
      if (seen.has(String(id))) return;
      seen.add(String(id));
      const part = [String(id)];
      for (let at = 0; at < part.length; at++) {
        this.graph.forEachLinkedNode(part[at], ({ id: other }) => {
          if (seen.has(String(other))) return;
          seen.add(String(other));
          part.push(String(other));
        }, false);
      }
      parts.push(part);
    });
    return parts.sort((one, other) => other.length - one.length);
  }

  private putLink(element: Element): boolean {
    const { id, a, b } = element;
    if (a === null || b === null) return false;
    const old = this.links.get(id);
    if (old !== undefined && old.fromId === a && old.toId === b) {
      // ngraph has no event of its own for this: what listens hears of a link that went and came.
      this.graph.removeLink(old);
    } else if (old !== undefined) this.removeLink(id);
    for (const device of [a, b]) if (this.graph.getNode(device) === undefined) this.graph.addNode(device, null);
    this.links.set(id, this.graph.addLink(a, b, element));
    return true;
  }

  private removeLink(id: string): boolean {
    const link = this.links.get(id);
    if (link === undefined) return false;
    this.links.delete(id);
    this.graph.removeLink(link);
    for (const device of [link.fromId, link.toId]) {
      const node = this.graph.getNode(device);
      if (node !== undefined && node.data === null && (node.links?.size ?? 0) === 0) this.graph.removeNode(device);
    }
    return true;
  }
}

