/** The settings of the worker. All mistakes in them are reported at once. */
@NullMarked
package io.instanceworker.settings;

import org.jspecify.annotations.NullMarked;
