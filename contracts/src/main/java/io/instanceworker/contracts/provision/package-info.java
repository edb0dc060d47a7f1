/**
 * The interface for plugins: what a database engine must implement so that the worker can provision instances on it.
 *
 * <p>An engine is a jar with an {@link io.instanceworker.contracts.provision.InstanceProvisionerFactory} named in
 * {@code META-INF/services}. The worker decides what is done to which database. An engine does it.
 */
@NullMarked
package io.instanceworker.contracts.provision;

import org.jspecify.annotations.NullMarked;
