/** Removes, from time to time, the databases that crashes have left unfinished on the servers. */
@NullMarked
package io.instanceworker.sweep;

import org.jspecify.annotations.NullMarked;
