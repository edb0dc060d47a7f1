/** Which server and which provisioner a job is for, what a database may be called, and how a server that is down is spared. */
@NullMarked
package io.instanceworker.provision;

import org.jspecify.annotations.NullMarked;
