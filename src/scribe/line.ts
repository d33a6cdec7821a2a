/** A line of text being put together as bytes, in memory that is used for the next one again. */

/** Of the longest line: what would go beyond it is left out by whoever writes it. */
const MOST_BYTES = 64 * 1024;
const ZERO = 0x30;
const HEX = new TextEncoder().encode("0123456789abcdef");

export class Line {
	readonly bytes = new Uint8Array(MOST_BYTES);
	length = 0;

	/** Bytes that there is still room for. */
	get room(): number {
		return MOST_BYTES - this.length;
	}

	byte(byte: number): void {
		this.bytes[this.length++] = byte;
	}

	put(bytes: Uint8Array): void {
		const { length } = bytes;
		for (let i = 0; i < length; i++) this.bytes[this.length + i] = bytes[i];
		this.length += length;
	}

	/** Text that is ASCII alone. */
	ascii(text: string): void {
		for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text.charCodeAt(i);
	}

	/** A whole number from 0 on, with zeros before it up to `digits`. */
	whole(value: number, digits = 1): void {
		let count = 1;
		for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) count++;
		count = Math.max(count, digits);
		let rest = value;
		for (let i = count - 1; i >= 0; i--) {
			this.bytes[this.length + i] = ZERO + (rest % 10);
			rest = Math.floor(rest / 10);
		}
		this.length += count;
	}

	/** A number from 0 on with at most three digits behind the point, and no zeros at its end. */
	decimal(value: number): void {
		const thousandths = Math.round(value * 1000);
		const fraction = thousandths % 1000;
		this.whole(Math.floor(thousandths / 1000));
		if (fraction === 0) return;
		this.byte(0x2e);
		this.whole(fraction, 3);
		while (this.bytes[this.length - 1] === ZERO) this.length--;
	}

	hex(byte: number): void {
		this.byte(HEX[byte >>> 4]);
		this.byte(HEX[byte & 15]);
	}
}
