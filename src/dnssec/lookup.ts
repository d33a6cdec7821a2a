/** Our own questions to the upstreams: the keys of zones, and what their parents say of them. */
import { Inquiry, type Waiting } from "../upstream/inquiry.ts";
import { RCODE, TYPE } from "../wire/codes.ts";
import { DomainName } from "../wire/name.ts";
import type { Response } from "../wire/response.ts";
import type { Name } from "./canonical-name.ts";
import { type RecordSet, readSets } from "./record-set.ts";

/** What takes inquiries upstream. */
export interface Outward {
	ask(inquiry: Inquiry): void;
}

export interface Reply {
	readonly rcode: number;
	readonly sets: readonly RecordSet[];
	/** Whether the answer is an alias. */
	readonly isAlias: boolean;
}

export class Lookup implements Waiting {
	readonly #inquiry = new Inquiry(this);
	readonly #outward: Outward;
	/** Opens a round of work, in which questions go out. */
	readonly #join: () => void;
	#settle: ((reply: Reply | number) => void) | undefined;

	constructor(outward: Outward, join: () => void, name: Name, type: number) {
		this.#outward = outward;
		this.#join = join;
		const own = new DomainName();
		own.assign(name);
		this.#inquiry.aim(own, type, true, true);
	}

	/** What an upstream says, or the info code that tells why none says anything. Once more: another one, if there is one. */
	ask(): Promise<Reply | number> {
		return new Promise((resolve) => {
			this.#settle = resolve;
			this.#join();
			askAgain(this.#outward, this.#inquiry);
		});
	}

	answered(response: Response): void {
		const { rcode } = response;
		const sets = rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN ? readSets(response) : undefined;
		if (sets === undefined) this.failed(NO_ANSWER);
		else {
			const isAlias = sets.some(({ type, isAnswer }) => isAnswer && type === TYPE.CNAME);
			this.#settle?.({ rcode, sets, isAlias });
		}
	}

	failed(ede: number): void {
		this.#settle?.(ede);
	}
}

/** Of an upstream that answers, but not this. */
const NO_ANSWER = 22;

/** Asks as if it were the first time, but of those that have been asked only when nobody else is left. */
export function askAgain(outward: Outward, inquiry: Inquiry): void {
	inquiry.byStream = false;
	inquiry.doubt = undefined;
	outward.ask(inquiry);
}
