/** Where each upstream is counted: a place of its own as long as the process runs, if there are places left. */
import { type Counters, MAX_UPSTREAMS } from "../observe/counters.ts";
import type { UpstreamStatus } from "../observe/status.ts";

export class UpstreamSlots {
	readonly #slots = new Map<string, number>();

	/** The places of the upstreams with these names; those of others are given away when all are taken. */
	assign(names: readonly string[]): number[] {
		return names.map((name) => {
			const known = this.#slots.get(name);
			if (known !== undefined) return known;
			const slot = this.#free(names);
			this.#slots.set(name, slot);
			return slot;
		});
	}

	#free(wanted: readonly string[]): number {
		const taken = new Set(this.#slots.values());
		for (let slot = 0; slot < MAX_UPSTREAMS; slot++) if (!taken.has(slot)) return slot;
		for (const [name, slot] of this.#slots) {
			if (wanted.includes(name)) continue;
			this.#slots.delete(name);
			return slot;
		}
		throw new RangeError(`more than ${MAX_UPSTREAMS} upstreams`);
	}

	status(servers: readonly { readonly name: string }[], counters: readonly Counters[]): UpstreamStatus[] {
		const slots = this.assign(servers.map((server) => server.name));
		return servers.map(({ name }, i) => {
			const slot = slots[i] ?? 0;
			return { name, slot, up: counters.some((worker) => worker.readUpstream(slot, "up") === 1) };
		});
	}
}
