/** What {@code deploy/local/demo} runs: the main job on real servers, shown as it happens, with every answer checked. */
@NullMarked
package io.instanceworker.demo;

import org.jspecify.annotations.NullMarked;
