/** What README.md beside this file tells of: the scenarios of behaviour/blocking. */
import { playTopic } from "./script/topic.ts";

playTopic("blocking");
