/** What README.md beside this file tells of: the scenarios of behaviour/special. */
import { playTopic } from "./script/topic.ts";

playTopic("special");
