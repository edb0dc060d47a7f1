/** The command by which an operator lists, reads, replays and discards what is in the dead queue. */
@NullMarked
package io.instanceworker.messaging.deadletters;

import org.jspecify.annotations.NullMarked;
