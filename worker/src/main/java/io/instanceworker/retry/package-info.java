/** Whether and when a failed job is tried again. Pure functions, without a clock, a broker or a database. */
@NullMarked
package io.instanceworker.retry;

import org.jspecify.annotations.NullMarked;
