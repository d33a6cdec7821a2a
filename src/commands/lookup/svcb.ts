/** The parameters of SVCB and HTTPS records (RFC 9460, section 2.1 and appendix A). */
import { formatAddress } from "./address.ts";
import { formatText } from "./name.ts";

const KEYS: Readonly<Record<number, string>> = {
	0: "mandatory",
	1: "alpn",
	2: "no-default-alpn",
	3: "port",
	4: "ipv4hint",
	5: "ech",
	6: "ipv6hint",
	7: "dohpath",
	8: "ohttp",
};

function keyName(key: number): string {
	return KEYS[key] ?? `key${key}`;
}

function addresses(value: Buffer, bytes: 4 | 16): string {
	if (value.length === 0 || value.length % bytes !== 0)
		throw new RangeError("address hint of a wrong length");
	const all: string[] = [];
	for (let at = 0; at < value.length; at += bytes) {
		all.push(formatAddress(value.subarray(at, at + bytes)));
	}
	return all.join(",");
}

/** Commas and backslashes inside one protocol are escaped once for the list, and again by the quotes. */
function alpn(value: Buffer): string {
	const ids: string[] = [];
	for (let at = 0; at < value.length; ) {
		const length = value.readUInt8(at);
		if (length === 0 || at + 1 + length > value.length) throw new RangeError("alpn of a wrong length");
		ids.push(value.toString("latin1", at + 1, at + 1 + length).replace(/[\\,]/g, "\\$&"));
		at += 1 + length;
	}
	return formatText(Buffer.from(ids.join(","), "latin1"));
}

function mandatory(value: Buffer): string {
	if (value.length === 0 || value.length % 2 !== 0) throw new RangeError("mandatory of a wrong length");
	return Array.from({ length: value.length / 2 }, (_, i) => keyName(value.readUInt16BE(i * 2))).join(",");
}

function port(value: Buffer): string {
	if (value.length !== 2) throw new RangeError("port of a wrong length");
	return String(value.readUInt16BE());
}

function formatValue(key: number, value: Buffer): string | undefined {
	switch (keyName(key)) {
		case "mandatory":
			return mandatory(value);
		case "alpn":
			return alpn(value);
		case "port":
			return port(value);
		case "ipv4hint":
			return addresses(value, 4);
		case "ipv6hint":
			return addresses(value, 16);
		case "ech":
			return value.toString("base64");
		default:
			return value.length === 0 ? undefined : formatText(value);
	}
}

/** Parameters as `alpn="h2" port=8443`; throws a RangeError when they do not fit their own lengths. */
export function formatParams(bytes: Buffer): string {
	const params: string[] = [];
	for (let at = 0; at < bytes.length; ) {
		const key = bytes.readUInt16BE(at);
		const length = bytes.readUInt16BE(at + 2);
		if (at + 4 + length > bytes.length) throw new RangeError("parameter runs out of the record");
		const value = formatValue(key, bytes.subarray(at + 4, at + 4 + length));
		params.push(value === undefined ? keyName(key) : `${keyName(key)}=${value}`);
		at += 4 + length;
	}
	return params.join(" ");
}
