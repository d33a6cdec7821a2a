/** One question whose answer is validated before anybody gets it. */
import type { Inquiry, Waiting } from "../upstream/inquiry.ts";
import { EDE, FLAG, RCODE, TYPE } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";

/** What a validation needs of the validator. */
export interface Workshop {
	/** Takes an answer in: sooner or later `validation` is told what came of it. */
	take(validation: Validation, response: Response): void;
	askAgain(inquiry: Inquiry): void;
	/** An answer goes out that nothing can be said of. */
	passed(): void;
}

export class Validation implements Waiting {
	readonly inquiry: Inquiry;
	/** Who waits for the answer. */
	readonly #final: Waiting;
	readonly #workshop: Workshop;
	/** The client wants to check by itself. */
	readonly #isUnwanted: boolean;
	/** Why the first answer did not hold, while another upstream is asked. */
	#refused: number = EDE.NONE;

	constructor(workshop: Workshop, inquiry: Inquiry) {
		this.#workshop = workshop;
		this.inquiry = inquiry;
		this.#final = inquiry.waiting;
		this.#isUnwanted = inquiry.checkingDisabled;
		inquiry.waiting = this;
		// What does not hold must come here to be seen, even from an upstream that validates (RFC 6840, section 5.9).
		if (!this.#isUnwanted) inquiry.wantProof();
	}

	answered(response: Response): void {
		this.inquiry.waiting = this.#final;
		const isAnswer = response.rcode === RCODE.NOERROR || response.rcode === RCODE.NXDOMAIN;
		if (!isAnswer || this.#isUnwanted) this.give(response, false);
		else if (this.inquiry.type === TYPE.RRSIG) {
			// Nobody signs signatures (RFC 4035, section 2.2).
			this.#workshop.passed();
			this.give(response, false);
		} else this.#workshop.take(this, response);
	}

	failed(ede: number): void {
		this.inquiry.waiting = this.#final;
		this.#final.failed(this.#refused === EDE.NONE ? ede : this.#refused);
	}

	/** Asks another upstream, once, for this one's answer does not hold. */
	repeat(ede: number): boolean {
		if (this.#refused !== EDE.NONE) return false;
		this.#refused = ede;
		this.inquiry.waiting = this;
		this.#workshop.askAgain(this.inquiry);
		return true;
	}

	/** Lets an answer out. What the upstream says of its authenticity counts for nothing. */
	give(response: Response, isAuthentic: boolean): void {
		response.flags = (response.flags & ~FLAG.AD) | (isAuthentic ? FLAG.AD : 0);
		// In its bytes as well, for it may be read anew.
		response.message[response.start + 3] = response.flags & 0xff;
		this.#final.answered(response);
	}
}
