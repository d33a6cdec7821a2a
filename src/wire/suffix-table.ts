/** A few names, each standing for all below it, found by the suffix hashes that a name brings along. */
import { DomainName, hashSuffixes } from "./name.ts";

/** Of a suffix that is none of the names, but leads to some. */
const PASSAGE = -1;

/**
 * A tree of labels from the root down, kept in one hash table. A name that shares no top-level domain with any of
 * those in the table costs one probe. A hash alone never decides: labels are compared.
 */
export class SuffixTable {
	/** Numbers of nodes, which begin at 1; 0: free. */
	readonly #slots: Uint32Array;
	readonly #hashes: Int32Array;
	readonly #parents: Uint32Array;
	readonly #values: Int32Array;
	/** Where each node's label begins in `#labels`. */
	readonly #starts: Uint32Array;
	readonly #labels: Uint8Array;

	/**
	 * @param names uncompressed wire names in lower case, none of them the root; `find` gives their place in this list.
	 *   Of one that is named twice the last counts.
	 * @param seed that of the hashes of the names to be looked for.
	 */
	constructor(names: readonly Uint8Array[], seed: number) {
		const read = names.map(readWire);
		const most = read.reduce((sum, name) => sum + name.labels, 1);
		let size = 16;
		while (size < most * 2) size *= 2;
		this.#slots = new Uint32Array(size);
		this.#hashes = new Int32Array(most);
		this.#parents = new Uint32Array(most);
		this.#values = new Int32Array(most).fill(PASSAGE);
		this.#starts = new Uint32Array(most);
		this.#labels = new Uint8Array(names.reduce((sum, name) => sum + name.length, 0));
		let used = 0;
		let end = 0;
		for (const [value, name] of read.entries()) {
			hashSuffixes(name, seed);
			let node = 0;
			for (let label = name.labels - 1; label >= 0; label--) {
				const parent = node;
				node = this.#child(parent, name, label);
				if (node !== 0) continue;
				node = ++used;
				this.#hashes[node] = name.hashes[label];
				this.#parents[node] = parent;
				this.#starts[node] = end;
				const from = name.starts[label];
				for (let i = from; i <= from + name.bytes[from]; i++) this.#labels[end++] = name.bytes[i];
				let slot = name.hashes[label] & (size - 1);
				while (this.#slots[slot] !== 0) slot = (slot + 1) & (size - 1);
				this.#slots[slot] = node;
			}
			this.#values[node] = value;
		}
	}

	/**
	 * @param from the label at which the longest suffix to be looked for begins; 0 for the name itself.
	 * @returns the place of the longest name that `name` is, or is below of; -1 when there is none.
	 */
	find(name: DomainName, from = 0): number {
		let value = -1;
		let node = 0;
		for (let label = name.labels - 1; label >= from; label--) {
			node = this.#child(node, name, label);
			if (node === 0) break;
			if (this.#values[node] !== PASSAGE) value = this.#values[node];
		}
		return value;
	}

	/** The node of the suffix that begins at `label`, whose own suffix is `parent`; 0 when there is none. */
	#child(parent: number, name: DomainName, label: number): number {
		const hash = name.hashes[label];
		const last = this.#slots.length - 1;
		for (let slot = hash & last; ; slot = (slot + 1) & last) {
			const node = this.#slots[slot];
			if (node === 0) return 0;
			if (this.#hashes[node] === hash && this.#parents[node] === parent && this.#isLabel(node, name, label))
				return node;
		}
	}

	#isLabel(node: number, name: DomainName, label: number): boolean {
		const own = this.#starts[node];
		const from = name.starts[label];
		for (let i = 0, length = name.bytes[from]; i <= length; i++)
			if (this.#labels[own + i] !== name.bytes[from + i]) return false;
		return true;
	}
}

function readWire(wire: Uint8Array): DomainName {
	const name = new DomainName();
	name.assign(wire);
	return name;
}
