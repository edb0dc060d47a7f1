/** Removes, from time to time, what crashes left on the servers. */
@NullMarked
package io.instanceworker.sweep;

import org.jspecify.annotations.NullMarked;
