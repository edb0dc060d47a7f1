/** The connection pool that the engines share. */
@NullMarked
package io.instanceworker.pool;

import org.jspecify.annotations.NullMarked;
