/** The types that all messages use: operations, error codes, states and the reference to an instance. */
@NullMarked
package io.instanceworker.contracts;

import org.jspecify.annotations.NullMarked;
