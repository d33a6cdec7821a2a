/** Networks that no name of the public DNS leads to for a good reason. */

export const PRIVATE_NETWORKS = [
	// This network (RFC 791, section 3.2): many systems take 0.0.0.0 for themselves.
	"0.0.0.0/8",
	// RFC 1918.
	"10.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
	// Shared between a provider and its customers (RFC 6598, section 5).
	"100.64.0.0/10",
	// Loopback (RFC 1122, section 3.2.1.3) and link-local (RFC 3927).
	"127.0.0.0/8",
	"169.254.0.0/16",
	// Unspecified, loopback, unique local and link-local (RFC 4291, RFC 4193).
	"::/128",
	"::1/128",
	"fc00::/7",
	"fe80::/10",
] as const;
