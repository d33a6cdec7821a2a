/** The inquiries under way on one socket of Node's, by the ids that their replies will bear. */
import { matchQuestion } from "../wire/match.ts";
import { wordAt } from "../wire/word.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import type { Channel, Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";

export class InFlight {
	readonly #inquiries = new Map<number, Inquiry>();

	get isEmpty(): boolean {
		return this.#inquiries.size === 0;
	}

	/** Gives the inquiry an id that no other has here. */
	enlist(inquiry: Inquiry, carrier: Carrier, channel: Channel, random: RandomNumbers): void {
		let id = random.word();
		while (this.#inquiries.has(id)) id = random.word();
		inquiry.board(carrier, channel, id);
		this.#inquiries.set(id, inquiry);
	}

	forget(inquiry: Inquiry): void {
		this.#inquiries.delete(inquiry.id);
	}

	/** Hands a message to the inquiry that it answers. */
	receive(message: Uint8Array, events: CarrierEvents): void {
		const inquiry = message.length < 2 ? undefined : this.#inquiries.get(wordAt(message, 0));
		if (inquiry === undefined) this.#receiveMistaken(message, events);
		else events.received(inquiry, message, 0, message.length);
	}

	#receiveMistaken(message: Uint8Array, events: CarrierEvents): void {
		for (const inquiry of this.#inquiries.values()) {
			if (matchQuestion(message, 0, message.length, inquiry.packet, inquiry.questionEnd) < 0) continue;
			events.mistaken(inquiry);
			return;
		}
		events.stranger();
	}

	/** The socket is gone, and with it all that was under way. */
	refuse(events: CarrierEvents): void {
		const inquiries = Array.from(this.#inquiries.values());
		this.#inquiries.clear();
		for (const inquiry of inquiries) {
			inquiry.leave();
			events.refused(inquiry);
		}
	}
}
