/** What README.md beside this file tells of: the scenarios of behaviour/cache. */
import { playTopic } from "./script/topic.ts";

playTopic("cache");
