/** The section `listen.tcp` of the configuration. */
import { z } from "zod";
import { duration, size } from "./text.ts";

export const tcp = z.strictObject({
	maxConnections: z
		.int()
		.min(1)
		.max(1_000_000)
		.default(4000)
		.describe(
			"TCP connections open at once, over all workers; more are closed at once. From 80 % on, those that have been idle the longest make room",
		),
	maxConnectionsPerClient: z
		.int()
		.min(1)
		.max(1_000_000)
		.default(100)
		.describe("TCP connections open at once from one IPv4 address, or one IPv6 network of 64 bits"),
	maxInFlight: z
		.int()
		.min(1)
		.max(10_000)
		.default(100)
		.describe("questions of one connection in flight before we stop reading from it"),
	maxHeld: size("64KiB", "4GiB")
		.default("16MiB")
		.describe(
			"bytes that the connections of one worker may hold together: answers that clients let lie, questions that have to wait. Above it whoever holds more than its share is closed",
		),
	firstByteTimeout: duration("100ms", "10m")
		.default("5s")
		.describe("how long a new connection may take until its first question is whole"),
	idleTimeout: duration("100ms", "1h")
		.default("10s")
		.describe("how long a connection with nothing in flight is kept (RFC 7766, section 6.2.3)"),
});
