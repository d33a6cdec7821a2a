/** What README.md beside this file tells of: the scenarios of behaviour/lists. */
import { playTopic } from "./script/topic.ts";

playTopic("lists");
