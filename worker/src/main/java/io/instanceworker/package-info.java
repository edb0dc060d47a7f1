/** The program: puts the parts together and starts them. */
@NullMarked
package io.instanceworker;

import org.jspecify.annotations.NullMarked;
