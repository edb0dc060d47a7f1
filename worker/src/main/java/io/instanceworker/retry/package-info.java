/** Whether a failed job is tried again and when: pure, without a clock, a broker or a database. */
@NullMarked
package io.instanceworker.retry;

import org.jspecify.annotations.NullMarked;
