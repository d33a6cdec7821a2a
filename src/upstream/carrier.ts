/** What moves inquiries to one upstream and its replies back. */
import type { Inquiry } from "./inquiry.ts";

export interface Carrier {
	/** Gives it an id and sends it, at the latest at the next `flush`. */
	send(inquiry: Inquiry): void;
	/** Its answer is no longer wanted. */
	forget(inquiry: Inquiry): void;
	flush(): void;
	close(): void;
}

export interface CarrierEvents {
	/** A message with the id of this inquiry, from the right address. The carrier forgets it only when told to. */
	received(inquiry: Inquiry, message: Uint8Array, start: number, end: number): void;
	/** The network refused; the carrier has forgotten it already. */
	refused(inquiry: Inquiry): void;
	/** A message to the socket of this inquiry with its question, but under another id. */
	mistaken(inquiry: Inquiry): void;
	/** A message that belongs to no inquiry. */
	stranger(): void;
}
