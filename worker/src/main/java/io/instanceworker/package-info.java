/** The application: creates the parts of the worker and starts them. */
@NullMarked
package io.instanceworker;

import org.jspecify.annotations.NullMarked;
