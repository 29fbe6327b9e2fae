import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { reportDuplicates } from './report-duplicates.ts';
import type { Reporter } from './reporter.ts';
import type { SourceText } from './source-text.ts';
import type { YamlEntry, YamlNode, YamlScalar } from './yaml-node.ts';

/** Nodes that aliases may add by being unfolded. */
const MAX_ALIASED_NODES = 10_000;

const CORE_TAG = 'tag:yaml.org,2002:';
/** As on GitHub's server, these tell what a bare word is and make no other value of a text. */
const NUMBER_TAG = /^tag:yaml\.org,2002:(?:int|float|bool|null)$/;

/** Turns the library's nodes into ours, resolves aliases and finds keys that stand twice. One per document. */
export class YamlTreeBuilder {
  readonly #source: SourceText;
  readonly #reporter: Reporter;
  readonly #anchors = new Map<string, YamlNode>();
  /** Nodes in a subtree with its aliases unfolded. Shared nodes make it large without making the tree large. */
  readonly #sizes = new Map<YamlNode, number>();
  #aliased = 0;

  constructor(source: SourceText, reporter: Reporter) {
    this.#source = source;
    this.#reporter = reporter;
  }

  build(node: Node): YamlNode {
    const built = this.#convert(node);
    if (!isAlias(node) && node.anchor) this.#anchors.set(node.anchor, built);
    return built;
  }

  #convert(node: Node): YamlNode {
    const [from = 0, to = from] = node.range ?? [];
    const at = this.#source.span(from, to);
    if (isAlias(node)) return this.#alias(node.source, from, to);
    if (isScalar(node)) {
      const scalar = this.#scalar(node.value, from, to);
      if (scalar.style !== 'plain' && NUMBER_TAG.test(node.tag ?? '')) {
        const message = `the tag "${node.tag?.replace(CORE_TAG, '!!')}" is for a value without quotes`;
        this.#reporter.report({ code: 'WF093', at, message });
      }
      return scalar;
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#child(item, to));
      return this.#sized({ kind: 'list', items, at }, items);
    }
    if (isMap(node)) {
      const entries = node.items.flatMap((pair) => this.#entry(pair.key, pair.value, to));
      reportDuplicates(entries, this.#reporter);
      return this.#sized(
        { kind: 'map', entries, at },
        entries.map((entry) => entry.value),
      );
    }
    return this.#scalar(null, from, to);
  }

  /** A pair without a value has none in the library's tree. */
  #child(item: unknown, end: number): YamlNode {
    return isYamlNode(item) ? this.build(item) : this.#scalar(null, end, end);
  }

  #entry(key: unknown, value: unknown, end: number): readonly YamlEntry[] {
    const keyNode = this.#child(key, end);
    const child = this.#child(value, keyNode.kind === 'scalar' ? keyNode.to : end);
    if (keyNode.kind !== 'scalar') {
      this.#reporter.report({ code: 'WF012', at: keyNode.at, message: 'a key must be text, not a list or mapping' });
      return [];
    }
    if (keyNode.value === '<<' && keyNode.style === 'plain') {
      this.#reporter.report({ code: 'WF092', at: keyNode.at, message: 'the merge key "<<" is not supported' });
      return [];
    }
    // The key's text as written: `on`, `true`, `3.10` are names here, not values.
    const text =
      keyNode.style === 'plain' ? this.#source.text.slice(keyNode.from, keyNode.to) : String(keyNode.value ?? '');
    return [{ key: text, keyNode, value: child }];
  }

  #alias(name: string, from: number, to: number): YamlNode {
    const at = this.#source.span(from, to);
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#reporter.report({
        code: 'WF090',
        at,
        message: `the alias "*${name}" has no anchor "&${name}" that ends before it`,
      });
      return { ...this.#scalar(null, from, to), style: 'unknown' };
    }
    this.#aliased += this.#sizes.get(target) ?? 1;
    if (this.#aliased <= MAX_ALIASED_NODES) return target;
    const message = `aliases unfold to more than ${MAX_ALIASED_NODES} values from here on`;
    if (this.#aliased - (this.#sizes.get(target) ?? 1) <= MAX_ALIASED_NODES)
      this.#reporter.report({ code: 'WF091', at, message });
    return { ...this.#scalar(null, from, to), style: 'unknown' };
  }

  #scalar(value: unknown, from: number, to: number): YamlScalar {
    const opening = this.#source.text.charAt(from);
    const style =
      opening === '|' || opening === '>' ? 'block' : opening === '"' || opening === "'" ? 'quoted' : 'plain';
    const isKnown =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null;
    // The core schema makes nothing else; if it ever does, the text is what the author wrote.
    const kept = isKnown ? value : this.#source.text.slice(from, to);
    const node: YamlScalar = { kind: 'scalar', value: kept, at: this.#source.span(from, to), from, to, style };
    // A long text weighs more than one value: what is done for it again at each alias takes its length.
    if (to - from > 64) this.#sizes.set(node, 1 + Math.floor((to - from) / 64));
    return node;
  }

  #sized(node: YamlNode, children: readonly YamlNode[]): YamlNode {
    let size = 1;
    for (const child of children) size += this.#sizes.get(child) ?? 1;
    this.#sizes.set(node, size);
    return node;
  }
}

function isYamlNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}
