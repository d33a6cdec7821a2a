/** Names in parameters and fields. */
import { type Field, text } from "./field.ts";

/** How long a name can be when each octet is written as \DDD, or in another script. */
const MOST = 1020;

/** Whatever may be a domain: the desk brings it into its form, and says what is wrong with it. */
export function domainField(about: string): Field<string> {
	return text({
		about,
		most: MOST,
		must: "a domain name such as malware.example",
		example: "malware.example",
	});
}

export function memberField(about: string): Field<string> {
	return text({
		about,
		most: 63,
		pattern: "^[a-z0-9][a-z0-9._-]*$",
		must: "a member's name: 1 to 63 lower case letters, digits, dots, dashes or underscores, the first a letter or digit",
		example: "cert",
	});
}
