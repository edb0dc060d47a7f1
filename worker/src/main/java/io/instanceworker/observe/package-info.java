/** Metrics and health. */
@NullMarked
package io.instanceworker.observe;

import org.jspecify.annotations.NullMarked;
