/** What a deployment sets, and the finding of every mistake in it at once. */
@NullMarked
package io.instanceworker.settings;

import org.jspecify.annotations.NullMarked;
