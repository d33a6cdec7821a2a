/** What workers were asked and have not answered yet. */
import type { FromWorker } from "../worker/messages.ts";

/** A worker that does not answer is not waited for any longer; it will crash or catch up. */
const PATIENCE_MS = 10_000;

/** What a worker answers. */
export type Done = Pick<Extract<FromWorker, { kind: "done" }>, "problem" | "forgotten">;

interface Open {
	readonly worker: number;
	readonly settle: (done: Done) => void;
}

export class Tickets {
	readonly #open = new Map<number, Open>();
	#last = 0;

	/** `post` sends the question along with its ticket. Resolves with a problem when no answer comes. */
	ask(worker: number, post: (ticket: number) => void, patienceMs = PATIENCE_MS): Promise<Done> {
		const ticket = ++this.#last;
		return new Promise((resolve) => {
			const timer = setTimeout(
				() => this.settle(ticket, { problem: `worker ${worker} does not answer` }),
				patienceMs,
			);
			this.#open.set(ticket, {
				worker,
				settle: (done) => {
					clearTimeout(timer);
					resolve(done);
				},
			});
			post(ticket);
		});
	}

	settle(ticket: number, done: Done): void {
		const open = this.#open.get(ticket);
		this.#open.delete(ticket);
		open?.settle(done);
	}

	/** The worker answers nothing any more, which is nobody's problem. */
	gone(worker: number): void {
		for (const [ticket, open] of this.#open) if (open.worker === worker) this.settle(ticket, {});
	}
}
