/** The section `log.dnstap` of the configuration. */
import { z } from "zod";
import { parseDnstapAddress } from "./address.ts";
import { checkedText, size } from "./text.ts";
import { DNSTAP_MESSAGES, VIAS } from "./vocabulary.ts";

/** Frames carry both with every message. */
const ownWords = () => z.string().max(255).optional();

export const dnstap = z.strictObject({
	to: checkedText(
		(text) => text === "off" || parseDnstapAddress(text) !== undefined,
		"off, unix:/PATH of at most 107 bytes, or HOST:PORT",
	)
		.default("off")
		.describe(
			"off, or where a receiver of Frame Streams listens: a unix socket, or a host and port over TCP; it may come and go",
		),
	messages: z
		.array(z.enum(DNSTAP_MESSAGES))
		.min(1)
		.default([...DNSTAP_MESSAGES])
		.describe("what is sent: what clients ask and get, what upstreams are asked and answer"),
	only: z
		.array(z.enum(VIAS))
		.default([])
		.describe(
			"which responses to clients are sent, by where they came from, such as [blocked]; empty: all. Needs messages: [client-response], for no other message tells what becomes of it",
		),
	sample: z
		.int()
		.min(1)
		.max(1_000_000)
		.default(1)
		.describe("one exchange in so many is sent, query and response alike; 1: every one"),
	identity: ownWords().describe("who we are, in each message; the host name by default, empty: not told"),
	version: ownWords().describe(
		"what we are, in each message; cordon and its version by default, empty: not told",
	),
	buffer: size("256KiB", "1GiB")
		.default("4MiB")
		.describe(
			"bytes of messages that wait for a slow or absent receiver; beyond it they are dropped and counted",
		),
});
