/** URLs as messages and files may show them: passwords and keys of subscribers stay out of logs. */

const SECRET = "***";

/** The URL with its user, password and the values of its query hidden, and its fragment gone. */
export function maskedUrl(url: string): string {
	if (!URL.canParse(url)) return "an unreadable URL";
	const masked = new URL(url);
	const login = masked.username !== "" || masked.password !== "";
	masked.username = "";
	masked.password = "";
	masked.hash = "";
	const names = [...masked.searchParams.keys()].map(encodeURIComponent);
	masked.search = "";
	const query = names.length === 0 ? "" : `?${names.map((name) => `${name}=${SECRET}`).join("&")}`;
	const shown = `${masked.href}${query}`;
	return login ? shown.replace("://", `://${SECRET}@`) : shown;
}
