/** The words that configuration and program share. Nothing here needs the schema, which is large. */

export const LIST_FORMATS = ["hosts", "domains", "adblock", "dnsmasq", "unbound", "rpz"] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

export const CATEGORIES = ["malware", "phishing", "c2", "botnet", "fraud", "ads", "legal", "other"] as const;

/** The name of list 0: `blocking.allow` and `blocking.deny`. The configured lists follow as 1, 2, … */
export const CONFIG_LIST = "config";
