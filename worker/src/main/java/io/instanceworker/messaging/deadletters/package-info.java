/** The command {@code instancectl dead}, with which an operator lists, reads, replays and discards the messages in the dead queue. */
@NullMarked
package io.instanceworker.messaging.deadletters;

import org.jspecify.annotations.NullMarked;
