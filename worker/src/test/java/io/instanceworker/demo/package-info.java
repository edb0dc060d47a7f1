/** The servers of {@code deploy/local/demo}, and what is in their databases. */
@NullMarked
package io.instanceworker.demo;

import org.jspecify.annotations.NullMarked;
