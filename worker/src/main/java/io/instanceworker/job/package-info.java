/** Runs one job: observes, decides, acts, verifies, and says what becomes of it. Knows no broker and no SQL. */
@NullMarked
package io.instanceworker.job;

import org.jspecify.annotations.NullMarked;
