/** What of the section `listen` is about EDNS and about who we are. */
import { z } from "zod";

/** As long as fits every reply: LONGEST_NSID. */
const id = z.string().regex(/^[\x20-\x7e]{1,64}$/, "must be 1 to 64 printable ASCII characters");

export const cookies = z.strictObject({
	enabled: z
		.boolean()
		.default(true)
		.describe("whether clients that send a cookie get one back (RFC 7873, 9018)"),
	required: z
		.boolean()
		.default(false)
		.describe(
			"over UDP, clients that speak cookies get BADCOOKIE and a cookie, and an answer once they send it; those that send none are answered as always",
		),
	secretFile: z
		.string()
		.min(1)
		.optional()
		.describe(
			"a file with 32 hexadecimal digits, the same on all nodes behind one address (openssl rand -hex 16); without it each start draws a secret of its own",
		),
	previousSecretFile: z
		.string()
		.min(1)
		.optional()
		.describe("a second such file: cookies made with it are taken too, while the secret is replaced"),
});

export const identity = z.strictObject({
	server: z
		.union([z.literal(false), id])
		.default(false)
		.describe("the answer to TXT id.server and hostname.bind in class CH; false: REFUSED (RFC 4892)"),
	version: z
		.union([z.literal(false), id])
		.default(false)
		.describe("the answer to TXT version.server and version.bind in class CH; false: REFUSED"),
	nsid: z
		.union([z.boolean(), id])
		.default(false)
		.describe(
			"what clients that ask for the name server's id get (RFC 5001); true: what server says, else the machine's host name",
		),
});

export const any = z
	.enum(["minimal", "forward"])
	.default("minimal")
	.describe(
		"questions of type ANY for names that are not blocked; minimal: one HINFO record that says so (RFC 8482); forward: upstream answers",
	);
