/** Runs one job: observes, decides, acts, verifies, and returns what to do with its message. Knows no broker and no SQL. */
@NullMarked
package io.instanceworker.job;

import org.jspecify.annotations.NullMarked;
