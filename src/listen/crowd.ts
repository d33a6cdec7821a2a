/** All TCP connections of a worker: who has been idle the longest, and how much memory they hold together. */
import type { Counters } from "../observe/counters.ts";

/** What the crowd needs to know of one of its members. */
export interface Member {
	/** Whether an answer is on its way, or waits for the client to take it. */
	readonly isBusy: boolean;
	/** Bytes of questions not taken yet and of answers that the client lets lie. */
	readonly held: number;
	/** Closes the connection at once, so that it holds nothing any more. */
	dismiss(): void;
}

/** How many that are busy are passed over in the search for one that is not. */
const MOST_SEEN = 64;

export class Crowd<T extends Member = Member> {
	/** In the order in which they were last heard of. */
	readonly #members = new Set<T>();
	readonly #counters: Counters;
	/** Bytes that all may hold together. */
	mostHeld: number;
	#held = 0;

	constructor(mostHeld: number, counters: Counters) {
		this.mostHeld = mostHeld;
		this.#counters = counters;
	}

	join(member: T): void {
		this.#members.add(member);
		this.#counters.set("tcpOpen", this.#members.size);
	}

	leave(member: T): void {
		this.#members.delete(member);
		this.#counters.set("tcpOpen", this.#members.size);
	}

	/** A question of the member came. */
	heardOf(member: T): void {
		this.#members.delete(member);
		this.#members.add(member);
	}

	/** Closes the one that has been idle the longest. @returns whether there was one. */
	makeRoom(): boolean {
		let seen = 0;
		for (const member of this.#members) {
			if (++seen > MOST_SEEN) return false;
			if (member.isBusy) continue;
			this.#counters.add("tcpMadeRoom", 1);
			this.leave(member);
			member.dismiss();
			return true;
		}
		return false;
	}

	/**
	 * A member holds so many bytes more, or fewer. When that is too much in all, somebody has more than a share of what all
	 * may hold, and has to go: so those who read what they asked for are left in peace.
	 */
	hold(member: T, bytes: number): void {
		this.#held += bytes;
		if (bytes > 0 && this.#held > this.mostHeld) this.#relieve(member);
		this.#counters.set("tcpHeldBytes", this.#held);
	}

	#relieve(last: T): void {
		const share = this.mostHeld / Math.max(this.#members.size, 1);
		if (last.held > share) this.#close(last);
		for (const member of this.#members) {
			if (this.#held <= this.mostHeld) return;
			if (member.held > share) this.#close(member);
		}
	}

	#close(member: T): void {
		this.#counters.add("tcpOverfull", 1);
		this.leave(member);
		member.dismiss();
	}
}
