/** Finds the server and the provisioner of a job, has the rules for database names, and the circuit of each server. */
@NullMarked
package io.instanceworker.provision;

import org.jspecify.annotations.NullMarked;
