/** What README.md beside this file tells of: the scenarios of behaviour/access. */
import { playTopic } from "./script/topic.ts";

playTopic("access");
